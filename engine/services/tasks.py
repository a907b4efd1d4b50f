"""Tasks: the inbox, claim, give back, hand over, save a draft, complete."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, NotPermitted, TaskAlreadyClaimed, TaskNotOpen
from engine.domain.views import InboxCounts, Page, TaskPage, TaskView
from engine.persistence import models
from engine.services import access, inbox_view, task_page, veils
from engine.services.access import OPEN
from engine.services.completion import complete
from engine.services.handover import delegate, reassign
from engine.services.inbox_view import Asked
from engine.services.office import Office
from engine.services.stepping import open_casework
from engine.services.task_access import excluded_from, seen, titled


class Anything(Enum):
    """Stands for any draft."""

    ANYTHING = "anything"


ANYTHING = Anything.ANYTHING

__all__ = [
    "Asked",
    "claim",
    "complete",
    "counts",
    "delegate",
    "form",
    "get",
    "inbox",
    "is_short",
    "reassign",
    "save_draft",
    "unclaim",
]


def inbox(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    scope: str = "mine",
    procedure: str | None = None,
    light: str | None = None,
    q: str = "",
    sort: str = "slack",
    cursor: str | None = None,
    limit: int = 50,
    by: str = "",
) -> Page[TaskView]:
    """Tasks of a scope (mine, group, all, done, upcoming), the least slack first, or `by` a column."""
    asked = Asked(scope, procedure, light, q, sort, cursor, limit, by)
    return inbox_view.page(office, actor, asked, now=now)


def is_short(office: Office, actor: Actor, asked: Asked, *, now: datetime) -> bool:
    """Whether that list may be sorted by any of its columns: it is short enough to be read whole."""
    return inbox_view.is_short(office, actor, asked, now=now)


def counts(office: Office, actor: Actor, *, now: datetime) -> InboxCounts:
    return inbox_view.counts(office, actor, now=now)


def get(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> TaskPage:
    return task_page.page(office, actor, task_id, now=now)


def form(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> Mapping[str, Any]:
    return task_page.page(office, actor, task_id, now=now).form


def claim(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> None:
    """Take a task. TaskAlreadyClaimed when somebody was faster; one winner under any race."""
    with office.uow.begin() as session:
        task, case = seen(session, actor, task_id, to_change=True)
        if task.assignee == actor.username and task.state == "claimed":
            return
        _must_be_free(office, session, actor, task, case)
        task.state, task.assignee, task.claimed_at = "claimed", actor.username, now
        task.version += 1
        work = open_casework(office, session, case, actor, now)
        element = work.procedure.element(task.process_id, task.element_id)
        work.note("task_claimed", titled("领取", "claimed", element), element=element)


def _must_be_free(
    office: Office, session: Session, actor: Actor, task: models.Task, case: models.Case
) -> None:
    if not access.is_offered(actor, task, case):
        raise NotPermitted("这项任务不属于您的岗位。", "this task is not offered to your group")
    if task.state not in OPEN:
        raise TaskNotOpen("这项任务已经办结或取消。", "this task is done or cancelled")
    if task.assignee is not None:
        raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
    excluded = excluded_from(office, session, task, case)
    reason = access.reason_not_to_take(actor, task, case, excluded=excluded)
    if reason is not None:
        raise NotPermitted(reason.zh, reason.en)


def unclaim(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> None:
    """Give a task back to its group; a delegated one goes back to who delegated it."""
    with office.uow.begin() as session:
        task, case = seen(session, actor, task_id, to_change=True)
        if task.assignee not in actor.hands and not actor.may(Permission.SUPERVISE):
            raise NotPermitted("只能退回自己领取的任务。", "you do not hold this task")
        if task.state != "claimed":
            raise TaskNotOpen("这项任务没有被领取。", "this task is not claimed")
        back = task.delegated_by
        task.assignee, task.delegated_by = back, None
        task.state, task.claimed_at = ("claimed", now) if back else ("ready", None)
        task.version += 1
        work = open_casework(office, session, case, actor, now)
        element = work.procedure.element(task.process_id, task.element_id)
        work.note("task_unclaimed", titled("退回", "given back", element), element=element)


def save_draft(
    office: Office,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    seen_at: datetime | Anything | None = ANYTHING,
) -> datetime:
    """Keep half-filled answers; they are checked when the task is completed.

    `seen_at`: when the draft that these answers rest on was saved. Conflict when somebody else has
    saved another since.
    """
    with office.uow.begin() as session:
        task, case = seen(session, actor, task_id, to_change=True)
        if not access.is_offered(actor, task, case) and task.assignee not in actor.hands:
            raise NotPermitted("这项任务不属于您的岗位。", "this task is not offered to your group")
        if task.state not in OPEN:
            raise TaskNotOpen("这项任务现在不能填写。", "this task cannot be filled in now")
        if task.assignee not in (None, *actor.hands):
            raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
        is_anothers = task.draft_by not in (None, actor.username)
        if is_anothers and seen_at is not ANYTHING and task.draft_at != seen_at:
            raise Conflict(
                "同事刚刚存了另一份草稿，您的没有存上。请先载入看看。",
                "a colleague has just saved another draft: yours is not kept, load theirs first",
            )
        task.draft = veils.filled_in(answers, task.draft)
        task.draft_at, task.draft_by = now, actor.username
    return now
