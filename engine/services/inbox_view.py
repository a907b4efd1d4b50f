"""The inbox: tasks of a scope in the order of their slack, and the live counts of its rail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from engine.domain.actor import Actor
from engine.domain.clock import Light, Whose
from engine.domain.errors import Invalid
from engine.domain.identifiers import document_number_key
from engine.domain.views import InboxCounts, Page, TaskView
from engine.persistence import models
from engine.persistence.documents import says
from engine.persistence.keyset import behind, next_cursor
from engine.persistence.words import may_say
from engine.services import access, inbox_order, inbox_reach
from engine.services.inbox_reach import Order, Reach, reach
from engine.services.office import Office
from engine.services.task_view import names_of, task_view

SCOPES = ("mine", "group", "all", "done", "upcoming")
#: A number on the rail is exact up to here; beyond, it says that there are more.
COUNTED = InboxCounts.MOST


@dataclass(frozen=True, slots=True)
class Asked:
    """`by`: a column that the list is sorted by, "-" before it the other way round; "" as it is."""

    scope: str = "mine"
    procedure: str | None = None
    light: str | None = None
    q: str = ""
    sort: str = "slack"
    cursor: str | None = None
    limit: int = 50
    by: str = ""


def page(office: Office, actor: Actor, asked: Asked, *, now: datetime) -> Page[TaskView]:
    """Errors: Invalid for an unknown scope, a cursor of another list, and for a list that is too long
    to be sorted by this column (more than COUNTED)."""
    if asked.scope not in SCOPES:
        raise Invalid(
            f"scope 应为 {'、'.join(SCOPES)} 之一。", f"scope is one of {', '.join(SCOPES)}"
        )
    with office.uow.read() as session:
        wanted = _wanted(office, session, actor, asked, now=now)
        rows: Sequence[Any] = session.execute(wanted.limit(asked.limit + 1)).all()
        names = names_of(session, {row[0].assignee for row in rows if row[0].assignee})
        items = tuple(
            task_view(
                office,
                office.procedure(session, held.definition_id),
                actor,
                each,
                held,
                now=now,
                assignee_name=names.get(each.assignee or ""),
            )
            for each, held, _value in rows[: asked.limit]
        )
        if asked.scope == "upcoming":
            items = _opened(session, actor, items)
    return Page(items, next_cursor(rows, asked.limit, lambda row: (row[2], row[0].id)))


def _wanted(
    office: Office, session: Session, actor: Actor, asked: Asked, *, now: datetime
) -> Select[Any]:
    """Tasks with their cases and with what they are ordered by, from behind the cursor on."""
    by = inbox_order.read(asked.by)
    if by is None or not by.needs_whole(asked.scope):
        return _in_order(office, actor, asked, now=now)
    if not _is_short(office, session, actor, asked, now=now):
        raise Invalid(
            f"超过 {COUNTED} 件，先筛选再按这一列排序。",
            f"more than {COUNTED} tasks: narrow the list before it is sorted by this column",
        )
    task, held = models.Task, models.Case
    found = inbox_reach.first(
        reach(office, actor, asked.scope), _order(asked), COUNTED, *_filters(asked, now)
    )
    after = behind((by.column, task.id), asked.cursor, ascending=not by.is_down)
    return (
        select(task, held, by.column.label("value"))
        .join(found, found.c.id == task.id)
        .join(held, held.id == task.case_id)
        .where(*after)
        .order_by(*by.of(by.column, task.id))
    )


def is_short(office: Office, actor: Actor, asked: Asked, *, now: datetime) -> bool:
    """Whether a list is read whole, so that it may be sorted by any column."""
    with office.uow.read() as session:
        return _is_short(office, session, actor, asked, now=now)


def _is_short(
    office: Office, session: Session, actor: Actor, asked: Asked, *, now: datetime
) -> bool:
    found = inbox_reach.first(
        reach(office, actor, asked.scope), _order(asked), COUNTED + 1, *_filters(asked, now)
    )
    return (session.scalar(select(func.count()).select_from(found)) or 0) <= COUNTED


def _in_order(office: Office, actor: Actor, asked: Asked, *, now: datetime) -> Select[Any]:
    """By the moment that the list is kept by: an index gives the first of each part of the scope."""
    task, held = models.Task, models.Case
    order = _order(asked)
    after = behind((order.moment, task.id), asked.cursor, ascending=order.is_ascending)
    found = inbox_reach.first(
        reach(office, actor, asked.scope),
        order,
        asked.limit + 1,
        *_filters(asked, now),
        *after,
    )
    return (
        select(task, held, found.c.moment)
        .join(found, found.c.id == task.id)
        .join(held, held.id == task.case_id)
        .order_by(*order.of(found.c.moment, found.c.id))
    )


def _opened(session: Session, actor: Actor, items: tuple[TaskView, ...]) -> tuple[TaskView, ...]:
    """What is coming is told before its case may be opened."""
    task, case = models.Task, models.Case
    asked = (
        select(task.id)
        .join(case, case.id == task.case_id)
        .where(task.id.in_([one.id for one in items]), access.visible_cases(actor))
    )
    seen = set(session.scalars(asked))
    return tuple(one if one.id in seen else replace(one, may_open=False) for one in items)


def _order(asked: Asked) -> Order:
    if asked.scope == "done":
        return Order.LATEST
    if (by := inbox_order.read(asked.by)) is not None and not by.needs_whole(asked.scope):
        return Order.ROOM if by.is_down else Order.SLACK
    return Order.NEWEST if asked.sort == "newest" else Order.SLACK


def _filters(asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.procedure:
        found.append(models.Case.procedure == asked.procedure)
    if asked.light:
        found.append(light_is(now) == asked.light)
    if asked.q.strip():
        text = asked.q.strip()
        if asked.scope != "done":
            found.append(may_say(text, (text.upper(), document_number_key(text))))
        found.append(_matches(text))
    return found


def light_is(
    now: datetime | BindParameter[datetime],
    task: type[models.Task] | type[models.OpenPlace] = models.Task,
) -> Any:
    """The light of a task as SQL: the same rule as engine/domain/light.py."""
    return case(
        (task.due_at < now, Light.RED.value),
        (task.is_paused | (task.whose == Whose.EXPERT.value), Light.BLUE.value),
        (task.warn_at <= now, Light.YELLOW.value),
        else_=Light.GREEN.value,
    )


def _matches(text: str) -> ColumnElement[bool]:
    """Number, subject, code, document number, and whatever any form of the case says."""
    held, own, other = models.Case, models.Task, aliased(models.Task)
    told = select(other.id).where(other.case_id == held.id, says(other.answers, text))
    return or_(
        held.number.contains(text.upper(), autoescape=True),
        held.subject_name.contains(text, autoescape=True),
        held.subject_code == text.upper(),
        held.line.contains(text, autoescape=True),
        held.line.contains(document_number_key(text), autoescape=True),
        held.applicant_name.contains(text, autoescape=True),
        says(held.answers, text),
        says(own.draft, text),
        exists(told.correlate(held)),
    )


def counts(office: Office, actor: Actor, *, now: datetime) -> InboxCounts:
    """Live numbers of the rail: open tasks that are the actor's or its group's.

    Each is exact up to COUNTED; of more, the first by slack are looked at.
    """
    rail = _rail(tuple(reach(office, actor, each) for each in _ON_THE_RAIL), COUNTED + 1)
    with office.uow.read() as session:
        counted = session.execute(rail).one()
        lights, procedures = _divided(session, office, actor, now)
    return InboxCounts(**counted._mapping, lights=lights, procedures=procedures)


# Asked on every page of the inbox: built once for all who reach the same. To build a statement takes
# as long as to ask it.

_ON_THE_RAIL = ("mine", "group", "upcoming", "done")


@lru_cache(maxsize=1024)
def _rail(reached: tuple[Reach, ...], most: int) -> Select[Any]:
    """All numbers of the rail in one statement."""
    counted = (inbox_reach.number(each, most) for each in reached)
    return select(
        *(
            number.scalar_subquery().label(each.scope)
            for each, number in zip(reached, counted, strict=True)
        )
    )


@lru_cache(maxsize=256)
def _dividing(reached: Reach, limit: int) -> Select[Any]:
    """From the narrow copies of what is open: a thousand wide rows would be read otherwise."""
    place = models.OpenPlace
    found = inbox_reach.first(reached, Order.SLACK, limit)
    light = light_is(bindparam("now", type_=place.due_at.type), place)
    return (
        select(light, place.procedure, func.count())
        .select_from(found)
        .join(place, place.id == found.c.id)
        .group_by(light, place.procedure)
    )


def _divided(
    session: Session, office: Office, actor: Actor, now: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """What is the actor's or its group's, by light and by procedure."""
    grouped = _dividing(reach(office, actor, "all"), COUNTED + 1)
    lights: Counter[str] = Counter()
    procedures: Counter[str] = Counter()
    for shown, procedure, n in session.execute(grouped, {"now": now}):
        lights[shown] += n
        procedures[procedure] += n
    return dict(lights), dict(procedures)


def number(office: Office, actor: Actor, asked: Asked, *, now: datetime) -> int:
    """How many tasks a list has, counted among the first of its scope; COUNTED + 1 of more."""
    task, held = models.Task, models.Case
    found = inbox_reach.first(reach(office, actor, asked.scope), _order(asked), COUNTED + 1)
    wanted = (
        select(func.count())
        .select_from(found)
        .join(task, task.id == found.c.id)
        .join(held, held.id == task.case_id)
        .where(*_filters(asked, now))
    )
    with office.uow.read() as session:
        return session.scalar(wanted) or 0
