"""Handing a task over: for good, or expecting it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid, NotPermitted, TaskNotOpen
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access, covers
from engine.services.access import OPEN
from engine.services.office import Office
from engine.services.stepping import open_casework
from engine.services.task_access import excluded_from, seen, titled


def reassign(
    office: Office, actor: Actor, task_id: UUID, to: str, *, now: datetime, reason: str = ""
) -> None:
    """Hand a task over for good to somebody of its group; the holder, or a supervisor, may."""
    _hand_over(office, actor, task_id, to, reason, now=now, comes_back=False)


def delegate(
    office: Office, actor: Actor, task_id: UUID, to: str, *, now: datetime, reason: str = ""
) -> None:
    """Hand a task over, expecting it back."""
    _hand_over(office, actor, task_id, to, reason, now=now, comes_back=True)


def _hand_over(
    office: Office,
    actor: Actor,
    task_id: UUID,
    to: str,
    reason: str,
    *,
    now: datetime,
    comes_back: bool,
) -> None:
    with office.uow.begin() as session:
        task, case = seen(session, actor, task_id, to_change=True)
        if task.state not in OPEN:
            raise TaskNotOpen("这项任务已经办结或取消。", "this task is done or cancelled")
        is_offered = task.assignee is None and access.is_offered(actor, task, case)
        if not (task.assignee in actor.hands or is_offered or actor.may(Permission.SUPERVISE)):
            raise NotPermitted("只能转办自己的任务。", "you do not hold this task")
        giver = actor.username if comes_back else None
        if (task.assignee, task.delegated_by) == (to, giver):  # pressed twice
            return
        check_receiver(office, session, task, case, to, now=now)
        before, task.assignee = task.assignee, to
        task.delegated_by = giver
        task.state, task.claimed_at, task.version = "claimed", now, task.version + 1
        work = open_casework(office, session, case, actor, now)
        element = work.procedure.element(task.process_id, task.element_id)
        work.note(
            "task_reassigned",
            titled("转办", "reassigned", element),
            detail=reason,
            changes={"from": before, "to": to},
            element=element,
        )


def check_receiver(
    office: Office,
    session: Session,
    task: models.Task,
    case: models.Case,
    to: str,
    *,
    now: datetime,
) -> None:
    """Whether the task may be put into somebody's hands. While they are on leave their substitute
    does it, so that one must be let to as well."""
    person = session.scalar(select(models.Person).where(models.Person.username == to))
    if person is None or not _fits(person, task):
        raise Invalid(
            "此人不在该岗位组。", "not a member of the group", fields={"to": "不在岗位组"}
        )
    excluded = excluded_from(office, session, task, case)
    if to in excluded:
        raise NotPermitted(
            "前一步由此人办理，须换人。", "four eyes: that person did the step before"
        )
    acts = covers.receiver(office, to, now=now)
    if acts is None:
        raise Invalid(
            "此人请假，没有代理人。",
            "that person is on leave and nobody stands in",
            fields={"to": Words("请假，没有代理人", "on leave without a substitute")},
        )
    if acts in excluded:
        raise NotPermitted(
            "此人请假，其代理人办过前一步，须换人。",
            "that person is on leave, and who stands in did the step before",
        )


def _fits(person: models.Person, task: models.Task) -> bool:
    """Whether a task of that group and department could be theirs at all."""
    is_here = task.department is None or task.department == person.department
    return person.is_active and task.candidate_group in person.groups and is_here
