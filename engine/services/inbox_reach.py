"""Which tasks a scope of the inbox reaches, in parts that an index serves in their order.

`a OR b ORDER BY due_at` reads everything of both; the first rows of each part, merged, read a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true, union_all

from engine.domain.actor import Actor, Covered, Permission
from engine.persistence import models
from engine.services import access, upcoming
from engine.services.office import Office

Parts = Sequence[ColumnElement[bool]]
APPLICANT = "applicant"


def parts(office: Office, actor: Actor, scope: str) -> Parts:
    """Conditions that exclude each other; together they are the scope."""
    if scope == "mine":
        return [_held(actor)]
    if scope == "group":
        task = models.Task
        return [
            and_(part, task.state == "ready", task.assignee.is_(None)) for part in _offered(actor)
        ]
    if scope == "done":
        task = models.Task
        return [and_(task.state == "completed", task.completed_by == actor.username)]
    if scope == "upcoming":
        return upcoming.parts(office, actor)
    if actor.may(Permission.SEE_ALL_CASES):
        return [
            _of_group(group, true()) for group in (*sorted(office.directory().groups), APPLICANT)
        ]
    others = or_(models.Task.assignee.is_(None), models.Task.assignee.not_in(actor.hands))
    return [_held(actor), *(and_(part, others) for part in _offered(actor))]


def _held(actor: Actor) -> ColumnElement[bool]:
    return and_(access.is_open(), models.Task.assignee.in_(actor.hands))


def _offered(actor: Actor) -> Parts:
    """Open tasks that the actor may take: one part for each group, whoever lends it."""
    if actor.subject is not None:
        own = models.Case.subject_code == actor.subject
        return [and_(_of_group(APPLICANT, true()), own)]
    lent: list[Actor | Covered] = [actor, *actor.covers]
    groups = sorted({group for one in lent for group in one.groups})
    return [_of_group(group, _department(group, lent)) for group in groups]


def _of_group(group: str, also: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(access.is_open(), models.Task.candidate_group == group, also)


def _department(group: str, lent: Sequence[Actor | Covered]) -> ColumnElement[bool]:
    department = models.Task.department
    own = sorted({one.department or "" for one in lent if group in one.groups})
    return or_(department.is_(None), department.in_(own))


@dataclass(frozen=True, slots=True)
class Order:
    """By which moment tasks are listed, and which way; their ids settle the rest."""

    moment: Any
    is_ascending: bool

    def of(self, moment: Any, task_id: Any) -> tuple[Any, Any]:
        if self.is_ascending:
            return moment.asc(), task_id.asc()
        return moment.desc(), task_id.desc()


SLACK = Order(models.Task.due_at, is_ascending=True)
NEWEST = Order(models.Task.created_at, is_ascending=False)
LATEST = Order(models.Task.completed_at, is_ascending=False)


def first(reached: Parts, order: Order, limit: int, *conditions: Any) -> Any:
    """The ids of the first tasks among those parts, with the moment they are ordered by."""
    task, case = models.Task, models.Case
    arms = []
    for part in reached:
        asked = (
            select(task.id, order.moment.label("moment"))
            .join(case, case.id == task.case_id)
            .where(part, *conditions)
            .order_by(*order.of(order.moment, task.id))
            .limit(limit)
        )
        arms.append(asked)
    if len(arms) == 1:
        return arms[0].subquery()
    merged = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    ordered = order.of(merged.c.moment, merged.c.id)
    return select(merged).order_by(*ordered).limit(limit).subquery()
