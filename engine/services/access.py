"""Who may see a case and who may take a task: one place for both questions."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, or_, select, true
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Covered, Permission
from engine.domain.errors import NotFound
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import ClockKind

OPEN = ("ready", "claimed")
#: Letters that offices write to one another about a case.
BETWEEN_OFFICES = frozenset(
    {"supervision_notice", "verification_request", "base_proof_request", "complaint_referral"}
    | {"court_query", "court_term_query"}
)


def is_open() -> ColumnElement[bool]:
    """Tasks that are open. The indexes of open tasks go by the moment of completion: it is said too."""
    task = models.Task
    return and_(task.completed_at.is_(None), task.state.in_(OPEN))


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """An enterprise sees its own; a department what it is candidate for or takes part in."""
    case = models.Case
    if actor.may(Permission.SEE_ALL_CASES):
        return true()
    if actor.subject is not None:
        return case.subject_code == actor.subject
    if not actor.is_staff:
        return false()
    task = models.Task
    part = or_(offered_to(actor), task.assignee.in_(actor.hands), _done_by_department(actor))
    mine = select(task.id).where(task.case_id == case.id, part)
    return exists(mine.correlate(case))


def visible_case(
    session: Session, actor: Actor, number: str, *, to_change: bool = False
) -> models.Case:
    """The case, locked when it is to be changed. NotFound for one that the actor may not see."""
    asked = _by_number(actor)
    if to_change:
        asked = asked.with_for_update(of=models.Case)
    found: models.Case | None = session.scalar(asked, {"number": number})
    if found is None:
        raise NotFound("没有这个办件。", "there is no such case")
    return found


@lru_cache(maxsize=512)
def _by_number(actor: Actor) -> Select[Any]:
    """Built once for each reader: to build it takes as long as to ask it."""
    case = models.Case
    return select(case).where(case.number == bindparam("number"), visible_cases(actor))


def handles_clock(actor: Actor, kind: ClockKind | None) -> bool:
    """Whether the actor may pause, resume or ask to extend this clock of the cases it takes part in:
    its post allows it everywhere, or it is whose work the clock measures (`keepers`)."""
    keeps = kind is not None and not actor.groups.isdisjoint(kind.keepers)
    return keeps or actor.may(Permission.HANDLE_CLOCKS)


def _done_by_department(actor: Actor) -> ColumnElement[bool]:
    task = models.Task
    mine = task.completed_by == actor.username
    if actor.department is None:
        return mine
    same = and_(task.department == actor.department, task.state != "cancelled")
    return or_(mine, same)


def offered_to(actor: Actor) -> ColumnElement[bool]:
    """Tasks whose group the actor belongs to, in the actor's department where that matters; and
    those of the groups of whom it stands in for."""
    own = _offered(actor.groups, actor.department)
    return or_(own, *(_offered(one.groups, one.department) for one in actor.covers))


def _offered(groups: frozenset[str], department: str | None) -> ColumnElement[bool]:
    task = models.Task
    here = or_(task.department.is_(None), task.department == (department or ""))
    return and_(task.candidate_group.in_(sorted(groups)), here)


def is_offered(actor: Actor, task: models.Task, case: models.Case) -> bool:
    if task.candidate_group == "applicant":
        return actor.subject == case.subject_code and actor.subject is not None
    return _fits(actor, task) or any(_fits(one, task) for one in actor.covers)


def _fits(one: Actor | Covered, task: models.Task) -> bool:
    same = task.department is None or task.department == one.department
    return task.candidate_group in one.groups and same


def covered_for(actor: Actor, task: models.Task) -> Covered | None:
    """In whose place the actor would do the task; None when it is the actor's own to do."""
    held = next((one for one in actor.covers if one.username == task.assignee), None)
    if held is not None or task.assignee == actor.username or _fits(actor, task):
        return held
    return next((one for one in actor.covers if _fits(one, task)), None)


def is_for_applicant(letter: models.Letter) -> bool:
    """An applicant sees the letters that are served or announced in public, and none between
    offices."""
    is_out = letter.state == "served" or letter.way == "public_notice"
    return is_out and letter.key not in BETWEEN_OFFICES


def reason_not_to_take(
    actor: Actor, task: models.Task, case: models.Case, *, excluded: frozenset[str]
) -> Words | None:
    """Why the actor may not claim or complete the task; None when it may.

    `excluded`: usernames that four eyes keep away (other_than).
    """
    if task.state not in OPEN:
        return Words("这项任务已经办结或取消。", "this task is done or cancelled")
    if not is_offered(actor, task, case):
        return Words("这项任务不属于您的岗位。", "this task is not offered to your group")
    if actor.username in excluded:
        return Words(
            "前一步由您办理，须换人。", "you did the step before: another must do this one"
        )
    covered = covered_for(actor, task)
    if covered is not None and covered.username in excluded:
        return Words(
            f"前一步由{covered.name}办理，代理人不能代办这一步。",
            f"{covered.name} did the step before: the substitute may not do this one for them",
        )
    if task.assignee not in (None, *actor.hands):
        return Words("已由他人领取。", "somebody else holds it")
    return None
