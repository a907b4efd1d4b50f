"""The standing check that no case is silent: each open one has a next event with a date."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.services.access import OPEN
from engine.services.stepping import BESIDE


def is_silent() -> ColumnElement[bool]:
    """Open without a dated task, a dated wait or an incident of its own: nobody would notice.

    A supervision beside the case does not move it, so its tasks are no next event.
    """
    held, task, wait, incident = models.Case, models.Task, models.Wait, models.Incident
    has_task = select(task.id).where(
        task.case_id == held.id,
        task.state.in_(OPEN),
        task.due_at.is_not(None),
        task.process_id.not_in(BESIDE),
    )
    has_wait = select(wait.id).where(
        wait.case_id == held.id, wait.ended_at.is_(None), wait.due_at.is_not(None)
    )
    has_incident = select(incident.id).where(
        incident.case_id == held.id, incident.resolved_at.is_(None)
    )
    return and_(
        held.state == "open", ~has_task.exists(), ~has_wait.exists(), ~has_incident.exists()
    )


def silent_cases(session: Session, *, limit: int | None = None) -> Sequence[models.Case]:
    """The silent ones, the oldest first. Must be none."""
    held = models.Case
    found: Any = select(held).where(is_silent()).order_by(held.filed_at, held.id)
    return session.scalars(found.limit(limit)).all()


def count(session: Session) -> int:
    return session.scalar(select(func.count(models.Case.id)).where(is_silent())) or 0
