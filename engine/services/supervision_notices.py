"""督办单: issued about an open task, listed with their state."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, NotFound
from engine.domain.supervision_views import SupervisionNoticeView
from engine.domain.words import Words
from engine.persistence import models
from engine.services.access import OPEN
from engine.services.office import Office
from engine.services.operations.supervision import GROUNDS, open_for, step_title
from engine.services.stepping import Driven, open_casework, settle


def issued(session: Session, task_ids: Sequence[UUID]) -> dict[UUID, str]:
    notice = models.Supervision
    found = select(notice.wait_id, notice.number).where(notice.wait_id.in_(task_ids))
    return {row[0]: row[1] for row in session.execute(found)}


def issue_notice(
    office: Office, actor: Actor, task_id: UUID, *, ground: str, now: datetime
) -> SupervisionNoticeView:
    """Issue a 督办单 about an open task. Conflict when there is one already."""
    actor.must(Permission.SUPERVISE)
    driven = Driven()
    with office.uow.begin() as session:
        task = session.get(models.Task, task_id)
        if task is None or task.state not in OPEN:
            raise NotFound("没有这项未办结的任务。", "there is no such open task")
        case = session.get_one(models.Case, task.case_id, with_for_update=True)
        if issued(session, [task_id]):
            raise Conflict("这项任务已签发督办单。", "a notice about this task exists already")
        work = open_casework(office, session, case, actor, now)
        work.element = work.procedure.element(task.process_id, task.element_id)
        entry = office.directory().groups.get(task.candidate_group)
        unit = task.department or (entry.department if entry else None) or "credit_office"
        row = open_for(work, unit, task, "manual", ground)
        settle(work, driven)
        session.flush()
        view = _notice_view(office, session, row, case.number)
    driven.put_back(office)
    return view


def notices(office: Office, actor: Actor, *, now: datetime) -> tuple[SupervisionNoticeView, ...]:
    actor.must(Permission.SUPERVISE)
    with office.uow.read() as session:
        return listed(office, session)


def listed(office: Office, session: Session) -> tuple[SupervisionNoticeView, ...]:
    row, held = models.Supervision, models.Case
    found = (
        select(row, held.number)
        .join(held, held.id == row.case_id)
        .order_by(row.issued_at.desc())
        .limit(100)
    )
    return tuple(_notice_view(office, session, each[0], each[1]) for each in session.execute(found))


def _notice_view(
    office: Office, session: Session, row: models.Supervision, number: str
) -> SupervisionNoticeView:
    held = session.get_one(models.Case, row.case_id)
    procedure = office.procedure(session, held.definition_id)
    return SupervisionNoticeView(
        id=row.id,
        number=row.number,
        case_number=number,
        unit=office.directory().department(row.unit) or Words(row.unit),
        step=step_title(procedure, row.element_id),
        ground=_ground(row),
        issued_at=row.issued_at,
        answer_by=row.answer_by,
        state=row.state,
        answer=row.answer,
    )


def _ground(row: models.Supervision) -> Words:
    """In both languages where the diagram gave it, else as the supervisor wrote it."""
    known = GROUNDS.get(row.ground)
    return known if known and known.zh == row.ground_text else Words(row.ground_text)
