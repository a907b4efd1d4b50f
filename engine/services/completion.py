"""Completing a task: checked, driven and mirrored in one transaction, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session, aliased

from engine.domain.actor import Actor
from engine.domain.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    StepFailed,
    TaskAlreadyClaimed,
    TaskNotOpen,
)
from engine.domain.form import counted, validate
from engine.domain.views import Completed
from engine.persistence import models, words
from engine.runtime import stepper
from engine.runtime.drawing import Element
from engine.runtime.stepper import Instance, Step
from engine.services import (
    access,
    forms,
    incident_raising,
    known_days,
    passed_limits,
    site_checks,
    timers,
    veils,
)
from engine.services.access import OPEN
from engine.services.calendar_application import catch_up
from engine.services.casework import Casework
from engine.services.office import Office
from engine.services.step_failure import told_by
from engine.services.stepping import BESIDE, Driven, drive, open_casework, settle
from engine.services.task_access import excluded_by


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who answers what, when, having seen which version of the task."""

    actor: Actor
    task_id: UUID
    answers: Mapping[str, Any]
    now: datetime
    version: int | None
    #: process variables that an administrator corrects before the act (incident_repair)
    corrections: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of a completion, locked; the actor's own claimed task with the least slack, if it
    holds one more."""

    row: models.ProcessInstance
    case: models.Case
    task: models.Task
    next_task_id: UUID | None


_HELD = aliased(models.Task)
_NEXT = (
    select(_HELD.id)
    .where(
        _HELD.assignee == bindparam("username"),
        _HELD.state == "claimed",
        _HELD.completed_at.is_(None),
        _HELD.id != bindparam("task_id", type_=Uuid()),
    )
    .order_by(_HELD.due_at)
    .limit(1)
)
# One statement, built once: completing a task is what the system does most. All three rows are
# locked, as a waiter must see all of them as the winner left them; in the order of OF, the case
# first, as everybody does.
_LOCKED = (
    select(models.ProcessInstance, models.Case, models.Task, _NEXT.scalar_subquery())
    .select_from(models.Case)
    .join(models.ProcessInstance, models.ProcessInstance.case_id == models.Case.id)
    .join(models.Task, models.Task.instance_id == models.ProcessInstance.id)
    .where(models.Task.id == bindparam("task_id", type_=Uuid()))
    .with_for_update(of=(models.Case, models.ProcessInstance, models.Task))
)


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
    NotPermitted, Invalid with fields; StepFailed when the case cannot go on with these answers,
    which is then an incident. On any of them nothing of the step remains.
    """
    attempt = Attempt(actor, task_id, answers, now, version)

    def act(session: Session, driven: Driven) -> Completed:
        return perform(office, session, attempt, driven)

    try:
        return timers.after_due(office, act, now=now)
    except StepFailed as failed:
        told = incident_raising.of_completion(office, failed, actor, task_id, answers, now=now)
        raise told from failed


def perform(office: Office, session: Session, attempt: Attempt, driven: Driven) -> Completed:
    """The completion within a transaction of the caller's."""
    actor, now = attempt.actor, attempt.now
    found = _locked(session, actor, attempt.task_id)
    task, row, case = found.task, found.row, found.case
    procedure = office.procedure(session, case.definition_id)
    element = procedure.element(task.process_id, task.element_id)
    _check_completable(session, actor, task, case, element)
    if attempt.version is not None and attempt.version != task.version:
        raise Conflict("任务刚刚有变动，请刷新。", "the task has changed since you read it")
    work = open_casework(office, session, case, actor, now)
    catch_up(work, row)
    timers.must_have_fired(session, [row], now=now)
    answers = veils.filled_in(attempt.answers, task.draft)
    asked = forms.schema_of(session, procedure, task, answers)
    known = known_days.of_case(session, work.calendar, case, asked)
    given = _checked(asked, answers, work.today, known)
    work.answers = given

    def act(inner: Casework, live: Instance) -> Step:
        stepper.correct(live, attempt.corrections)
        return stepper.complete(live, task.id, given, inner)

    session.info["completed_task"] = task.id
    with told_by(work):
        _finish(work, task, element, given)
        site_checks.note_answers(work, given)
        drive(work, row, act, driven)
        settle(work, driven)
    return Completed(case.number, found.next_task_id)


