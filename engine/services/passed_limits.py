"""Limits that passed: a row for each, that stays whatever is done late afterwards."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import update

from engine.domain.clock import Projection
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.services.casework import Casework

RED = "red"
STEP, PROMISED, STATUTORY = "step", "promised", "statutory"


def next_mark(clock: models.Clock) -> datetime | None:
    """When the mark of a clock changes next; none while it is paused."""
    if clock.state == "paused":
        return None
    if clock.light == RED:
        return clock.statutory_due_at
    return clock.due_at if clock.light == "yellow" else clock.warn_at


def end_of_task(work: Casework, task: models.Task) -> None:
    """A task is done: what it was late for stays on record."""
    task.mark_at = None
    due_at = task.due_at
    if due_at is None or work.now_at <= due_at:
        return
    if task.light == RED:
        _end(work, task.id)
        return
    task.light = RED
    place = {"process_id": task.process_id, "element_id": task.element_id}
    _record(
        work,
        task.id,
        STEP,
        due_at,
        department=task.department,
        holder=task.assignee,
        whose=task.whose,
        **place,
    )


def end_of_clock(work: Casework, clock: models.Clock, *, late_at: datetime | None) -> None:
    """A clock stopped, or begins afresh."""
    if clock.light == RED:
        _end(work, clock.id)
    elif late_at is not None and clock.due_at is not None:
        clock.light = RED
        _record(work, clock.id, PROMISED, clock.due_at, clock_key=clock.key)
    by_law = clock.statutory_due_at
    if late_at is not None and by_law is not None and late_at > by_law and clock.mark_at == by_law:
        _record(work, clock.id, STATUTORY, by_law, clock_key=clock.key)


def move(work: Casework, clock: models.Clock, found: Projection) -> None:
    """The end of a clock moved: a limit that has no longer passed is no breach any more."""
    if clock.light == RED and found.due_at > work.now_at:
        breach = table_of(models.Breach)
        still = (breach.c.subject_id == clock.id) & breach.c.ended_at.is_(None)
        lifted = {"lifted_at": work.now_at, "lifted_by": work.actor.name}
        work.session.execute(
            update(breach).where(still, breach.c.lifted_at.is_(None)).values(**lifted)
        )
    if found.due_at > work.now_at:
        clock.light = "yellow" if found.warn_at <= work.now_at else "green"


def _record(
    work: Casework,
    subject_id: UUID,
    kind: str,
    due_at: datetime,
    *,
    whose: str = "office",
    clock_key: str | None = None,
    process_id: str | None = None,
    element_id: str | None = None,
    department: str | None = None,
    holder: str | None = None,
) -> None:
    work.add(
        models.Breach(
            id=uuid4(),
            case_id=work.case.id,
            subject_id=subject_id,
            kind=kind,
            clock_key=clock_key,
            process_id=process_id,
            element_id=element_id,
            department=department,
            holder=holder,
            whose=whose,
            due_at=due_at,
            marked_at=work.now_at,
            ended_at=work.now_at,
            lifted_by="",
        )
    )


def _end(work: Casework, subject_id: UUID) -> None:
    breach = table_of(models.Breach)
    still = (breach.c.subject_id == subject_id) & breach.c.ended_at.is_(None)
    work.session.execute(update(breach).where(still).values(ended_at=work.now_at))
