"""What the applicant does in a case: answer its task, withdraw, ask for reconsideration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Invalid
from engine.domain.views import CaseView, DocumentView, MissingPaper, TaskPage
from engine.domain.words import Words
from engine.services import cases, documents, tasks
from web import auth, forms
from web.locale import language
from web.office import current_office
from web.pages import follow_up
from web.pages.enterprise import receive
from web.problems import fields_of, sentence

blueprint = Blueprint("applicant", __name__, url_prefix="/my/cases/<number>")
blueprint.before_request(auth.enterprise_only)

#: A paper that the procedure does not list is kept as this.
OTHER = "other"
FEWEST, MOST = 5, 2000  # characters of the grounds of a reconsideration


@dataclass(frozen=True, slots=True)
class Missing:
    """One paper asked for: why, in which form, and what was handed in since."""

    key: str
    title: Words
    reason: str
    form: str
    given: tuple[DocumentView, ...]


@blueprint.get("/tasks/<uuid:task_id>")
def task(number: str, task_id: UUID) -> str | Response:
    found = _task(number, task_id)
    if found.task.state not in {"ready", "claimed"}:
        return redirect(url_for("enterprise.case", number=number))
    return _page(found, found.answers, {})


@blueprint.post("/tasks/<uuid:task_id>")
def answer(number: str, task_id: UUID) -> str | Response | tuple[str, int]:
    office, actor = current_office(), auth.current_actor()
    found = _task(number, task_id)
    answers = forms.parse_form(found.form, request.form)
    if request.form.get("then") == "later":
        tasks.save_draft(office, actor, task_id, answers, now=g.now)
        flash(_("已存好，还没有提交。请在期限内回来提交。"), "ok")
        return redirect(url_for("enterprise.case", number=number))
    errors = forms.validate(found.form, answers, language=language())
    if errors:
        return _page(found, answers, errors), 422
    try:
        tasks.complete(office, actor, task_id, answers, now=g.now)
    except Invalid as error:
        return _page(found, answers, fields_of(error) or {"": sentence(error)}), 422
    flash(_("已提交：%(title)s", title=found.task.title.within(language())), "ok")
    return redirect(url_for("enterprise.case", number=number))


@blueprint.post("/tasks/<uuid:task_id>/papers/<paper>")
def attach(number: str, task_id: UUID, paper: str) -> Response:
    back = url_for(".task", number=number, task_id=task_id, _anchor=f"paper-{paper}")
    return receive(lambda name, content: _keep(number, paper, name, content), back)


blueprint.add_url_rule("/follow-ups/<key>", "follow_up", follow_up.show)
blueprint.add_url_rule("/follow-ups/<key>", "follow_up_act", follow_up.begin, methods=["POST"])


@blueprint.get("/withdraw")
def withdraw(number: str) -> str:
    return render_template(
        "enterprise/withdraw.html", case=_may(number, "withdraw"), problem="", reason=""
    )


@blueprint.post("/withdraw")
def confirm_withdrawal(number: str) -> str | Response | tuple[str, int]:
    reason = request.form.get("reason", "").strip()
    if request.form.get("confirmed") != "true":
        told = _("请勾选：我确认撤回")
        return render_template(
            "enterprise/withdraw.html", case=_may(number, "withdraw"), problem=told, reason=reason
        ), 422
    cases.withdraw(current_office(), auth.current_actor(), number, reason=reason, now=g.now)
    flash(_("已撤回。以后可以重新申请。"), "ok")
    return redirect(url_for("enterprise.case", number=number))


@blueprint.get("/reconsider")
def reconsider(number: str) -> str:
    found = _may(number, "reconsider")
    return render_template(
        "enterprise/reconsider.html", case=found, problem="", grounds="", most=MOST
    )


@blueprint.post("/reconsider")
def ask_reconsideration(number: str) -> str | Response | tuple[str, int]:
    found = _may(number, "reconsider")
    grounds = request.form.get("grounds", "").strip()
    problem = _problem_of(grounds)
    if problem:
        return render_template(
            "enterprise/reconsider.html", case=found, problem=problem, grounds=grounds, most=MOST
        ), 422
    for file in request.files.getlist("file"):
        if file.filename:
            _keep(number, OTHER, file.filename, file.read())
    office, actor, sent = current_office(), auth.current_actor(), {"grounds": grounds}
    cases.message(office, actor, number, "reconsideration_request", sent, now=g.now)
    flash(_("复核申请已提交，由另一位工作人员复核。"), "ok")
    return redirect(url_for("enterprise.case", number=number))


def _keep(number: str, kind: str, name: str, content: bytes) -> object:
    office, actor = current_office(), auth.current_actor()
    return documents.attach(office, actor, number, kind, name, content, now=g.now)


def _problem_of(grounds: str) -> str:
    if len(grounds) < FEWEST:
        return str(_("请写明不服的理由，至少 %(n)s 个字", n=FEWEST))
    return str(_("最多 %(n)s 个字", n=MOST)) if len(grounds) > MOST else ""


def _may(number: str, action: str) -> CaseView:
    """The case, when the applicant may do this to it now; else back with a word why not."""
    found = cases.get(current_office(), auth.current_actor(), number, now=g.now)
    if action not in found.actions:
        flash(_("这一件现在不能这样办：也许已经作出决定，或者期限已过。"), "warn")
        abort(redirect(url_for("enterprise.case", number=number)))
    return found


def _task(number: str, task_id: UUID) -> TaskPage:
    found = tasks.get(current_office(), auth.current_actor(), task_id, now=g.now)
    return found if found.case.number == number else abort(404)


def _page(found: TaskPage, answers: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    asked = forms.questions(found.form, answers, errors, language=language())
    general = [("", errors[""])] if "" in errors else []
    return render_template(
        "enterprise/task.html",
        task=found.task,
        case=found.case,
        questions=asked,
        problems=[*forms.problems_of(asked), *general],
        submit=forms.submit_label(found.form),
        intro=forms.intro(found.form),
        missing=missing_papers(found),
    )


def missing_papers(found: TaskPage) -> list[Missing]:
    """What the correction request asked for, each with what was given for it since."""
    return [_missing(asked, found) for asked in found.missing]


def _missing(asked: MissingPaper, found: TaskPage) -> Missing:
    key = asked.paper or OTHER
    return Missing(
        key=key,
        title=asked.title,
        reason=asked.reason,
        form=asked.form,
        given=tuple(
            document
            for document in found.case.documents
            if document.kind == key and document.uploaded_at >= found.task.created_at
        ),
    )
