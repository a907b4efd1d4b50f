"""Lists of places at which open cases rest: who has it, since when, why it is late, whose time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.clock import Whose
from engine.domain.light import days_left
from engine.domain.supervision_views import Standing
from engine.domain.views import Page
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import in_memory
from engine.persistence.copies import OUTSIDE
from engine.persistence.keyset import after_cursor, next_cursor
from engine.runtime.procedure import Procedure
from engine.services.case_reading import OUTSIDE as BODIES
from engine.services.lateness import Lateness
from engine.services.office import Office
from engine.services.places import FAR, Narrowed, Places
from engine.services.stepping import BESIDE
from engine.services.task_view import names_of

#: The bodies above of all procedures together: one row of the board counts them.
ABOVE = Words("上级平台和机构", "Bodies above")


def find(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    narrowed: Narrowed | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Standing]:
    """Places of open cases, the longest over first; `total` counts all that `narrowed` leaves."""
    actor.must(Permission.INSPECT)
    places, wanted = Places(office.calendar(), now), narrowed or Narrowed()
    with office.uow.read() as session:
        in_memory(session)
        total = session.scalar(places.asked(func.count(), narrowed=wanted)) or 0
        rows = first(session, places, wanted, limit + 1, cursor=cursor)
        items = shown(office, session, rows[:limit], now=now)
    return Page(items, next_cursor(rows, limit, _key), total)


def _key(row: Any) -> tuple[datetime, UUID]:
    return row.due_at or row.case_due_at or FAR, row.id


def first(
    session: Session, places: Places, narrowed: Narrowed, most: int, *, cursor: str | None = None
) -> Sequence[Any]:
    """Rows for `shown`, so many at most, the longest over first."""
    order = (places.due, places.row.id)
    asked = places.asked(places.row.id, narrowed=narrowed)
    wanted = after_cursor(asked, order, cursor, ascending=True).limit(most).subquery("wanted")
    found = _wide(places).join(wanted, wanted.c.id == places.row.id)
    return session.execute(found.order_by(*order)).all()


def by_id(session: Session, places: Places, ids: Sequence[UUID]) -> Sequence[Any]:
    """Rows for `shown` of these places, in this order."""
    found = session.execute(_wide(places).where(places.row.id.in_(ids))).all() if ids else ()
    return sorted(found, key=lambda row: ids.index(row.id))


def chosen(
    office: Office, session: Session, places: Places, ids: Sequence[UUID]
) -> tuple[Standing, ...]:
    """These places, in this order."""
    return shown(office, session, by_id(session, places, ids), now=places.now)


def _wide(places: Places) -> Any:
    """What `shown` needs of every place; the case's wide row too."""
    place, held = places.row, models.Case
    asked = places.asked(
        place.id,
        place.case_id,
        place.process_id,
        place.element_id,
        place.holder,
        place.person,
        place.whose,
        place.since,
        place.due_at,
        place.is_task,
        places.light.label("light"),
        held.number,
        held.subject_name,
        held.procedure,
        held.definition_id,
        held.received_at,
        held.due_at.label("case_due_at"),
    )
    return asked.join(held, held.id == place.case_id)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a page of rows needs besides: names, notices, what was late before."""

    names: Mapping[str, str]
    notices: Mapping[UUID, tuple[UUID, str]]
    lateness: Lateness


def shown(
    office: Office, session: Session, rows: Sequence[Any], *, now: datetime
) -> tuple[Standing, ...]:
    """Rows of `first` or `by_id` as views; four queries for any number."""
    if not rows:
        return ()
    around = _Around(
        names_of(session, {row.person for row in rows if row.person}),
        issued(session, [row.id for row in rows]),
        Lateness.read(office, session, {row.case_id for row in rows}, now=now),
    )
    return tuple(
        _view(office, office.procedure(session, row.definition_id), row, around, now)
        for row in rows
    )


def issued(session: Session, places: Iterable[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """The newest 督办单 about each of these places: its id and number."""
    notice = models.Supervision
    found = select(notice.wait_id, notice.id, notice.number).where(notice.wait_id.in_(list(places)))
    return {
        row.wait_id: (row.id, row.number)
        for row in session.execute(found.order_by(notice.issued_at))
    }


def notices_about(session: Session, place_id: UUID) -> tuple[UUID, ...]:
    notice = models.Supervision
    return tuple(session.scalars(select(notice.id).where(notice.wait_id == place_id)))


def _view(
    office: Office, procedure: Procedure, row: Any, around: _Around, now: datetime
) -> Standing:
    calendar = office.calendar()
    ends = [due for due in (row.due_at, row.case_due_at) if due is not None]
    if row.process_id in BESIDE and row.due_at is not None and row.due_at < now:
        ends = [row.due_at]  # what stands beside the case is late by its own limit
    over_since = min((due for due in ends if due < now), default=None)
    over = -(days_left(now, over_since, calendar) or 0) if row.light == "red" else 0
    notice = around.notices.get(row.id)
    return Standing(
        id=row.id,
        is_task=bool(row.is_task),
        case_number=row.number,
        subject_name=row.subject_name,
        procedure=row.procedure,
        procedure_title=procedure.title,
        process_id=row.process_id,
        element_id=row.element_id,
        step=procedure.element(row.process_id, row.element_id).title,
        holder=row.holder,
        holder_title=holder_title(office, row.holder, procedure),
        person=row.person,
        person_name=around.names.get(row.person or "", row.person),
        whose=Whose(row.whose),
        since=row.since,
        due_at=row.due_at,
        case_due_at=row.case_due_at,
        light=row.light,
        days_left=days_left(now, row.due_at, calendar),
        over_days=max(0, over),
        over_since=over_since if row.light == "red" else None,
        cause=around.lateness.cause(row) if row.light == "red" else Words(""),
        whose_days=around.lateness.whose_days(row.case_id),
        supervision_id=notice[0] if notice else None,
        supervision_number=notice[1] if notice else None,
    )


def holder_title(office: Office, holder: str, procedure: Procedure | None = None) -> Words:
    """The title of a department, a group, or a body outside (as a `procedure` calls it)."""
    directory = office.directory()
    if holder.startswith(OUTSIDE):
        whose = holder.removeprefix(OUTSIDE)
        if whose == Whose.SUPERIOR and procedure is None:
            return ABOVE
        above = procedure and procedure.letterhead.superior
        return above if above and whose == Whose.SUPERIOR else BODIES.get(whose, Words(holder))
    return directory.departments.get(holder) or directory.group(holder)
