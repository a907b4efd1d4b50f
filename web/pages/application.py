"""The guided application: one thing a page, save and return, check, submit, confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import AlreadyFiled, AlreadyOpen, Invalid
from engine.domain.views import DraftView, PaperView
from engine.domain.words import Words
from engine.services import applications, cases, procedures
from web import auth, forms
from web.ids import read_id
from web.locale import language
from web.office import current_office
from web.pages.enterprise import receive
from web.problems import sentence

blueprint = Blueprint("application", __name__, url_prefix="/my/apply")
blueprint.before_request(auth.enterprise_only)

PAPERS, CHECK = "papers", "check"
#: The promise is made last, when everything else is said.
PROMISE = "commitment"


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the application: of the form, the papers, or the check at the end."""

    key: str
    title: Words
    fields: tuple[str, ...] = ()


@blueprint.post("")
def start() -> Response:
    chosen = [read_id(record) for record in request.form.getlist("record")]
    try:
        draft = applications.start(
            current_office(),
            auth.current_actor(),
            request.form.get("procedure", ""),
            chosen,
            now=g.now,
        )
    except AlreadyOpen as open_case:
        flash(sentence(open_case), "ok")
        return redirect(url_for("enterprise.case", number=open_case.case_number))
    return redirect(url_for(".resume", draft_id=draft))


@blueprint.get("/<uuid:draft_id>")
def resume(draft_id: UUID) -> Response:
    """Go on where something is still missing."""
    draft = _draft(draft_id)
    unfinished = (step.key for step in steps(draft) if problems_of_step(draft, step))
    return redirect(url_for(".page", draft_id=draft_id, key=next(unfinished, CHECK)))


@blueprint.get("/<uuid:draft_id>/<key>")
def page(draft_id: UUID, key: str) -> str:
    draft = _draft(draft_id)
    step = _step(draft, key)
    if key == CHECK:
        return _check(draft)
    if key == PAPERS:
        return _papers(draft, step)
    return _questions(draft, step, {**prefilled(draft), **draft.answers}, {})


@blueprint.post("/<uuid:draft_id>/<key>")
def save(draft_id: UUID, key: str) -> str | Response | tuple[str, int]:
    draft = _draft(draft_id)
    step = _step(draft, key)
    if step.fields:
        answers = forms.parse_form(draft.form, request.form, only=step.fields, keep_empty=True)
        together = {**draft.answers, **answers}
        errors = _wrong(draft, together, step)
        later = request.form.get("then") == "later"
        if errors and not later:
            return _questions(draft, step, together, errors), 422
        actor = auth.current_actor()
        applications.save(
            current_office(), actor, draft_id, answers, now=g.now, is_finished=not later
        )
    return redirect(_next(draft, key))


def _wrong(draft: DraftView, answers: Mapping[str, Any], step: Step) -> dict[str, str]:
    today = current_office().calendar().local_date(g.now)
    return forms.validate(draft.form, answers, language=language(), only=step.fields, today=today)


@blueprint.post("/<uuid:draft_id>/papers/<paper>")
def attach(draft_id: UUID, paper: str) -> Response:
    office, actor = current_office(), auth.current_actor()

    def keep(name: str, content: bytes) -> object:
        return applications.attach(office, actor, draft_id, paper, name, content, now=g.now)

    anchor = f"paper-{paper}"
    back = url_for(".page", draft_id=draft_id, key=PAPERS, _anchor=anchor, **_change())
    return receive(keep, back)


@blueprint.post("/<uuid:draft_id>/papers/remove/<uuid:document_id>")
def detach(draft_id: UUID, document_id: UUID) -> Response:
    applications.detach(current_office(), auth.current_actor(), draft_id, document_id, now=g.now)
    flash(_("已移除。"), "ok")
    return redirect(url_for(".page", draft_id=draft_id, key=PAPERS, **_change()))


@blueprint.post("/<uuid:draft_id>/submit")
def submit(draft_id: UUID) -> str | Response | tuple[str, int]:
    try:
        filed = applications.submit(current_office(), auth.current_actor(), draft_id, now=g.now)
    except Invalid as error:
        return _check(_draft(draft_id), refused=error), 422
    except AlreadyOpen as open_case:
        flash(sentence(open_case), "ok")
        return redirect(url_for("enterprise.case", number=open_case.case_number))
    return redirect(url_for(".done", number=filed.number))


@blueprint.errorhandler(AlreadyFiled)
def _is_filed(refusal: AlreadyFiled) -> Response:
    """Pressed twice, or come back to: on to what the first press has brought."""
    return redirect(url_for(".done", number=refusal.case_number))


@blueprint.post("/<uuid:draft_id>/discard")
def discard(draft_id: UUID) -> Response:
    applications.discard(current_office(), auth.current_actor(), draft_id, now=g.now)
    flash(_("草稿已删除，没有提交任何东西。"), "ok")
    return redirect(url_for("enterprise.home"))


