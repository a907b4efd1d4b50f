"""Supervision: the board, breaches, heat map, supervision notices, figures for the duty officer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.domain.actor import Actor, Permission
from engine.domain.supervision_views import Standing
from engine.domain.views import CaseRow, Page
from engine.persistence import models
from engine.services import access, cases, inbox_view, silence, standing
from engine.services.board import board
from engine.services.heat import heatmap
from engine.services.notice_reading import notice, notices
from engine.services.office import Office
from engine.services.places import Narrowed
from engine.services.supervision_notices import (
    answer,
    contest,
    decide,
    draft_notices,
    issue_notice,
    issue_several,
)

__all__ = [
    "answer",
    "board",
    "breaches",
    "contest",
    "decide",
    "draft_notices",
    "heatmap",
    "issue_notice",
    "issue_several",
    "metrics",
    "notice",
    "notices",
    "places",
    "silent",
]


def places(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    narrowed: Mapping[str, str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Standing]:
    """Places at which open cases rest, narrowed as `places.Narrowed` says; the longest over first."""
    wanted = Narrowed(**(narrowed or {}))
    return standing.find(office, actor, now=now, narrowed=wanted, cursor=cursor, limit=limit)


def breaches(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    narrowed: Mapping[str, str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Standing]:
    """Steps over their limit, and steps of cases over theirs; the longest over first."""
    wanted = Narrowed(**{**(narrowed or {}), "light": "red"})
    return standing.find(office, actor, now=now, narrowed=wanted, cursor=cursor, limit=limit)


def silent(office: Office, actor: Actor, *, now: datetime) -> tuple[CaseRow, ...]:
    """Open cases without a next event and a date: must be none."""
    actor.must(Permission.SUPERVISE)
    with office.uow.read() as session:
        found = silence.silent_cases(session, limit=500)
        return cases.rows_of(office, session, found, now=now)


def metrics(office: Office, *, now: datetime) -> Mapping[str, float]:
    """Gauges for the duty officer: open cases and tasks by light, silent cases, jobs, due timers."""
    job, timer, incident = models.Job, models.Timer, models.Incident
    with office.uow.read() as session:
        light = inbox_view.light_is(now)
        by_light = session.execute(
            select(light, func.count())
            .select_from(models.Task)
            .where(access.is_open())
            .group_by(light)
        ).all()

        def number(table: Any, *conditions: Any) -> float:
            found = select(func.count()).select_from(table).where(*conditions)
            return float(session.scalar(found) or 0)

        figures = {
            "kunxin_open_cases": number(models.OpenCase),
            "kunxin_silent_cases": float(silence.count(session)),
            "kunxin_jobs_waiting": number(job, job.state == "waiting"),
            "kunxin_jobs_failed": number(job, job.state == "failed"),
            "kunxin_timers_overdue": number(timer, timer.fired_at.is_(None), timer.due_at <= now),
            "kunxin_incidents_open": number(incident, incident.resolved_at.is_(None)),
        }
    return figures | {f"kunxin_open_tasks_{row[0]}": float(row[1]) for row in by_light}
