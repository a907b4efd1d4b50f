"""Supervision: the board, breaches, heat map, supervision notices, figures for the duty officer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.persistence import models
from engine.services import inbox_view
from engine.services.access import OPEN
from engine.services.board import board, breaches, silent_cases
from engine.services.heat import heatmap
from engine.services.office import Office
from engine.services.supervision_notices import issue_notice, notices

__all__ = ["board", "breaches", "heatmap", "issue_notice", "metrics", "notices"]


def metrics(office: Office, *, now: datetime) -> Mapping[str, float]:
    """Gauges for the duty officer: open cases and tasks by light, silent cases, jobs, due timers."""
    job, timer, incident = models.Job, models.Timer, models.Incident
    with office.uow.read() as session:
        light = inbox_view.light_is(now)
        by_light = session.execute(
            select(light, func.count())
            .select_from(models.Task)
            .where(models.Task.state.in_(OPEN))
            .group_by(light)
        ).all()

        def number(table: Any, *conditions: Any) -> float:
            found = select(func.count()).select_from(table).where(*conditions)
            return float(session.scalar(found) or 0)

        figures = {
            "kunxin_open_cases": number(models.Case, models.Case.state == "open"),
            "kunxin_silent_cases": float(len(silent_cases(session))),
            "kunxin_jobs_waiting": number(job, job.state == "waiting"),
            "kunxin_jobs_failed": number(job, job.state == "failed"),
            "kunxin_timers_overdue": number(timer, timer.fired_at.is_(None), timer.due_at <= now),
            "kunxin_incidents_open": number(incident, incident.resolved_at.is_(None)),
        }
    return figures | {f"kunxin_open_tasks_{row[0]}": float(row[1]) for row in by_light}
