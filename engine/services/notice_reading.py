"""Supervision notices as they are read: the list, one whole with its timeline."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM, Actor, Permission
from engine.domain.errors import NotFound
from engine.domain.supervision_views import (
    LedgerLine,
    NoticeView,
    SupervisionNoticeView,
    TimelineEntry,
)
from engine.domain.views import NoticeInHand, Page
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.persistence.known_words import begins
from engine.runtime.procedure import Procedure
from engine.services import access
from engine.services.access import OPEN
from engine.services.office import Office
from engine.services.operations.supervision import step_title
from engine.services.supervision_grounds import ORIGINS, ground_of
from engine.services.task_view import names_of

#: A notice in one of these states still asks something of somebody.
UNSETTLED = ("open", "answered", "contested", "escalated")


def notices(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    state: str | None = None,
    unit: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[SupervisionNoticeView]:
    """The newest first. `state`: one of them, or `unsettled`."""
    actor.must(Permission.INSPECT)
    row, held = models.Supervision, models.Case
    found = select(row, held).join(held, held.id == row.case_id)
    if state:
        found = found.where(row.state.in_(UNSETTLED if state == "unsettled" else (state,)))
    if unit:
        found = found.where(row.unit == unit)
    found = after_cursor(found, (row.issued_at, row.id), cursor).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.execute(found).all()
        items = rows_of(office, session, [(each[0], each[1]) for each in rows[:limit]])
    return Page(items, next_cursor(rows, limit, lambda each: (each[0].issued_at, each[0].id)))


def listed(office: Office, session: Session, limit: int = 8) -> tuple[SupervisionNoticeView, ...]:
    """The newest, for the board."""
    row, held = models.Supervision, models.Case
    found = select(row, held).join(held, held.id == row.case_id)
    rows = session.execute(found.order_by(row.issued_at.desc(), row.id.desc()).limit(limit))
    return rows_of(office, session, [(each[0], each[1]) for each in rows])


def notice(office: Office, actor: Actor, notice_id: UUID, *, now: datetime) -> NoticeView:
    """One notice whole. For supervisors, and for the staff who take part in its case."""
    with office.uow.read() as session:
        row, case = seen(session, actor, notice_id)
        task = open_task(session, row)
        people = {row.issued_by, row.answered_by or "", row.contested_by or ""}
        names = {SYSTEM.username: SYSTEM.name, **names_of(session, people)}
        letter = session.scalar(
            select(models.Letter.id).where(
                models.Letter.case_id == row.case_id, models.Letter.number == row.number
            )
        )
        mine = task is not None and access.is_offered(actor, task, case)
        return NoticeView(
            notice=rows_of(office, session, [(row, case)])[0],
            lines=lines_of(row.ledger),
            timeline=_timeline(office, session, row),
            issued_by_name=names.get(row.issued_by, row.issued_by),
            contest=row.contest,
            contested_at=row.contested_at,
            answered_at=row.answered_at,
            escalated_at=row.escalated_at,
            decision=row.decision,
            closed_at=row.closed_at,
            letter_id=letter,
            task_id=task.id
            if task is not None and (mine or actor.may(Permission.SUPERVISE))
            else None,
            step=task.element_id if task is not None else None,
            may_act=mine,
        )


def seen(session: Session, actor: Actor, notice_id: UUID) -> tuple[models.Supervision, models.Case]:
    """NotFound for a notice of a case that the actor may not see; no enterprise sees any."""
    row, held = models.Supervision, models.Case
    found = session.execute(
        select(row, held)
        .join(held, held.id == row.case_id)
        .where(row.id == notice_id, access.visible_cases(actor))
    ).first()
    if found is None or actor.is_enterprise:
        raise NotFound("没有这份督办单。", "there is no such notice")
    return found[0], found[1]


def open_task(session: Session, row: models.Supervision) -> models.Task | None:
    task = models.Task
    return session.scalar(
        select(task).where(task.instance_id == row.instance_id, task.state.in_(OPEN))
    )


def notice_in_hand(
    session: Session, procedure: Procedure, task: models.Task
) -> NoticeInHand | None:
    """The notice that a task of a supervision is about."""
    asked = select(models.Supervision).where(models.Supervision.instance_id == task.instance_id)
    row = session.scalar(asked)
    if row is None:
        return None
    return NoticeInHand(
        row.id, row.number, _ground(row, procedure), row.contest or "", row.answer or ""
    )


def rows_of(
    office: Office, session: Session, rows: Sequence[tuple[models.Supervision, models.Case]]
) -> tuple[SupervisionNoticeView, ...]:
    """Notices with their cases as rows, in the order given."""
    names = names_of(session, {row.officer for row, _ in rows if row.officer})
    return tuple(
        SupervisionNoticeView(
            id=row.id,
            number=row.number,
            case_number=case.number,
            subject_name=case.subject_name,
            unit=office.directory().department(row.unit) or Words(row.unit),
            officer_name=names.get(row.officer or "", row.officer),
            step=step_title(office.procedure(session, case.definition_id), row.element_id),
            origin=row.origin,
            origin_title=ORIGINS.get(row.origin, Words(row.origin)),
            ground=_ground(row, office.procedure(session, case.definition_id)),
            over_days=row.over_days,
            issued_at=row.issued_at,
            answer_by=row.answer_by,
            state=row.state,
            answer=row.answer,
        )
        for row, case in rows
    )


def _ground(row: models.Supervision, procedure: Procedure) -> Words:
    """In both languages where the diagram gave it, else as the supervisor wrote it."""
    known = ground_of(procedure, row.ground)
    return known if known.zh == row.ground_text else Words(row.ground_text)


def lines_of(stored: Iterable[Mapping[str, Any]]) -> tuple[LedgerLine, ...]:
    return tuple(
        LedgerLine(datetime.fromisoformat(line["at"]), Words(line["zh"], line["en"]), line["basis"])
        for line in stored
    )


def _timeline(
    office: Office, session: Session, row: models.Supervision
) -> tuple[TimelineEntry, ...]:
    """The lines of the case's history that are about this notice, the newest first."""
    event, directory = models.Event, office.directory()
    found = select(event).where(event.case_id == row.case_id, begins(event.kind, "supervision_"))
    return tuple(
        TimelineEntry(
            at=each.at,
            title=Words(each.title, each.title_en),
            detail=each.detail,
            actor_name=each.actor_name,
            department=directory.department(each.department),
            sequence=each.sequence,
        )
        for each in session.scalars(found.order_by(event.sequence.desc()))
        if each.changes.get("supervision", each.changes.get("number")) == row.number
    )
