"""Who has how much in hand, and how much of it is late."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.supervision_views import LightCounts, Load
from engine.persistence import models
from engine.services import standing
from engine.services.office import Office
from engine.services.places import OUTSIDE, Places
from engine.services.task_view import names_of


def loads(office: Office, session: Session, places: Places) -> tuple[Load, ...]:
    """One line for each person and unit, and one for what lies unclaimed; the fullest first."""
    place = places.row
    keys = (place.person, place.holder, places.light.label("light"))
    inner = (
        places.asked(*keys).where(place.is_task == 1, ~place.holder.startswith(OUTSIDE)).subquery()
    )
    grouped = select(
        inner.c.person.label("row"),
        inner.c.holder.label("column"),
        inner.c.light,
        func.count().label("n"),
    ).group_by(*inner.c)
    return shaped(office, session, places, session.execute(grouped).all())


def shaped(
    office: Office, session: Session, places: Places, rows: Iterable[Any]
) -> tuple[Load, ...]:
    """Counted tasks by person (`row`), unit (`column`) and light, as lines of a table."""
    found: dict[tuple[str | None, str], dict[str, int]] = {}
    for row in rows:
        found.setdefault((row.row, row.column), {})[row.light] = row.n
    names = names_of(session, {person for person, _ in found if person})
    done = _done_today(session, places)
    held = [
        Load(
            person=person,
            person_name=names.get(person or "", person or ""),
            holder=holder,
            holder_title=standing.holder_title(office, holder),
            counts=LightCounts(**counts),
            done_today=done.get(person, 0) if person else 0,
        )
        for (person, holder), counts in found.items()
    ]
    return tuple(sorted(held, key=lambda one: (-one.open, -one.late, one.holder, one.person or "")))


def _done_today(session: Session, places: Places) -> dict[str | None, int]:
    task, calendar = models.Task, places.calendar
    midnight = datetime.combine(calendar.local_date(places.now), time(), calendar.zone)
    found: Any = session.execute(
        select(task.completed_by, func.count())
        .where(task.completed_at >= midnight, task.state == "completed")
        .group_by(task.completed_by)
    )
    return {row[0]: row[1] for row in found}