@blueprint.get("/done/<number>")
def done(number: str) -> str:
    office, actor = current_office(), auth.current_actor()
    found = cases.get(office, actor, number, now=g.now)
    open_ones = procedures.open_procedures(office, actor, now=g.now)
    promised = next((one.promised_days for one in open_ones if one.key == found.procedure), None)
    return render_template("enterprise/done.html", case=found, promised=promised)


def steps(draft: DraftView) -> tuple[Step, ...]:
    """The pages in order: the form's own, the papers, the promise, the check."""
    asked = [Step(page.key, page.title, page.fields) for page in forms.pages(draft.form)]
    first = [step for step in asked if step.key != PROMISE]
    last = [step for step in asked if step.key == PROMISE]
    papers = [Step(PAPERS, Words("材料", "Papers"))] if draft.papers else []
    return (*first, *papers, *last, Step(CHECK, Words("提交前核对", "Check your answers")))


def own_papers(draft: DraftView) -> list[PaperView]:
    """Papers to upload; one that is a promise of the form as well is signed online."""
    questions = draft.form.get("properties", {})
    return [
        paper
        for paper in draft.papers
        if paper.source == "applicant" and questions.get(paper.key, {}).get("type") != "boolean"
    ]


def problems_of_step(draft: DraftView, step: Step) -> dict[str, str]:
    """What still keeps this page from being finished: field or paper -> sentence."""
    if step.key == PAPERS:
        return {
            paper.key: _("还缺：%(paper)s", paper=paper.title.within(language()))
            for paper in own_papers(draft)
            if paper.required and not (paper.documents or paper.certificate)
        }
    if not step.fields:
        return {}
    return _wrong(draft, draft.answers, step)


def _draft(draft_id: UUID) -> DraftView:
    return applications.get(current_office(), auth.current_actor(), draft_id, now=g.now)


def _step(draft: DraftView, key: str) -> Step:
    return next((step for step in steps(draft) if step.key == key), None) or abort(404)


def _next(draft: DraftView, key: str) -> str:
    """Where to go from here: home when saved for later, back to the check, or on."""
    if request.form.get("then") == "later":
        flash(_("草稿已存好，随时可以接着填。"), "ok")
        return url_for("enterprise.home")
    keys = [step.key for step in steps(draft)]
    onward = CHECK if "change" in request.args else keys[keys.index(key) + 1]
    return url_for(".page", draft_id=draft.id, key=onward)


def _change() -> dict[str, Any]:
    return {"change": "1"} if "change" in request.args else {}


def _frame(draft: DraftView, step: Step) -> dict[str, object]:
    """What stands around every page: which step of how many, and the way back."""
    keys = [one.key for one in steps(draft)]
    place = keys.index(step.key)
    back = CHECK if "change" in request.args else keys[place - 1] if place else None
    return {
        "draft": draft,
        "step": step,
        "place": place + 1,
        "places": len(keys),
        "back": url_for(".page", draft_id=draft.id, key=back) if back else None,
        "change": _change(),
    }


def prefilled(draft: DraftView) -> dict[str, Any]:
    """What the office knows already (`x-prefill` names where it stands)."""
    sources: dict[str, object] = {"actor": auth.current_actor(), "subject": draft.subject}
    found: dict[str, Any] = {}
    for name, question in draft.form.get("properties", {}).items():
        source, _dot, attribute = question.get("x-prefill", "").partition(".")
        value = getattr(sources.get(source), attribute or "_", None)
        if value:
            found[name] = value
    return found


def _known(draft: DraftView, answers: Mapping[str, Any]) -> set[str]:
    """Questions whose answer is still the one that the system gave."""
    return {name for name, value in prefilled(draft).items() if answers.get(name) == value}


def _questions(
    draft: DraftView, step: Step, answers: Mapping[str, Any], errors: dict[str, str]
) -> str:
    asked = forms.questions(
        draft.form,
        answers,
        errors,
        language=language(),
        only=step.fields,
        known=_known(draft, answers),
    )
    return render_template("enterprise/apply.html", questions=asked, **_frame(draft, step))


def _papers(draft: DraftView, step: Step) -> str:
    missing = problems_of_step(draft, step)
    return render_template(
        "enterprise/papers.html", missing=missing, own=own_papers(draft), **_frame(draft, step)
    )


def _check(draft: DraftView, refused: Invalid | None = None) -> str:
    """Everything said, page by page, with what is still open on top."""
    known = _known(draft, draft.answers)
    parts = [
        (
            step,
            forms.questions(
                draft.form, draft.answers, language=language(), only=step.fields, known=known
            ),
        )
        for step in steps(draft)
        if step.fields
    ]
    open_ends = [
        (step, told) for step in steps(draft) for told in problems_of_step(draft, step).values()
    ]
    return render_template(
        "enterprise/check.html",
        parts=parts,
        own=own_papers(draft),
        open_ends=open_ends,
        refusal=sentence(refused) if refused else "",
        submit=forms.submit_label(draft.form),
        **_frame(draft, steps(draft)[-1]),
    )
