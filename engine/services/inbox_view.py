"""The inbox: tasks of a scope in the order of their slack, and the live counts of its rail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true

from engine.domain.actor import Actor, Permission
from engine.domain.clock import Light, Whose
from engine.domain.errors import Invalid
from engine.domain.identifiers import document_number_key
from engine.domain.views import InboxCounts, Page, TaskView
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services import access, upcoming
from engine.services.office import Office
from engine.services.task_view import names_of, task_view

SCOPES = ("mine", "group", "all", "done", "upcoming")
Columns = tuple[models.Task, models.Case]


@dataclass(frozen=True, slots=True)
class Asked:
    scope: str
    procedure: str | None
    light: str | None
    q: str
    sort: str
    cursor: str | None
    limit: int


def page(office: Office, actor: Actor, asked: Asked, *, now: datetime) -> Page[TaskView]:
    if asked.scope not in SCOPES:
        raise Invalid(
            f"scope 应为 {'、'.join(SCOPES)} 之一。", f"scope is one of {', '.join(SCOPES)}"
        )
    task = models.Task
    found = (
        select(task, models.Case)
        .join(models.Case, models.Case.id == task.case_id)
        .where(_in_scope(office, actor, asked.scope), *_filters(asked, now))
    )
    newest_first = asked.scope == "done" or asked.sort == "newest"
    moment = task.completed_at if asked.scope == "done" else task.created_at
    columns = (moment, task.id) if newest_first else (task.due_at, task.id)
    found = after_cursor(found, columns, asked.cursor, ascending=not newest_first)
    with office.uow.read() as session:
        rows: Sequence[Any] = session.execute(found.limit(asked.limit + 1)).all()
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
            for each, held in rows[: asked.limit]
        )
    return Page(items, next_cursor(rows, asked.limit, lambda row: _key(row[0], columns)))


def _key(row: models.Task, columns: tuple[Any, Any]) -> tuple[Any, Any]:
    return getattr(row, columns[0].key), row.id


def _in_scope(office: Office, actor: Actor, scope: str) -> ColumnElement[bool]:
    task = models.Task
    is_open = access.is_open()
    if scope == "mine":
        return and_(is_open, task.assignee.in_(actor.hands))
    if scope == "group":
        return and_(is_open, task.state == "ready", task.assignee.is_(None), _offered(actor))
    if scope == "done":
        return and_(task.state == "completed", task.completed_by == actor.username)
    if scope == "upcoming":
        return and_(is_open, upcoming.leads_to(office, actor))
    everything = true() if actor.may(Permission.SEE_ALL_CASES) else false()
    return and_(is_open, or_(everything, task.assignee.in_(actor.hands), _offered(actor)))


def _offered(actor: Actor) -> ColumnElement[bool]:
    if actor.subject is None:
        return access.offered_to(actor)
    return and_(
        models.Task.candidate_group == "applicant", models.Case.subject_code == actor.subject
    )


def _filters(asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.procedure:
        found.append(models.Case.procedure == asked.procedure)
    if asked.light:
        found.append(light_is(now) == asked.light)
    if asked.q.strip():
        found.append(_matches(asked.q.strip()))
    return found


def light_is(now: datetime) -> Any:
    """The light of a task as SQL: the same rule as engine/domain/light.py."""
    task = models.Task
    return case(
        (task.due_at < now, Light.RED.value),
        (task.is_paused | (task.whose == Whose.EXPERT.value), Light.BLUE.value),
        (task.warn_at <= now, Light.YELLOW.value),
        else_=Light.GREEN.value,
    )


def _matches(text: str) -> ColumnElement[bool]:
    held = models.Case
    return or_(
        held.number.contains(text.upper(), autoescape=True),
        held.subject_name.contains(text, autoescape=True),
        held.subject_code == text.upper(),
        held.line.contains(text, autoescape=True),
        held.line.contains(document_number_key(text), autoescape=True),
    )


def counts(office: Office, actor: Actor, *, now: datetime) -> InboxCounts:
    """Live numbers of the rail: open tasks that are the actor's or its group's."""
    task = models.Task
    with office.uow.read() as session:

        def number(scope: str) -> int:
            found = _counted(select(func.count(task.id))).where(_in_scope(office, actor, scope))
            return session.scalar(found) or 0

        reach = _in_scope(office, actor, "all")
        light, procedure = light_is(now), models.Case.procedure
        by_light = _counted(select(light, func.count(task.id))).where(reach).group_by(light)
        by_procedure = _counted(select(procedure, func.count(task.id))).where(reach)
        return InboxCounts(
            mine=number("mine"),
            group=number("group"),
            upcoming=number("upcoming"),
            done=number("done"),
            lights={row[0]: row[1] for row in session.execute(by_light)},
            procedures={
                row[0]: row[1] for row in session.execute(by_procedure.group_by(procedure))
            },
        )


def _counted(found: Any) -> Any:
    return found.select_from(models.Task).join(models.Case, models.Case.id == models.Task.case_id)
