"""Tasks: claim, give back, hand over, save a draft, complete."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    TaskAlreadyClaimed,
    TaskNotOpen,
)
from engine.domain.form import counted, validate
from engine.domain.views import Completed, InboxCounts, Page, TaskPage, TaskView
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import stepper
from engine.runtime.drawing import Element
from engine.runtime.stepper import Instance, Step
from engine.services import access, forms, inbox_view, task_view
from engine.services.access import OPEN
from engine.services.casework import Casework
from engine.services.office import Office
from engine.services.stepping import Driven, drive, fire_timer, open_casework, settle


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
) -> Page[TaskView]:
    """Tasks of a scope (mine, group, all, done, upcoming), the least slack first."""
    asked = inbox_view.Asked(scope, procedure, light, q, sort, cursor, limit)
    return inbox_view.page(office, actor, asked, now=now)


def counts(office: Office, actor: Actor, *, now: datetime) -> InboxCounts:
    return inbox_view.counts(office, actor, now=now)


def get(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> TaskPage:
    return task_view.page(office, actor, task_id, now=now)


def form(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> Mapping[str, Any]:
    return task_view.page(office, actor, task_id, now=now).form


def claim(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> None:
    """Take a task. TaskAlreadyClaimed when somebody was faster; one winner under any race."""
    with office.uow.begin() as session:
        task, case = _seen(session, actor, task_id)
        if task.assignee == actor.username and task.state == "claimed":
            return
        _must_be_free(office, session, actor, task, case)
        _hold(session, task, actor.username, now=now)
        work = open_casework(office, session, _lock(session, case), actor, now)
        element = work.procedure.element(task.process_id, task.element_id)
        work.note("task_claimed", _titled("领取", "claimed", element), element=element)


def _must_be_free(
    office: Office, session: Session, actor: Actor, task: models.Task, case: models.Case
) -> None:
    if task.state not in OPEN:
        raise TaskNotOpen("这项任务已经办结或取消。", "this task is done or cancelled")
    if task.assignee is not None:
        raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
    excluded = excluded_from(office, session, task, case)
    reason = access.reason_not_to_take(actor, task, case, excluded=excluded)
    if reason is not None:
        raise NotPermitted(reason.zh, reason.en)


def _hold(session: Session, task: models.Task, username: str, *, now: datetime) -> None:
    table = models.Task.__table__
    taken = session.execute(
        update(table)
        .where(table.c.id == task.id, table.c.state == "ready", table.c.assignee.is_(None))
        .values(state="claimed", assignee=username, claimed_at=now, version=table.c.version + 1)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")


def unclaim(office: Office, actor: Actor, task_id: UUID, *, now: datetime) -> None:
    """Give a task back to its group; a delegated one goes back to who delegated it."""
    with office.uow.begin() as session:
        task, case = _seen(session, actor, task_id)
        if task.assignee != actor.username and not actor.may(Permission.SUPERVISE):
            raise NotPermitted("只能退回自己领取的任务。", "you do not hold this task")
        if task.state != "claimed":
            raise TaskNotOpen("这项任务没有被领取。", "this task is not claimed")
        back = task.delegated_by
        task.assignee, task.delegated_by = back, None
        task.state, task.claimed_at = ("claimed", now) if back else ("ready", None)
        task.version += 1
        work = open_casework(office, session, _lock(session, case), actor, now)
        element = work.procedure.element(task.process_id, task.element_id)
        work.note("task_unclaimed", _titled("退回", "given back", element), element=element)


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
        task, case = _seen(session, actor, task_id)
        if task.state not in OPEN:
            raise TaskNotOpen("这项任务已经办结或取消。", "this task is done or cancelled")
        is_offered = task.assignee is None and access.is_offered(actor, task, case)
        if not (task.assignee == actor.username or is_offered or actor.may(Permission.SUPERVISE)):
            raise NotPermitted("只能转办自己的任务。", "you do not hold this task")
        _check_receiver(office, session, task, case, to)
        before, task.assignee = task.assignee, to
        task.delegated_by = actor.username if comes_back else None
        task.state, task.claimed_at, task.version = "claimed", now, task.version + 1
        work = open_casework(office, session, _lock(session, case), actor, now)
        element = work.procedure.element(task.process_id, task.element_id)
        work.note(
            "task_reassigned",
            _titled("转办", "reassigned", element),
            detail=reason,
            changes={"from": before, "to": to},
            element=element,
        )


def _check_receiver(
    office: Office, session: Session, task: models.Task, case: models.Case, to: str
) -> None:
    person = session.scalar(select(models.Person).where(models.Person.username == to))
    fits = (
        person is not None
        and person.is_active
        and task.candidate_group in person.groups
        and (task.department is None or task.department == person.department)
    )
    if not fits:
        raise Invalid(
            "此人不在该岗位组。", "not a member of the group", fields={"to": "不在岗位组"}
        )
    if to in excluded_from(office, session, task, case):
        raise NotPermitted(
            "前一步由此人办理，须换人。", "four eyes: that person did the step before"
        )


def save_draft(
    office: Office, actor: Actor, task_id: UUID, answers: Mapping[str, Any], *, now: datetime
) -> datetime:
    """Keep half-filled answers; they are checked when the task is completed."""
    with office.uow.begin() as session:
        task, case = _seen(session, actor, task_id)
        if task.state not in OPEN or not access.is_offered(actor, task, case):
            raise TaskNotOpen("这项任务现在不能填写。", "this task cannot be filled in now")
        if task.assignee not in (None, actor.username):
            raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
        task.draft, task.draft_at = dict(answers), now
    return now


class _TimersFirst(Exception):
    """Timers of this instance are due: they fire before anybody answers."""

    def __init__(self, timer_ids: list[UUID]) -> None:
        self.timer_ids = timer_ids


def complete(
    office: Office,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    version: int | None = None,
) -> Completed:
    """Complete a task and move its case to the next wait.

    Errors: TaskNotOpen (done, cancelled, or ended by a timer that was due), TaskAlreadyClaimed,
    NotPermitted, Invalid with fields. On any of them nothing of the step remains.
    """
    while True:
        driven = Driven()
        try:
            with office.uow.begin() as session:
                done = _complete(office, session, actor, task_id, answers, driven, now, version)
        except _TimersFirst as first:
            # A breach leaves its trace also when the answer comes before the next sweep.
            for timer_id in first.timer_ids:
                fire_timer(office, timer_id, now=now)
            continue
        driven.put_back(office)
        return done


def _complete(
    office: Office,
    session: Session,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    driven: Driven,
    now: datetime,
    version: int | None,
) -> Completed:
    task, row, case = _locked(session, task_id)
    procedure = office.procedure(session, case.definition_id)
    element = procedure.element(task.process_id, task.element_id)
    _check_completable(office, session, actor, task, case, element)
    if version is not None and version != task.version:
        raise Conflict("任务刚刚有变动，请刷新。", "the task has changed since you read it")
    if row.next_due_at is not None and row.next_due_at <= now:
        due = _due_timers(session, row.id, now)
        if due:
            raise _TimersFirst(due)
    given = _checked(forms.schema_of(session, procedure, task), answers)
    work = open_casework(office, session, case, actor, now)
    work.answers = given
    _finish(work, task, element, given)

    def act(inner: Casework, live: Instance) -> Step:
        return stepper.complete(live, task.id, given, inner)

    session.info["completed_task"] = task.id
    drive(work, row, act, driven)
    settle(work, driven)
    return Completed(case.number, None)


def _locked(
    session: Session, task_id: UUID
) -> tuple[models.Task, models.ProcessInstance, models.Case]:
    # All three rows are locked: a waiter must see all of them as the winner left them.
    found = session.execute(
        select(models.Task, models.ProcessInstance, models.Case)
        .join(models.ProcessInstance, models.ProcessInstance.id == models.Task.instance_id)
        .join(models.Case, models.Case.id == models.Task.case_id)
        .where(models.Task.id == task_id)
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound("没有这项任务。", "there is no such task")
    return found[0], found[1], found[2]


def _check_completable(
    office: Office,
    session: Session,
    actor: Actor,
    task: models.Task,
    case: models.Case,
    element: Element,
) -> None:
    if actor.is_enterprise and actor.subject != case.subject_code:
        raise NotFound("没有这项任务。", "there is no such task")
    if task.state not in OPEN:
        raise TaskNotOpen("这项任务已经办结或取消。", "this task is done or cancelled")
    if task.assignee not in (None, actor.username) and task.candidate_group != "applicant":
        raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
    excluded = _excluded(session, case, element)
    if task.candidate_group == "applicant" and access.is_offered(actor, task, case):
        return
    reason = access.reason_not_to_take(actor, task, case, excluded=excluded)
    if reason is not None:
        raise NotPermitted(reason.zh, reason.en)


def _due_timers(session: Session, instance_id: UUID, now: datetime) -> list[UUID]:
    timer = models.Timer
    due = select(timer.id).where(
        timer.instance_id == instance_id, timer.fired_at.is_(None), timer.due_at <= now
    )
    return list(session.scalars(due.order_by(timer.due_at)))


def _checked(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    problems = validate(schema, answers)
    if problems:
        raise Invalid(
            "有未填或填错的内容。",
            "something is missing or wrong",
            fields={name: words.zh for name, words in problems.items()},
        )
    return counted(schema, answers)


def _finish(
    work: Casework, task: models.Task, element: Element, answers: Mapping[str, Any]
) -> None:
    task.state, task.completed_at = "completed", work.now_at
    task.completed_by = task.assignee = work.actor.username
    task.claimed_at = task.claimed_at or work.now_at
    task.answers, task.draft, task.draft_at = dict(answers), None, None
    task.version += 1
    late = task.due_at is not None and work.now_at > task.due_at
    changes = {"answers": dict(answers), **({"late": True} if late else {})}
    work.note("task_completed", element.title, changes=changes, element=element)
    opinion = next((answers[k] for k in ("opinion", "findings") if answers.get(k)), None)
    if opinion and element.whose == "office":
        work.remember(findings=str(opinion))


def _titled(zh: str, en: str, element: Element) -> Words:
    return Words(f"{zh}：{element.title.zh}", f"{en}: {element.title.en or element.id}")


def _seen(session: Session, actor: Actor, task_id: UUID) -> tuple[models.Task, models.Case]:
    """The task and its case, when the actor may know of them."""
    found = session.execute(
        select(models.Task, models.Case)
        .join(models.Case, models.Case.id == models.Task.case_id)
        .where(models.Task.id == task_id, access.visible_cases(actor))
    ).first()
    if found is None:
        raise NotFound("没有这项任务。", "there is no such task")
    return found[0], found[1]


def _lock(session: Session, case: models.Case) -> models.Case:
    session.refresh(case, with_for_update=True)
    return case


def excluded_from(
    office: Office, session: Session, task: models.Task, case: models.Case
) -> frozenset[str]:
    """Usernames that four eyes keep away from the task."""
    procedure = office.procedure(session, case.definition_id)
    return _excluded(session, case, procedure.element(task.process_id, task.element_id))


def _excluded(session: Session, case: models.Case, element: Element) -> frozenset[str]:
    if not element.other_than:
        return frozenset()
    task = models.Task
    done = select(task.completed_by).where(
        task.case_id == case.id,
        task.element_id.in_(element.other_than),
        task.state == "completed",
    )
    return frozenset(name for name in session.scalars(done) if name)
