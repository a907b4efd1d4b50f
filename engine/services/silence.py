"""The standing check that no case is silent: each open one has a next event with a date."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.services.stepping import BESIDE


def silent_ids(session: Session) -> list[UUID]:
    """Open cases without a dated task, a dated wait or an incident of its own: nobody would notice.

    What runs beside the case does not move it, so its tasks are no next event. One statement over
    whole sets: the open cases, less those that something will happen to.
    """
    held, place, incident = models.OpenCase, models.OpenPlace, models.Incident
    moves = or_(place.is_task == 0, place.process_id.not_in(BESIDE))
    awaited = exists().where(place.case_id == held.id, place.due_at.is_not(None), moves)
    known = exists().where(incident.case_id == held.id, incident.resolved_at.is_(None))
    asked = select(held.id).where(~awaited, ~known).order_by(held.received_at, held.id)
    return list(session.scalars(asked))


def silent_cases(session: Session, *, limit: int = 500) -> Sequence[models.Case]:
    """The silent ones, the oldest first. Must be none."""
    return rows_of(session, silent_ids(session)[:limit])


def rows_of(session: Session, ids: Sequence[UUID]) -> Sequence[models.Case]:
    held = models.Case
    found = select(held).where(held.id.in_(ids)).order_by(held.filed_at, held.id)
    return session.scalars(found).all() if ids else ()


def count(session: Session) -> int:
    return len(silent_ids(session))
