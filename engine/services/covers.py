"""For whom an actor stands in now, and who does the work of somebody on leave."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.actor import Covered as Absent
from engine.domain.leave import Cover, acting_for, substitute_of
from engine.persistence import models
from engine.services.office import CoverEntry, Office


def standing_in(office: Office, actor: Actor, *, now: datetime) -> Actor:
    """The actor with whom it stands in for today; asked at every sign of life, so from memory."""
    known = entries(office)
    if not known or not actor.is_staff:
        return actor
    today = office.calendar().local_date(now)
    for_whom = acting_for(actor.username, (one.cover for one in known), today)
    absent = {one.covered.username: one.covered for one in known}
    return replace(actor, covers=tuple(absent[name] for name in sorted(for_whom)))


def entries(office: Office) -> tuple[CoverEntry, ...]:
    """Every cover that nobody has ended and that is not long past."""
    return office.covers.get(lambda: _read(office), office.real_now())


def _read(office: Office) -> tuple[CoverEntry, ...]:
    leave, person = models.LeaveCover, models.Person
    since = today_of(office, office.now()) - timedelta(days=60)
    found = (
        select(leave, person)
        .join(person, person.username == leave.username)
        .where(leave.ended_at.is_(None), leave.ends_on >= since)
        .order_by(leave.starts_on, leave.id)
    )
    # with some days to spare: a training clock may be set back
    with office.uow.read() as session:
        return tuple(
            CoverEntry(
                Cover(row.username, row.substitute, row.starts_on, row.ends_on),
                Absent(held.username, held.name, held.department, frozenset(held.groups)),
            )
            for row, held in session.execute(found)
        )


def today_of(office: Office, now: datetime) -> date:
    return office.calendar().local_date(now)


def receiver(office: Office, username: str, *, now: datetime) -> str | None:
    """Who gets what is handed to `username` now: the substitute while they are away. None when
    they are away and nobody stands in."""
    known = [one.cover for one in entries(office)]
    return substitute_of(username, known, today_of(office, now))


def away(office: Office, *, now: datetime) -> frozenset[str]:
    """Who is on leave now."""
    today = today_of(office, now)
    return frozenset(o.cover.username for o in entries(office) if o.cover.holds_on(today))


def uncovered(office: Office, *, now: datetime) -> frozenset[str]:
    """Who is on leave now with nobody standing in."""
    return frozenset(one for one in away(office, now=now) if receiver(office, one, now=now) is None)
