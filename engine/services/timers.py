"""Sweeps due timers: rows decide, nothing is loaded before it is due."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.domain.errors import Overtaxed, Unavailable
from engine.persistence import models
from engine.services import incident_raising
from engine.services.office import Office
from engine.services.stepping import Driven
from engine.services.timer_firing import fire_several, fire_timer

#: Timers of one transaction: so long others may wait for one of their cases.
AT_ONCE = 50
#: Due timers that one look finds.
MOST = 200

_NEXT = select(func.min(models.Timer.due_at)).where(
    models.Timer.instance_id == bindparam("instance_id"), models.Timer.fired_at.is_(None)
)
_log = structlog.get_logger()
T = TypeVar("T")


def due_timers(office: Office, *, now: datetime, limit: int = MOST) -> list[tuple[UUID, datetime]]:
    """(timer id, due moment) of what is due, the oldest first; timers with an incident rest."""
    with office.uow.read() as session:
        return [(row[0], row[1]) for row in session.execute(_due(now).limit(limit))]


def _due(now: datetime) -> Select[UUID, datetime, UUID]:
    """The oldest first; those due at the same moment in the order in which they were armed."""
    timer, incident = models.Timer, models.Incident
    row, case = models.ProcessInstance, models.Case
    stuck = select(incident.timer_id).where(
        incident.resolved_at.is_(None), incident.timer_id.is_not(None)
    )
    return (
        select(timer.id, timer.due_at, case.id)
        .join(row, row.id == timer.instance_id)
        .join(case, case.id == row.case_id)
        .where(timer.fired_at.is_(None), timer.due_at <= now, timer.id.not_in(stuck))
        .order_by(timer.due_at, timer.armed_at.nulls_first(), case.number, timer.sequence)
    )


def sweep(office: Office, *, now: datetime) -> int:
    """Fire every due timer; how many fired. Any number of sweepers may run."""
    fired = 0
    while True:
        with office.uow.read() as session:
            found = [(row[0], row[2]) for row in session.execute(_due(now).limit(MOST))]
        ran = sum(_fire_all(office, batch, now=now) for batch in _batches(found))
        fired += ran
        if not ran:
            return fired


def _batches(found: Iterable[tuple[UUID, UUID]]) -> Iterator[Sequence[UUID]]:
    """Timers, given with their cases, that may share a transaction: one of each case, in order."""
    batch: dict[UUID, UUID] = {}
    for timer_id, case_id in found:
        if case_id in batch or len(batch) == AT_ONCE:
            yield tuple(batch.values())
            batch = {}
        batch[case_id] = timer_id
    if batch:
        yield tuple(batch.values())


def _fire_all(office: Office, timer_ids: Sequence[UUID], *, now: datetime) -> int:
    """Several share the cost of a commit; when one of them cannot go on, each fires by itself."""
    fired, share = 0, len(timer_ids)
    while len(timer_ids) > 1:
        try:
            share, ran = fire_several(office, timer_ids[:share], now=now)
        except Exception:  # noqa: BLE001 - by itself each tells what it was
            break
        fired, timer_ids = fired + ran, timer_ids[share:]
    return fired + sum(fire(office, timer_id, now=now) for timer_id in timer_ids)


class TimersFirst(Exception):
    """Timers of an instance are due: they fire before anybody answers or is heard."""

    def __init__(self, timer_ids: Sequence[UUID]) -> None:
        self.timer_ids = timer_ids

    def fire(self, office: Office, *, now: datetime) -> None:
        for timer_id in self.timer_ids:
            fire(office, timer_id, now=now)


def after_due(office: Office, act: Callable[[Session, Driven], T], *, now: datetime) -> T:
    """One act on cases, in one transaction. Where it finds that timers are due, these fire in
    transactions of their own, and the act is tried again on what they left."""
    while True:
        driven = Driven()
        try:
            with office.uow.begin() as session:
                done = act(session, driven)
        except TimersFirst as first:
            first.fire(office, now=now)
            continue
        driven.put_back(office)
        return done


def must_have_fired(
    session: Session, rows: Iterable[models.ProcessInstance], *, now: datetime
) -> None:
    """A breach leaves its trace also when somebody acts before the next sweep.

    Errors: TimersFirst, when one is due that is not held up by an incident.
    """
    held = [row for row in rows if row.next_due_at is not None and row.next_due_at <= now]
    if not held:
        return
    found = _due(now).where(models.Timer.instance_id.in_([row.id for row in held]))
    timer_ids = [row[0] for row in session.execute(found)]
    if timer_ids:
        raise TimersFirst(timer_ids)
    for row in held:  # what was known was too early, as its clock had moved: look once only
        row.next_due_at = session.scalar(_NEXT, {"instance_id": row.id})


def fire(office: Office, timer_id: UUID, *, now: datetime) -> bool:
    """Fire one timer; what cannot go on becomes an incident, and the case keeps its last state."""
    try:
        return fire_timer(office, timer_id, now=now)
    except Overtaxed:
        _log.warning("timer waits for another round", timer=str(timer_id))
        return False  # others need not wait for it
    except (OperationalError, Unavailable):
        raise  # what the office stands on is away: nobody needs to look at the timer
    except Exception as problem:  # noqa: BLE001 - an incident tells what it was
        _log.exception("timer could not fire", timer=str(timer_id))
        incident_raising.of_timer(office, problem, timer_id, now=now)
        return False
