"""The enterprise's own pages: what it has under way, its records, one case."""

from collections.abc import Callable, Iterable
from datetime import date
from http import HTTPStatus

from flask import Blueprint, abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.clock import Whose
from engine.domain.errors import EngineError, NotFound, NotPermitted
from engine.domain.record import Publication
from engine.domain.views import CaseView, RecordEventView, RecordView, TaskView
from engine.services import (
    applications,
    cases,
    documents,
    inquiries,
    procedures,
    records,
    site_lists,
    tasks,
)
from web import auth, forms
from web.locale import language, words
from web.office import current_office
from web.problems import sentence

#: What a record's page offers when the reader did not come by a service's link.
DEFAULT_PROCEDURE = "credit_repair"

#: What eligibility says of a record with which the procedure has nothing to do.
OTHER = "other_kind"
NEARNESS = (
    "eligible",
    "repair_pending",
    "objection_pending",
    "objection_first",
    "not_yet",
    "never",
)

blueprint = Blueprint("enterprise", __name__, url_prefix="/my")
blueprint.before_request(auth.enterprise_only)


@blueprint.get("")
def home() -> str:
    office, actor = current_office(), auth.current_actor()
    turns = tasks.inbox(office, actor, scope="group", now=g.now).items
    return render_template(
        "enterprise/home.html",
        turns=turns,
        cases=cases.find(office, actor, now=g.now, cursor=request.args.get("cursor")),
        drafts=applications.mine(office, actor, now=g.now),
        records=_records(),
    )


@blueprint.get("/records", endpoint="records")
def records_page() -> str:
    """Each record with what a procedure that is open today can do for it."""
    office, actor = current_office(), auth.current_actor()
    key = request.args.get("procedure", DEFAULT_PROCEDURE)
    offered = procedures.open_procedures(office, actor, now=g.now)
    chosen = next((each for each in offered if each.key == key), None) or abort(404)
    drafts = [d for d in applications.mine(office, actor, now=g.now) if d.procedure == key]
    return render_template(
        "enterprise/records.html",
        records=sorted(_records(key), key=_by_nearness) if chosen.takes_records else [],
        procedure=chosen,
        others=[each for each in offered if each.key != key],
        drafts={record.id: draft.id for draft in drafts for record in draft.records},
    )


@blueprint.get("/cases/<number>")
def case(number: str) -> str:
    found = cases.get(current_office(), auth.current_actor(), number, now=g.now)
    turns = turns_of(found)
    asked = next((each for each in turns if each.element_id == "rate"), None)
    return render_template(
        "enterprise/case.html",
        case=found,
        turns=[each for each in turns if each is not asked],
        asked=asked,
        rating=_asked(asked) if asked else None,
        removals=list(_removals(found)) if found.outcome or _is_down_for_now(found) else [],
        taken_down=TAKEN_DOWN,
        sites=site_lists.of_case(current_office(), auth.current_actor(), number, now=g.now),
        inquiries=inquiries.of_case(current_office(), auth.current_actor(), number),
    )


@blueprint.post("/cases/<number>/documents")
def attach(number: str) -> Response:
    """A paper added to a case by the applicant, outside any task."""
    office, actor, kind = current_office(), auth.current_actor(), request.form.get("kind", "other")

    def keep(name: str, content: bytes) -> object:
        return documents.attach(office, actor, number, kind, name, content, now=g.now)

    return receive(keep, url_for(".case", number=number, _anchor="papers"))


def turns_of(found: CaseView) -> list[TaskView]:
    """What is open for the applicant to do."""
    return [
        task
        for task in found.tasks
        if task.whose == Whose.APPLICANT and task.state in {"ready", "claimed"}
    ]


def receive(keep: Callable[[str, bytes], object], back: str) -> Response:
    """Keep the files of this request and go back; a script gets its answer without a page."""
    files = [file for file in request.files.getlist("file") if file.filename]
    problem = "" if files else _("请先选择文件")
    for file in files:
        try:
            keep(str(file.filename), file.read())
        except (NotFound, NotPermitted):
            raise
        except EngineError as error:
            problem = sentence(error)
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(problem=problem)
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.CREATED
        return response
    flash(*((problem, "err") if problem else (_("已收讫。"), "ok")))
    return redirect(back)


def _asked(task: TaskView) -> dict[str, object]:
    """The questions of a small form that stands on the case's page."""
    schema = tasks.form(current_office(), auth.current_actor(), task.id, now=g.now)
    return {
        "questions": forms.questions(schema, language=language()),
        "title": task.title,
        "submit": words(forms.submit_label(schema)),
    }


def _records(procedure: str = DEFAULT_PROCEDURE) -> tuple[RecordView, ...]:
    office, actor = current_office(), auth.current_actor()
    code = actor.subject or ""
    told = records.eligibility(office, actor, code, now=g.now, procedure=procedure)
    return tuple(each for each in told if each.eligibility and each.eligibility.outcome != OTHER)


#: Where a record stands that was shown and came down.
TAKEN_DOWN = {each.value for each in Publication} - {
    Publication.NOT_SHOWN.value,
    Publication.SHOWN.value,
    Publication.EXEMPT.value,
}


def _by_nearness(record: RecordView) -> tuple[int, date]:
    """What can be repaired today first, then the nearest day; what cannot be, last."""
    told = record.eligibility
    place = NEARNESS.index(told.outcome) if told and told.outcome in NEARNESS else len(NEARNESS)
    return place, record.earliest_on or record.ends_on or date.max


def _is_down_for_now(found: CaseView) -> bool:
    return any(each.publication == Publication.TEMPORARILY_WITHDRAWN for each in found.records)


def _removals(found: CaseView) -> Iterable[tuple[RecordView, tuple[RecordEventView, ...]]]:
    """Each record of the case that came down, or was shown again, with what this case did to it,
    newest first."""
    for record in found.records:
        shown, events = records.get(current_office(), auth.current_actor(), record.id, now=g.now)
        own = tuple(
            event for event in events if event.case_number == found.number and event.axis != "flags"
        )
        if own or record.publication != Publication.SHOWN.value:
            yield shown, own
