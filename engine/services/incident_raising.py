"""Writes down what got stuck, in a transaction of its own: that of the step has left nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.domain.actor import SYSTEM, Actor
from engine.domain.errors import EngineError, StepFailed
from engine.domain.words import Words
from engine.persistence import models
from engine.services import veils
from engine.services.access import OPEN
from engine.services.incident_story import Trouble, write_down
from engine.services.office import Office
from engine.services.stepping import open_casework


def of_completion(
    office: Office,
    failed: StepFailed,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    *,
    now: datetime,
) -> StepFailed:
    """A person's answers could not be taken: they are kept as the task's draft. What to raise."""
    with office.uow.begin() as session:
        task, case = models.Task, models.Case
        found = session.execute(
            select(case, task)
            .select_from(case)
            .join(task, task.case_id == case.id)
            .where(task.id == task_id)
            .with_for_update()
        ).one()
        held_case, held_task = found
        whole = veils.filled_in(answers, held_task.draft)  # the form may have hidden its numbers
        if held_task.state in OPEN and held_task.assignee in (None, actor.username):
            held_task.draft, held_task.draft_at = whole, now
        act = {"kind": "complete", "by": actor.username, "answers": whole}
        trouble = Trouble("step", failed.cause, failed.title, failed.drawn_at, act=act)
        trouble = replace(trouble, case_id=held_case.id, task_id=task_id)
        number = _raise(office, session, held_case, trouble, actor, now)
    return StepFailed(
        f"系统在“{failed.title.zh}”处出了故障（编号 {number}），办件停在原处，管理员已经收到。"
        "您填的内容已存为草稿，不用重填。",
        f"something went wrong at {failed.title.en or failed.title.zh} (number {number}); the case"
        " stays where it was and an administrator has been told. Your answers are kept as a draft",
        cause=failed.cause,
        title=failed.title,
        incident=number,
    )


def of_timer(office: Office, problem: Exception, timer_id: UUID, *, now: datetime) -> str:
    """A timer that cannot fire rests until somebody looks. The incident's number."""
    with office.uow.begin() as session:
        timer, row, case = models.Timer, models.ProcessInstance, models.Case
        found = session.execute(
            select(case, timer)
            .select_from(case)
            .join(row, row.case_id == case.id)
            .join(timer, timer.instance_id == row.id)
            .where(timer.id == timer_id)
            .with_for_update(of=case)
        ).first()
        if found is None:
            return ""
        held, armed = found
        element = office.procedure(session, held.definition_id).element(
            armed.process_id, armed.element_id
        )
        trouble = Trouble(
            "timer",
            cause_of(problem),
            element.title,
            (armed.process_id, armed.element_id),
            case_id=held.id,
            timer_id=timer_id,
            act={"kind": "fire", "due_at": armed.due_at.isoformat(), **_stopped_at(problem)},
        )
        return _raise(office, session, held, trouble, SYSTEM, now)


def of_message(
    office: Office,
    failed: StepFailed,
    actor: Actor,
    case_number: str,
    told: Mapping[str, Any],
    *,
    now: datetime,
) -> StepFailed:
    """A message that breaks the step it would cause is kept with its incident. What to raise."""
    key = f"{told['name']} {told['key']} {told['payload']}"
    return _of_asking(office, failed, actor, case_number, told, kind="message", key=key, now=now)


def of_follow_up(
    office: Office,
    failed: StepFailed,
    actor: Actor,
    case_number: str,
    told: Mapping[str, Any],
    *,
    now: datetime,
) -> StepFailed:
    """A follow-up that could not be begun: the case stays closed, what was written is kept here."""
    key = f"{told['key']}"
    return _of_asking(office, failed, actor, case_number, told, kind="follow_up", key=key, now=now)


def _of_asking(
    office: Office,
    failed: StepFailed,
    actor: Actor,
    case_number: str,
    told: Mapping[str, Any],
    *,
    kind: str,
    key: str,
    now: datetime,
) -> StepFailed:
    """What somebody asked of a case and broke its step, kept so that it can be asked again."""
    with office.uow.begin() as session:
        case = models.Case
        held = session.scalars(
            select(case).where(case.number == case_number).with_for_update()
        ).one()
        act = {"kind": kind, "by": actor.username, "case_number": case_number, **told}
        trouble = Trouble(
            kind, failed.cause, failed.title, failed.drawn_at, case_id=held.id, act=act, key=key
        )
        failed.incident = _raise(office, session, held, trouble, actor, now)
    return failed


def of_filing(
    office: Office, failed: StepFailed, actor: Actor, filed: Mapping[str, Any], *, now: datetime
) -> StepFailed:
    """An application that could not become a case. What was written stays with its author, and
    with the incident. What to raise."""
    act = {"kind": "file", "by": actor.username, **filed}
    key = f"{actor.username} {filed['subject']} {filed['records']}"
    trouble = Trouble("filing", failed.cause, failed.title, failed.drawn_at, act=act, key=key)
    with office.uow.begin() as session:
        number = write_down(session, trouble, now=now).number
    return StepFailed(
        f"系统在“{failed.title.zh}”处出了故障（编号 {number}），申请没有提交成功，管理员已经收到。"
        "您填的内容没有丢。",
        f"something went wrong at {failed.title.en or failed.title.zh} (number {number}); the"
        " application was not filed and an administrator has been told. Nothing you wrote is lost",
        cause=failed.cause,
        title=failed.title,
        incident=number,
    )


def of_stray(
    office: Office, actor: Actor, told: Mapping[str, Any], problem: EngineError, *, now: datetime
) -> None:
    """A message that fits no case is not lost: a person must look."""
    cause = Words(f"回执 {told['key']}：{problem}", f"receipt {told['key']}: {problem.english}")
    act = {"kind": "message", "by": actor.username, **told}
    with office.uow.begin() as session:
        write_down(session, Trouble("stray", cause, act=act, key=str(told["key"])), now=now)


def _raise(
    office: Office,
    session: Any,
    case: models.Case,
    trouble: Trouble,
    actor: Actor,
    now: datetime,
) -> str:
    incident = write_down(session, trouble, now=now)
    if incident.attempts == 1:
        case.open_incidents += 1
        work = open_casework(office, session, case, actor, now)
        title = Words(
            f"{trouble.title.zh}：出了故障 {incident.number}",
            f"{trouble.title.en or trouble.title.zh}: incident {incident.number}",
        )
        process_id, element_id = trouble.place or ("", "")
        drawing = work.procedure.drawings.get(process_id)
        element = drawing.elements.get(element_id) if drawing else None
        work.note("incident_raised", title, detail=trouble.cause.zh, element=element)
    return incident.number


def cause_of(problem: Exception) -> Words:
    if isinstance(problem, StepFailed):
        return problem.cause
    if isinstance(problem, EngineError):
        return Words(str(problem), problem.english)
    said = f"{type(problem).__name__}: {problem}"
    return Words(f"系统错误 {said}", f"an error of the system, {said}")


def _stopped_at(problem: Exception) -> dict[str, str]:
    """Where the step came to that the timer set off, when that is elsewhere."""
    place = getattr(problem, "drawn_at", None)
    return {"stopped_at": f"{place[0]}:{place[1]}"} if place else {}
