"""A case as its readers see it, whole and as a row of a list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.domain.clock import Whose
from engine.domain.light import days_left, is_provisional, light_at
from engine.domain.record import Grade
from engine.domain.views import (
    CaseRow,
    CaseView,
    Contact,
    DocumentView,
    LetterView,
    PaperView,
    RecordView,
    SubjectView,
    TaskView,
)
from engine.domain.whose_time import days_of
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import stepper
from engine.runtime.procedure import Procedure, holds
from engine.services import access, case_clocks, deployed, follow_ups, rules, task_view, veils
from engine.services.case_reading import CaseReading
from engine.services.documents import document_view
from engine.services.office import Office
from engine.services.records import record_view
from engine.services.stepping import BESIDE

_PAPERS = (
    select(models.Paper)
    .where(models.Paper.case_id == bindparam("case"))
    .order_by(models.Paper.uploaded_at, models.Paper.id)
)
_LETTERS = (
    select(models.Letter)
    .where(models.Letter.case_id == bindparam("case"))
    .order_by(models.Letter.created_at.desc())
)
_RECORDS = select(models.Record).where(models.Record.id.in_(bindparam("ids", expanding=True)))
TAGS = {
    "epidemic_claimed": Words("称受疫情影响", "epidemic claimed"),
    "epidemic": Words("疫情专线", "epidemic line"),
    "deemed_acceptance": Words("视为受理", "deemed accepted"),
    "false_papers": Words("虚假材料", "false papers"),
    "broken_promise": Words("违反承诺", "broken promise"),
}


#: What a certificate is that is good no more.
ENDED = {"void": Words("已作废", "void"), "revoked": Words("已撤销", "revoked")}


followed_up = follow_ups.last_ended


def outcome_title(procedure: Procedure, outcome: str | None) -> Words | None:
    return procedure.outcome(outcome) if outcome else None


def whole(reading: CaseReading) -> CaseView:
    """Everything the reading's actor may see of the case."""
    case, procedure = reading.case, reading.procedure
    subject = reading.session.get_one(models.Subject, case.subject_code)
    documents = _documents(reading)
    return CaseView(
        number=case.number,
        query_code=case.query_code,
        procedure=case.procedure,
        procedure_title=procedure.title,
        edition=procedure.edition,
        version=deployed.version(reading.office, reading.session, case.definition_id),
        title=f"{procedure.title.zh}：{case.line}" if case.line else procedure.title.zh,
        subject=veils.subject(subject_view(subject, case.subject_name)),
        applicant_name=case.applicant_name,
        channel=case.channel,
        state=case.state,
        outcome=case.outcome,
        outcome_title=outcome_title(procedure, case.outcome),
        grade=case.grade,
        grade_title=Grade(case.grade).words if case.grade else None,
        tags=tuple(TAGS.get(tag, Words(tag)) for tag in case.tags),
        filed_at=case.filed_at,
        closed_at=case.closed_at,
        decide_by=reading.decide_by,
        stages=reading.stages(),
        waiting=reading.waiting(),
        clocks=reading.clocks(),
        whose_days=days_of(reading.whose_time, reading.calendar),
        tasks=_tasks(reading),
        records=_records(reading),
        papers=_papers(procedure, case, documents),
        documents=documents,
        letters=letters(reading),
        answers=veils.answers(case.answers),
        actions=_actions(reading) | case_clocks.actions(reading),
        whose_time=case_clocks.whose_time_view(reading.whose_time),
        extensions=case_clocks.extensions(reading),
        breaches=case_clocks.breaches(reading),
        follow_ups=follow_ups.offered(reading),
        follow_up=follow_ups.running(reading),
        followed_up=followed_up(reading),
        contact=_contact(reading),
    )


def _contact(reading: CaseReading) -> Contact:
    """Who is asked about the case: as its letters say."""
    directory, asked = reading.office.directory(), reading.procedure.letterhead.department
    return Contact(directory.department(asked) or Words(""), directory.phones.get(asked, ""))


def subject_view(row: models.Subject, name: str | None = None) -> SubjectView:
    return SubjectView(
        code=row.code,
        name=name or row.name,
        legal_representative=row.legal_representative,
        address=row.address,
        phone=row.phone,
    )


def _tasks(reading: CaseReading) -> tuple[TaskView, ...]:
    actor = reading.actor
    if actor is None:
        return ()
    return tuple(task_view.of_reading(reading, actor, task) for task in reading.tasks)


def _records(reading: CaseReading) -> tuple[RecordView, ...]:
    if not reading.case.record_ids:
        return ()
    wanted = {"ids": _uuids(reading.case.record_ids)}
    return tuple(record_view(row) for row in reading.session.scalars(_RECORDS, wanted))


def _uuids(texts: Sequence[str]) -> list[UUID]:
    return [UUID(text) for text in texts]


