"""Supervision: the board, breaches, heat map, supervision notices, figures for the duty officer."""

from collections.abc import Mapping
from datetime import datetime

from engine.domain.actor import Actor, Permission
from engine.domain.supervision_views import Standing
from engine.domain.views import CaseRow, Page
from engine.services import cases, silence, standing
from engine.services.board import board
from engine.services.figures import metrics
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
    actor.must(Permission.INSPECT)
    with office.uow.read() as session:
        found = silence.silent_cases(session, limit=500)
        return cases.rows_of(office, session, found, now=now)