def _locked(session: Session, actor: Actor, task_id: UUID) -> _Found:
    asked = {"task_id": task_id, "username": actor.username}
    found = session.execute(_LOCKED, asked).first()
    if found is None:
        raise NotFound("没有这项任务。", "there is no such task")
    return _Found(*found)


def _check_completable(
    session: Session,
    actor: Actor,
    task: models.Task,
    case: models.Case,
    element: Element,
) -> None:
    if not (access.is_offered(actor, task, case) or task.assignee in actor.hands):
        _refuse_stranger(session, actor, task)
    if task.state not in OPEN:
        raise TaskNotOpen("这项任务已经办结或取消。", "this task is done or cancelled")
    if task.assignee not in (None, *actor.hands) and task.candidate_group != "applicant":
        raise TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
    excluded = excluded_by(session, case, element)
    if task.candidate_group == "applicant" and access.is_offered(actor, task, case):
        return
    reason = access.reason_not_to_take(actor, task, case, excluded=excluded)
    if reason is not None:
        raise NotPermitted(reason.zh, reason.en)


def _refuse_stranger(session: Session, actor: Actor, task: models.Task) -> None:
    """Who may not even know of the task is not told that it is there."""
    known = select(models.Case.id).where(
        models.Case.id == task.case_id, access.visible_cases(actor)
    )
    inside = actor.is_enterprise and task.candidate_group != "applicant"
    if inside or session.scalar(known) is None:
        raise NotFound("没有这项任务。", "there is no such task")
    raise NotPermitted("这项任务不属于您的岗位。", "this task is not offered to your group")


def _checked(
    schema: Mapping[str, Any],
    answers: Mapping[str, Any],
    today: date,
    known: Mapping[str, date],
) -> dict[str, Any]:
    problems = validate(schema, answers, today=today, known=known)
    if problems:
        raise Invalid(
            "有未填或填错的内容。",
            "something is missing or wrong",
            fields=problems,
        )
    return counted(schema, answers)


def _finish(
    work: Casework, task: models.Task, element: Element, answers: Mapping[str, Any]
) -> None:
    covered = access.covered_for(work.actor, task)
    task.state, task.completed_at = "completed", work.now_at
    task.completed_by = task.assignee = work.actor.username
    task.claimed_at = task.claimed_at or work.now_at
    task.answers, task.draft, task.draft_at, task.draft_by = dict(answers), None, None, None
    task.version += 1
    late = task.due_at is not None and work.now_at > task.due_at
    passed_limits.end_of_task(work, task)
    changes = {"answers": dict(answers), **({"late": True} if late else {})}
    stands_in = f"代{covered.name}办理" if covered else ""
    if covered:
        changes["for"] = covered.username
    work.note("task_completed", element.title, detail=stands_in, changes=changes, element=element)
    _keep_for_letters(work, element, answers)
    if work.case.state == "open":
        words.keep(work.session, work.case.id, task.id, answers)


#: Answers that letters print, by the names workflows/README.md gives them.
PRINTED = ("opinion", "facts", "failed_conditions", "finding")


def _keep_for_letters(work: Casework, element: Element, answers: Mapping[str, Any]) -> None:
    """What the office's steps found, in the order in which they were first taken."""
    told = {name: answers[name] for name in PRINTED if answers.get(name)}
    if not told or element.whose != "office" or element.process_id in BESIDE:
        return
    kept = list(work.case.found)
    places = [number for number, each in enumerate(kept) if each["element"] == element.id]
    found = {"element": element.id, **told}
    if places:
        kept[places[0]] = found
    else:
        kept.append(found)
    work.case.found = kept
