"""Which tasks a scope of the inbox reaches, in parts that an index serves in their order.

`a OR b ORDER BY due_at` reads everything of both; the first rows of each part, merged, read a page.
A reach is a plain value: statements are built once for all who reach the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from engine.domain.actor import Actor, Covered, Permission
from engine.persistence import models
from engine.services import access, upcoming
from engine.services.office import Office
from engine.services.upcoming import Before

Parts = Sequence[ColumnElement[bool]]
APPLICANT = "applicant"
_CASE = aliased(models.Case)


@dataclass(frozen=True, slots=True)
class Reach:
    """Of one scope: who asks, and everything that their list depends on beside the tasks."""

    scope: str
    username: str
    hands: tuple[str, ...]
    #: groups with their departments, of the actor and of whom it stands in for
    lent: tuple[tuple[tuple[str, ...], str], ...] = ()
    subject: str | None = None
    all_groups: tuple[str, ...] = ()  # of who sees all cases
    before: Before = ()  # of what is coming


def reach(office: Office, actor: Actor, scope: str) -> Reach:
    """What of a scope this reader reaches: an answer that all who reach the same share."""
    lent: tuple[Actor | Covered, ...] = (actor, *actor.covers)
    sees_all = scope == "all" and actor.may(Permission.SEE_ALL_CASES)
    return Reach(
        scope=scope,
        username=actor.username,
        hands=actor.hands,
        lent=tuple((tuple(sorted(one.groups)), one.department or "") for one in lent),
        subject=actor.subject,
        all_groups=(*sorted(office.directory().groups), APPLICANT) if sees_all else (),
        before=upcoming.before(office, actor) if scope == "upcoming" else (),
    )


def parts(reached: Reach) -> Parts:
    """Conditions that exclude each other; together they are the scope."""
    task = models.Task
    if reached.scope == "mine":
        return [_held(reached)]
    if reached.scope == "group":
        unclaimed = and_(task.state == "ready", task.assignee.is_(None))
        return [and_(part, unclaimed) for part in _offered(reached)] or [false()]
    if reached.scope == "done":
        return [and_(task.state == "completed", task.completed_by == reached.username)]
    if reached.scope == "upcoming":
        return _coming(reached)
    if reached.all_groups:
        return [_of_group(group, true()) for group in reached.all_groups]
    others = or_(task.assignee.is_(None), task.assignee.not_in(reached.hands))
    return [_held(reached), *(and_(part, others) for part in _offered(reached))]


def _held(reached: Reach) -> ColumnElement[bool]:
    return and_(access.is_open(), models.Task.assignee.in_(reached.hands))


def _offered(reached: Reach) -> Parts:
    """Open tasks that the actor may take: one part for each group, whoever lends it."""
    if reached.subject is not None:
        own = _of_case(_CASE.subject_code == reached.subject)
        return [and_(_of_group(APPLICANT, true()), own)]
    groups = sorted({group for groups, _ in reached.lent for group in groups})
    return [_of_group(group, _department(group, reached)) for group in groups]


def _of_group(group: str, also: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(access.is_open(), models.Task.candidate_group == group, also)


def _department(group: str, reached: Reach) -> ColumnElement[bool]:
    department = models.Task.department
    return or_(department.is_(None), department.in_(_departments(group, reached)))


def _departments(group: str, reached: Reach) -> list[str]:
    """Where the actor, and whoever lends to it, belongs to the group."""
    return sorted({where for groups, where in reached.lent if group in groups})


def _coming(reached: Reach) -> Parts:
    """Others' tasks at the places before the actor's: one part for each group that has them now."""
    if reached.subject is not None:
        return [false()]  # the office's own steps
    task, decided_by = models.Task, _CASE.authority_key
    departments = {where for _, where in reached.lent if where}
    of_cases = {
        "any": true(),
        "own": _of_case(decided_by.in_(sorted(departments))),
        "nobody": _of_case(decided_by.is_(None)),
    }
    return [
        and_(
            access.is_open(),
            task.candidate_group == group,
            _at(places, group, reached),
            of_cases[whose],
        )
        for group, whose, places in reached.before
    ] or [false()]


def _at(places: Sequence[tuple[str, str]], group: str, reached: Reach) -> ColumnElement[bool]:
    """Tasks of the group at these places that are not offered to the actor: of its own group those of
    other departments. Said by what lies between, place by place: no index finds "other than"."""
    task = models.Task
    if not any(group in groups for groups, _ in reached.lent):
        return tuple_(task.process_id, task.element_id).in_(places)
    own = _departments(group, reached)
    elsewhere = (
        task.department < own[0],
        *(and_(task.department > one, task.department < two) for one, two in pairwise(own)),
        task.department > own[-1],
    )
    return or_(
        *(
            and_(task.process_id == process_id, task.element_id == element_id, each)
            for process_id, element_id in places
            for each in elsewhere
        )
    )


def _of_case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tasks of cases of which that is true; asked beside whatever else is asked of the case."""
    found = select(_CASE.id).where(_CASE.id == models.Task.case_id, condition)
    return found.correlate(models.Task).exists()


class Order(Enum):
    """By which moment tasks are listed, and which way; their ids settle the rest."""

    SLACK = "due_at", True
    ROOM = "due_at", False
    NEWEST = "created_at", False
    LATEST = "completed_at", False

    @property
    def moment(self) -> Any:
        return getattr(models.Task, self.value[0])

    @property
    def is_ascending(self) -> bool:
        return self.value[1]

    def of(self, moment: Any, task_id: Any) -> tuple[Any, Any]:
        if self.is_ascending:
            return moment.asc(), task_id.asc()
        return moment.desc(), task_id.desc()


def first(reached: Reach, order: Order, limit: int, *conditions: Any) -> Any:
    """The ids of the first tasks of a reach, with the moment they are ordered by."""
    task = models.Task
    arms = [
        asked.order_by(*order.of(order.moment, task.id)).limit(limit)
        for asked in _arms(reached, order, conditions)
    ]
    if len(arms) == 1:
        return arms[0].subquery()
    merged = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    ordered = order.of(merged.c.moment, merged.c.id)
    return select(merged).order_by(*ordered).limit(limit).subquery()


def number(reached: Reach, most: int) -> Any:
    """How many tasks a reach has, as far as `most`: of open tasks any are counted, in no order; of
    those done, the newest. Else the planner reads the table from anywhere until it has met so many."""
    if reached.scope == "done":
        return select(func.count()).select_from(first(reached, Order.LATEST, most))
    arms = [asked.limit(most) for asked in _arms(reached, Order.SLACK, ())]
    found = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    return select(func.count()).select_from(select(found).limit(most).subquery())


def _arms(reached: Reach, order: Order, conditions: Sequence[Any]) -> list[Select[Any, Any]]:
    task, case = models.Task, models.Case
    asked = select(task.id, order.moment.label("moment")).where(*conditions)
    if conditions:
        asked = asked.join(case, case.id == task.case_id)
    return [asked.where(part) for part in parts(reached)]
