"""Who may see a case and who may take a task: one place for both questions."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from engine.domain.actor import Actor, Permission
from engine.domain.words import Words
from engine.persistence import models

OPEN = ("ready", "claimed")


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
    part = or_(offered_to(actor), task.assignee == actor.username, _done_by_department(actor))
    mine = select(task.id).where(task.case_id == case.id, part)
    return exists(mine.correlate(case))


def _done_by_department(actor: Actor) -> ColumnElement[bool]:
    task = models.Task
    mine = task.completed_by == actor.username
    if actor.department is None:
        return mine
    same = and_(task.department == actor.department, task.state != "cancelled")
    return or_(mine, same)


def offered_to(actor: Actor) -> ColumnElement[bool]:
    """Tasks whose group the actor belongs to, in the actor's department where that matters."""
    task = models.Task
    here = or_(task.department.is_(None), task.department == (actor.department or ""))
    return and_(task.candidate_group.in_(sorted(actor.groups)), here)


def is_offered(actor: Actor, task: models.Task, case: models.Case) -> bool:
    if task.candidate_group == "applicant":
        return actor.subject == case.subject_code and actor.subject is not None
    same = task.department is None or task.department == actor.department
    return task.candidate_group in actor.groups and same


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
    if task.assignee not in (None, actor.username):
        return Words("已由他人领取。", "somebody else holds it")
    return None
