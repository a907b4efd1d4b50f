"""Sweeps due timers: rows decide, nothing is loaded before it is due."""

from datetime import datetime
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select

from engine.persistence import models
from engine.services.office import Office
from engine.services.stepping import fire_timer

_log = structlog.get_logger()


def due_timers(office: Office, *, now: datetime, limit: int = 200) -> list[tuple[UUID, datetime]]:
    """(timer id, due moment) of what is due, the oldest first; timers with an incident rest."""
    timer, incident = models.Timer, models.Incident
    stuck = select(incident.timer_id).where(
        incident.resolved_at.is_(None), incident.timer_id.is_not(None)
    )
    found = (
        select(timer.id, timer.due_at)
        .where(timer.fired_at.is_(None), timer.due_at <= now, timer.id.not_in(stuck))
        .order_by(timer.due_at, timer.id)
        .limit(limit)
    )
    with office.uow.read() as session:
        return [(row[0], row[1]) for row in session.execute(found)]


def sweep(office: Office, *, now: datetime) -> int:
    """Fire every due timer; how many fired. Any number of sweepers may run."""
    fired = 0
    while True:
        found = due_timers(office, now=now)
        ran = sum(fire(office, timer_id, now=now) for timer_id, _ in found)
        fired += ran
        if not ran:
            return fired


def fire(office: Office, timer_id: UUID, *, now: datetime) -> bool:
    """Fire one timer; what cannot go on becomes an incident, and the case keeps its last state."""
    try:
        return fire_timer(office, timer_id, now=now)
    except Exception as problem:  # noqa: BLE001 - an incident tells what it was
        _log.exception("timer could not fire", timer=str(timer_id))
        _raise_incident(office, timer_id, f"{type(problem).__name__}: {problem}", now)
        return False


def _raise_incident(office: Office, timer_id: UUID, cause: str, now: datetime) -> None:
    with office.uow.begin() as session:
        found = session.execute(
            select(models.Timer.element_id, models.ProcessInstance.case_id)
            .join(models.ProcessInstance, models.ProcessInstance.id == models.Timer.instance_id)
            .where(models.Timer.id == timer_id)
        ).first()
        session.add(
            models.Incident(
                id=uuid4(),
                case_id=found[1] if found else None,
                timer_id=timer_id,
                element_id=found[0] if found else None,
                cause=cause[:2000],
                raised_at=now,
            )
        )
