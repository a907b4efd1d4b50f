"""Cases: file, find, read, follow; withdraw and messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Light, Whose
from engine.domain.errors import AlreadyOpen, Conflict, NotFound, StepFailed
from engine.domain.identifiers import case_number_key, document_number_key, normalise_query_code
from engine.domain.personal_numbers import veiled, without_personal_numbers
from engine.domain.views import (
    CaseRow,
    CaseView,
    DiagramView,
    ElementTime,
    EventView,
    Filed,
    Page,
    TrackView,
)
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.persistence.pairs import may_be_called
from engine.runtime import stepper
from engine.services import access, case_view, duplicates, incident_raising, messages, site_lists
from engine.services.case_reading import CaseReading, Place
from engine.services.filing import Filing, file_case, filed_view, told_of
from engine.services.office import Office
from engine.services.stepping import BESIDE, BETWEEN_OFFICES, Driven
from engine.services.task_view import names_of

message = messages.send
withdraw = messages.withdraw


def file(
    office: Office,
    actor: Actor,
    procedure: str,
    subject: str,
    record_ids: Sequence[UUID],
    answers: Mapping[str, Any],
    *,
    now: datetime,
    channel: str = "web",
    idempotency_key: str | None = None,
) -> Filed:
    """File a case: number, query code, first dates. The same idempotency key files once."""
    if idempotency_key:
        earlier = _filed_before(office, actor, idempotency_key)
        if earlier is not None:
            return earlier
    filing = Filing(procedure, subject, tuple(record_ids), answers, channel)
    try:
        return _file(office, actor, filing, idempotency_key, now)
    except Conflict as refused:
        # The same request at the same moment: the other one filed it.
        earlier = _filed_before(office, actor, idempotency_key) if idempotency_key else None
        if earlier is None:
            if isinstance(refused, AlreadyOpen):
                duplicates.link(office, actor, refused.case_number, channel, now=now)
            raise
        return earlier


def _file(
    office: Office, actor: Actor, filing: Filing, idempotency_key: str | None, now: datetime
) -> Filed:
    driven = Driven()
    try:
        with office.uow.begin() as session:
            work, filed = file_case(office, session, actor, filing, driven, now)
            if idempotency_key:
                work.case.idempotency_key = f"{actor.username}:{idempotency_key}"
    except StepFailed as failed:
        told = told_of(filing)
        raise incident_raising.of_filing(office, failed, actor, told, now=now) from failed
    driven.put_back(office)
    return filed


def _filed_before(office: Office, actor: Actor, key: str) -> Filed | None:
    held = models.Case
    with office.uow.read() as session:
        found = session.scalar(
            select(held).where(held.idempotency_key == f"{actor.username}:{key}")
        )
        if found is None:
            return None
        procedure = office.procedure(session, found.definition_id)
    return filed_view(office, procedure, found)


def find(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    state: str | None = None,
    procedure: str | None = None,
    light: str | None = None,
    q: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[CaseRow]:
    """Cases the actor may see, the newest filing first."""
    held = models.Case
    found = select(held).where(access.visible_cases(actor))
    if state:
        found = found.where(held.state == state)
    if procedure:
        found = found.where(held.procedure == procedure)
    if light:
        found = found.where(light_is(now) == light)
    if q.strip():
        found = found.where(_matches(q.strip()))
    found = after_cursor(found, (held.filed_at, held.id), cursor).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.scalars(found).all()
        items = rows_of(office, session, rows[:limit], now=now)
    return Page(items, next_cursor(rows, limit, lambda row: (row.filed_at, row.id)))


def rows_of(
    office: Office, session: Session, rows: Sequence[models.Case], *, now: datetime
) -> tuple[CaseRow, ...]:
    """Rows of a list, each with who holds it now; two queries for any number."""
    holders = _holders(office, session, [row.id for row in rows])
    return tuple(
        case_view.case_row(
            office,
            office.procedure(session, row.definition_id),
            row,
            now=now,
            holder=holders.get(row.id),
        )
        for row in rows
    )


def _holders(office: Office, session: Session, ids: Sequence[UUID]) -> dict[UUID, Words]:
    task, directory = models.Task, office.directory()
    found = select(task.case_id, task.candidate_group, task.department, task.assignee).where(
        task.case_id.in_(ids), task.state.in_(access.OPEN), task.process_id.not_in(BESIDE)
    )
    rows = session.execute(found).all()
    names = names_of(session, {row[3] for row in rows if row[3]})
    holders: dict[UUID, Words] = {}
    for case_id, group, department, assignee in rows:
        unit = directory.department(department) or directory.group(group)
        person = names.get(assignee or "", "") if group != "applicant" else ""
        zh, en = f"{unit.zh} {person}".strip(), f"{unit.en or unit.zh} {person}".strip()
        holders.setdefault(case_id, Words(zh, en))
    return holders


def light_is(now: datetime) -> Any:
    """The light of an open case as SQL."""
    held, task = models.Case, models.Task
    checked = select(task.id).where(
        task.case_id == held.id,
        task.state.in_(access.OPEN),
        task.whose == Whose.EXPERT.value,
    )
    return case(
        (held.state != "open", Light.GREEN.value),
        (held.due_at < now, Light.RED.value),
        (held.is_paused | checked.correlate(held).exists(), Light.BLUE.value),
        (held.warn_at <= now, Light.YELLOW.value),
        else_=Light.GREEN.value,
    )


def _matches(text: str) -> ColumnElement[bool]:
    held, key = models.Case, document_number_key(text)
    is_code = held.subject_code == text.upper()
    found = or_(
        held.number.contains(text.upper(), autoescape=True),
        held.subject_name.contains(text, autoescape=True),
        is_code,
        held.line.contains(text, autoescape=True),
        held.line.contains(key, autoescape=True),
    )
    return and_(or_(may_be_called((text.upper(), text, key)), is_code), found)


def _reading(
    office: Office, session: Session, actor: Actor, number: str, now: datetime
) -> CaseReading:
    found = session.scalar(
        select(models.Case).where(models.Case.number == number, access.visible_cases(actor))
    )
    if found is None:
        raise NotFound("没有这个办件。", "there is no such case")
    return CaseReading(office, session, found, actor, now)


def get(office: Office, actor: Actor, number: str, *, now: datetime) -> CaseView:
    """The whole case. NotFound also when the actor may not see it."""
    with office.uow.read() as session:
        return case_view.whole(_reading(office, session, actor, number, now))


def history(office: Office, actor: Actor, number: str, *, now: datetime) -> tuple[EventView, ...]:
    """The append-only history, newest first. An enterprise does not see the office's own notes."""
    event, directory = models.Event, office.directory()
    with office.uow.read() as session:
        held = _reading(office, session, actor, number, now).case
        found = select(event).where(event.case_id == held.id).order_by(event.sequence.desc())
        rows = session.scalars(found).all()
    return tuple(
        EventView(
            sequence=row.sequence,
            at=row.at,
            actor=row.actor,
            actor_name=row.actor_name,
            department=directory.department(row.department),
            kind=row.kind,
            element_id=row.element_id,
            title=Words(row.title, row.title_en),
            detail=Words(without_personal_numbers(row.detail)) if row.detail else None,
            changes={} if actor.is_enterprise else veiled(row.changes),
            hash=row.hash,
        )
        for row in rows
        if not (actor.is_enterprise and row.kind.startswith(OF_THE_OFFICE))
        or row.kind == "task_completed"
    )