def _documents(reading: CaseReading) -> tuple[DocumentView, ...]:
    rows = reading.session.scalars(_PAPERS, {"case": reading.case.id})
    return tuple(document_view(row, reading.procedure) for row in rows)


def _papers(
    procedure: Procedure, case: models.Case, documents: tuple[DocumentView, ...]
) -> tuple[PaperView, ...]:
    """What the procedure asks for in this case, each with what was handed in for it."""
    asked = []
    for paper in procedure.papers:
        if case.grade and paper.grades and case.grade not in paper.grades:
            continue
        given = tuple(each for each in documents if each.kind == paper.key)
        needed = paper.when is None or holds(paper.when, case.answers)
        if given or (needed and paper.required):
            view = rules.paper_view(paper)
            number = case.facts.get("certificates_verified", {}).get(paper.key)
            asked.append(replace(view, documents=given, certificate=number))
    return tuple(asked)


def letters(reading: CaseReading) -> tuple[LetterView, ...]:
    """Letters of the case; an enterprise sees those that are served, and none between offices."""
    rows = reading.session.scalars(_LETTERS, {"case": reading.case.id}).all()
    own = reading.actor is None or reading.actor.is_enterprise
    views = (letter_view(row) for row in rows if not own or access.is_for_applicant(row))
    if not reading.procedure.follow_ups or reading.case.closed_at is None:
        return tuple(views)  # only what follows on a closed case makes a certificate void
    ended = _ended(reading)
    return tuple(replace(view, ended=ended.get(view.number)) for view in views)


def _ended(reading: CaseReading) -> dict[str, Words]:
    """Of the certificates of the case, those that are good no more: number -> what they are now."""
    row = models.Certificate
    asked = select(row.number, row.state).where(
        row.case_id == reading.case.id, row.state != "valid"
    )
    return {
        number: ENDED.get(state, ENDED["void"]) for number, state in reading.session.execute(asked)
    }


def letter_view(row: models.Letter) -> LetterView:
    return LetterView(
        id=row.id,
        key=row.key,
        number=row.number or "",
        title=Words(row.title, row.title_en),
        state=row.state,
        issued_at=row.issued_at,
        served_at=row.served_at,
        way=row.way,
        sha256=row.sha256,
        is_ready=row.sha256 is not None and row.erased_at is None,
        is_erased=row.erased_at is not None,
    )


def _actions(reading: CaseReading) -> frozenset[str]:
    """What the actor may do now with the case beyond its tasks."""
    actor, case = reading.actor, reading.case
    if actor is None:
        return frozenset()
    found: set[str] = set()
    own = actor.subject == case.subject_code
    mine = {t.element_id for t in reading.tasks if t.candidate_group == "applicant" and _open(t)}
    if own or "window" in actor.groups:
        found |= {"withdraw"} if awaits(reading, "withdrawal") else set()
    if own:
        found |= {"reconsider"} if awaits(reading, "reconsideration_request") else set()
        found |= {"supplement"} if "supplement" in mine else set()
        found |= {"rate"} if "rate" in mine else set()
    if case.state == "open" and (own or (actor.is_staff and not actor.only_reads)):
        found.add("attach")
    return frozenset(found)


def _open(task: models.Task) -> bool:
    return task.state in ("ready", "claimed")


def awaits(reading: CaseReading, message: str) -> bool:
    """Whether an instance of the case waits for a message now."""
    row = models.ProcessInstance
    found = select(row).where(row.case_id == reading.case.id, row.is_finished.is_(False))
    return any(
        stepper.waits_for(stepper.load(reading.procedure, each.process_id, each.state), message)
        for each in reading.session.scalars(found)
        if each.process_id not in BESIDE
    )


def case_row(
    office: Office, procedure: Procedure, case: models.Case, *, now: datetime, holder: Words | None
) -> CaseRow:
    """A case in a list; `holder`: who has it now, where that is known."""
    process_id, _, element_id = (case.step or ":").partition(":")
    element = procedure.drawings[process_id].elements[element_id] if element_id else None
    stage = next((s.title for s in procedure.stages if s.key == case.stage), Words(case.stage))
    is_open = case.state == "open"
    due_at = case.due_at if is_open else None
    is_paused = case.is_paused or (element is not None and element.whose == Whose.EXPERT.value)
    return CaseRow(
        number=case.number,
        procedure=case.procedure,
        procedure_title=procedure.title,
        title=case.line,
        subject_name=case.subject_name,
        subject_code=case.subject_code,
        state=case.state,
        outcome=case.outcome,
        outcome_title=outcome_title(procedure, case.outcome),
        stage=case.stage,
        stage_title=stage,
        step=element.title if element and is_open else None,
        holder=holder,
        filed_at=case.filed_at,
        due_at=due_at,
        light=light_at(now, due_at, case.warn_at if is_open else None, is_paused=is_paused),
        days_left=days_left(now, due_at, office.calendar()),
        provisional=is_provisional(due_at, office.calendar()),
    )
