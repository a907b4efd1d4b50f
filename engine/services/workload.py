"""Who has how much in hand, and how much of it is late."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotPermitted
from engine.domain.supervision_views import LightCounts, Load
from engine.persistence import models
from engine.persistence.copies import OUTSIDE
from engine.services import access, covers, standing
from engine.services.office import Office
from engine.services.places import Places
from engine.services.task_view import names_of


def in_hand(office: Office, actor: Actor, usernames: Iterable[str]) -> dict[str, int]:
    """How many open tasks each of these people has in hand; for the staff."""
    if not actor.is_staff:
        raise NotPermitted("只有工作人员可以查看。", "for the staff only")
    task, names = models.Task, list(dict.fromkeys(usernames))
    found = select(task.assignee, func.count()).where(access.is_open(), task.assignee.in_(names))
    with office.uow.read() as session:
        counted = {row[0]: row[1] for row in session.execute(found.group_by(task.assignee))}
    return {name: counted.get(name, 0) for name in names}


def everybody(office: Office, actor: Actor, *, now: datetime) -> tuple[Load, ...]:
    """What every person has in hand and what lies unclaimed before every unit; who is away."""
    actor.must(Permission.INSPECT)
    with office.uow.read() as session:
        found = loads(office, session, Places(office.calendar(), now))
    away = covers.away(office, now=now)
    return tuple(
        replace(
            one, is_away=True, is_covered=covers.receiver(office, one.person, now=now) is not None
        )
        if one.person in away and one.person
        else one
        for one in found
    )


def loads(office: Office, session: Session, places: Places) -> tuple[Load, ...]:
    """One line for each person and unit, and one for what lies unclaimed; the fullest first."""
    place = places.row
    keys = (place.person, place.holder, places.light.label("light"))
    inner = (
        places.asked(*keys).where(place.is_task == 1, ~place.holder.startswith(OUTSIDE)).subquery()
    )
    grouped = select(*inner.c, func.count().label("n")).group_by(*inner.c)
    return shaped(office, session, places, session.execute(grouped).all())


def shaped(
    office: Office, session: Session, places: Places, rows: Iterable[Any]
) -> tuple[Load, ...]:
    """Counted tasks (`n`) by person, unit (`holder`), light and whatever else, as lines of a table."""
    found: dict[tuple[str | None, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[row.person, row.holder][row.light] += row.n
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