#: Lines of the history that are the office's own.
OF_THE_OFFICE = (
    "supervision",
    "extension",
    "task_",
    "incident_",
    "token_",
    "case_migrated",
    "note_",
)


def diagrams(
    office: Office, actor: Actor, number: str, *, now: datetime
) -> tuple[DiagramView, ...]:
    """Every process of the case that was entered, the current one first, with element states."""
    with office.uow.read() as session:
        reading = _reading(office, session, actor, number, now)
        return tuple(sorted(_diagrams(reading), key=lambda view: not view.is_current))


def _diagrams(reading: CaseReading) -> list[DiagramView]:
    row, procedure = models.ProcessInstance, reading.procedure
    found = select(row).where(row.case_id == reading.case.id).order_by(row.started_at)
    if not reading.sees_supervision:
        found = found.where(row.process_id.not_in(BETWEEN_OFFICES))
    states: dict[str, dict[str, str]] = {}
    drawings = dict(procedure.drawings)
    for each in reading.session.scalars(found):
        # an instance that ended before its case went onto a newer version stays on its own
        drawn = reading.office.procedure(reading.session, each.definition_id)
        live = stepper.load(drawn, each.process_id, each.state)
        for process_id, held in stepper.element_states(live).items():
            states.setdefault(process_id, {}).update(held)
            drawings.setdefault(process_id, drawn.drawings[process_id])
    open_at = {(place.process_id, place.element_id): place for place in reading.open_places}
    for (process_id, element_id), place in open_at.items():
        if place.due_at is not None and reading.now > place.due_at:
            states.setdefault(process_id, {})[element_id] = "late"
    current = next(iter(open_at), (procedure.key, ""))[0]
    return [
        DiagramView(
            process_id=process_id,
            title=drawings[process_id].title,
            xml=drawings[process_id].xml.decode("utf-8"),
            elements=held,
            times=_times(reading, process_id),
            is_current=process_id == current,
        )
        for process_id, held in states.items()
    ]


def _times(reading: CaseReading, process_id: str) -> tuple[ElementTime, ...]:
    """Who had which element from when to when, in working days used and allowed."""
    calendar = reading.calendar
    found = []
    places: list[Place] = [*reading.tasks, *reading.waits]
    for place in places:
        if place.process_id != process_id:
            continue
        since, until = place.since, place.until
        element = reading.element(place)
        limit = reading.procedure.limits.get(element.due or "")
        late = place.due_at is not None and (until or reading.now) > place.due_at
        cancelled = isinstance(place, models.Task) and place.state == "cancelled"
        found.append(
            ElementTime(
                element_id=element.id,
                title=element.title,
                who=reading.holder_of(place),
                since=since,
                until=until,
                days=calendar.working_days(
                    calendar.local_date(since), calendar.local_date(until or reading.now)
                ),
                limit=limit.budget.amount if limit and limit.budget else None,
                state="cancelled"
                if cancelled
                else "late"
                if late
                else "done"
                if until
                else "active",
            )
        )
    return tuple(sorted(found, key=lambda each: each.since))


def track(office: Office, number: str, code: str, *, now: datetime) -> TrackView:
    """What the public sees by number and query code. NotFound for any wrong pair."""
    with office.uow.read() as session:
        held = session.scalar(
            select(models.Case).where(models.Case.number == case_number_key(number))
        )
        if held is None or held.query_code != normalise_query_code(code):
            raise NotFound("编号或查询码不对。", "the number or the query code is wrong")
        reading = CaseReading(office, session, held, None, now)
        return TrackView(
            number=held.number,
            procedure_title=reading.procedure.title,
            state=held.state,
            outcome_title=case_view.outcome_title(reading.procedure, held.outcome),
            filed_at=held.filed_at,
            closed_at=held.closed_at,
            decide_by=reading.decide_by,
            stages=reading.stages(),
            waiting=reading.waiting(),
            clocks=reading.clocks()[:1],
            sites=site_lists.public(session, office, held.number, now=now),
            followed_up=case_view.followed_up(reading),
        )
