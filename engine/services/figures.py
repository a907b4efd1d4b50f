"""What a duty officer's monitor asks: what is open by its light, what is silent, late or stuck."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from engine.domain.clock import Light
from engine.persistence import models
from engine.services import access, inbox_view, silence
from engine.services.office import Office

#: States of a job that somebody has to know of; what is done is forgotten after a month.
JOBS = ("waiting", "failed")


def metrics(office: Office, *, now: datetime) -> Mapping[str, float]:
    """Gauges by name. Ages in seconds: 0 when nothing is late, jobs and roots by real time."""
    real = office.real_now()
    with office.uow.read() as session:
        return {
            "kunxin_open_cases": _number(session, models.OpenCase),
            "kunxin_silent_cases": float(silence.count(session)),
            **_timers(session, now),
            **_jobs(session, real),
            **_incidents(session),
            **_lights("kunxin_open_cases", _cases_by_light(session, now)),
            **_lights("kunxin_open_tasks", _tasks_by_light(session, now)),
            "kunxin_history_root_age_seconds": _age(
                session, func.max(models.HistoryRoot.made_at), real
            ),
        }


def _number(session: Session, table: Any, *conditions: Any) -> float:
    found = select(func.count()).select_from(table).where(*conditions)
    return float(session.scalar(found) or 0)


def _age(session: Session, moment: Any, until: datetime, *conditions: Any) -> float:
    found = session.scalar(select(moment).where(*conditions))
    return max(0.0, (until - found).total_seconds()) if found else 0.0


def _timers(session: Session, now: datetime) -> dict[str, float]:
    timer = models.Timer
    late = (timer.fired_at.is_(None), timer.due_at <= now)
    return {
        "kunxin_timers_overdue": _number(session, timer, *late),
        "kunxin_timers_lag_seconds": _age(session, func.min(timer.due_at), now, *late),
    }


def _jobs(session: Session, real: datetime) -> dict[str, float]:
    job = models.Job
    waits = (job.state == "waiting", job.due_at <= real)
    return {
        **{f"kunxin_jobs_{state}": _number(session, job, job.state == state) for state in JOBS},
        "kunxin_jobs_lag_seconds": _age(session, func.min(job.due_at), real, *waits),
    }


def _incidents(session: Session) -> dict[str, float]:
    incident = models.Incident
    return {"kunxin_incidents_open": _number(session, incident, incident.resolved_at.is_(None))}


def _cases_by_light(session: Session, now: datetime) -> Mapping[str, int]:
    """By the clock that runs now: the same rule as engine/domain/light.py."""
    held = models.Case
    light = case(
        (held.due_at < now, Light.RED.value),
        (held.is_paused, Light.BLUE.value),
        (held.warn_at <= now, Light.YELLOW.value),
        else_=Light.GREEN.value,
    )
    asked = select(light, func.count()).where(held.state == "open").group_by(light)
    return {row[0]: row[1] for row in session.execute(asked)}


def _tasks_by_light(session: Session, now: datetime) -> Mapping[str, int]:
    light = inbox_view.light_is(now)
    asked = select(light, func.count()).select_from(models.Task).where(access.is_open())
    return {row[0]: row[1] for row in session.execute(asked.group_by(light))}


def _lights(name: str, counted: Mapping[str, int]) -> dict[str, float]:
    """Every light has its figure, that nobody alarms on a gap."""
    return {f"{name}_{light.value}": float(counted.get(light.value, 0)) for light in Light}
