"""Tries again what got stuck: as it was, or with corrected answers; all in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM, Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotFound, StepFailed
from engine.domain.form import can_be_kept
from engine.domain.views import RepairPlan
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.unit_of_work import JOBS
from engine.services import completion, follow_ups, messages, people, veils
from engine.services.casework import RETRIES
from engine.services.completion import Attempt
from engine.services.filing import Filing, file_case
from engine.services.incident_story import resolve, tell
from engine.services.messages import Told
from engine.services.office import Office
from engine.services.repair_plan import carry_out
from engine.services.stepping import Driven, open_casework
from engine.services.timer_firing import fire_within

RETRIED = Words("原样再试", "tried again as it was")
ANSWERED = Words("改正后再试", "tried again with corrected data")


@dataclass(frozen=True, slots=True)
class Correction:
    """What an administrator puts right. Empty: nothing, the act is tried as it was."""

    answers: Mapping[str, Any] | None = None  # of the task, or the payload of the message
    variables: Mapping[str, Any] = field(default_factory=dict)
    case_number: str = ""  # for a message that fitted no case
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        return self.answers is None and not self.variables and not self.case_number


def repair(
    office: Office,
    actor: Actor,
    incident_id: UUID,
    correction: Correction,
    *,
    now: datetime,
    is_preview: bool = False,
) -> RepairPlan:
    """Do the failed act again with what was put right.

    Errors: NotFound, Conflict when it is resolved already, Invalid with fields; StepFailed when it
    fails again, and then the incident counts one attempt more.
    """
    actor.must(Permission.ADMINISTER)
    case_id = check(office, incident_id, correction)

    def act(session: Session, driven: Driven) -> None:
        _again(office, session, actor, incident_id, correction, driven, now)

    try:
        return carry_out(office, case_id, act, is_preview=is_preview, now=now)
    except StepFailed as failed:
        if not is_preview:
            _count(office, incident_id, actor, failed, now=now)
        raise


def check(office: Office, incident_id: UUID, correction: Correction) -> UUID | None:
    """The incident's case. NotFound, Conflict or Invalid before anything is tried."""
    with office.uow.read() as session:
        incident = session.get(models.Incident, incident_id)
        if incident is None:
            raise NotFound("没有这个故障。", "there is no such incident")
        must_be_open(incident)
        if not can_be_kept([correction.answers, dict(correction.variables)]):
            raise Invalid("内容里有无法保存的字符。", "a character in this cannot be kept")
        case = session.get(models.Case, incident.case_id) if incident.case_id else None
        if case is not None and correction.variables:
            known = office.procedure(session, case.definition_id).variables
            wrong = dict.fromkeys(correction.variables.keys() - known, "没有这个流程变量。")
            if wrong:
                raise Invalid("有不认识的流程变量。", "unknown process variables", fields=wrong)
        return incident.case_id


def must_be_open(incident: models.Incident) -> None:
    if incident.resolved_at is not None:
        raise Conflict("这个故障已处理。", "this incident is resolved already")


def locked(session: Session, incident_id: UUID) -> tuple[models.Incident, models.Case | None]:
    """The open incident and its case, both locked, the case first."""
    incident, case = models.Incident, models.Case
    its = select(case).join(incident, incident.case_id == case.id).where(incident.id == incident_id)
    held = session.scalar(its.with_for_update(of=case))
    found = session.get_one(incident, incident_id, with_for_update=True, populate_existing=True)
    must_be_open(found)
    return found, held


def _again(
    office: Office,
    session: Session,
    actor: Actor,
    incident_id: UUID,
    correction: Correction,
    driven: Driven,
    now: datetime,
) -> None:
    incident, case = locked(session, incident_id)
    correction = _whole(incident, correction)
    how, told = ("retried", RETRIED) if correction.is_empty else ("answered", ANSWERED)
    resolve(incident, case, who=actor.username, how=how, now=now)
    tell(incident, actor.username, told, reason=correction.reason, now=now)
    if case is not None:
        work = open_casework(office, session, case, actor, now)
        work.note(
            "incident_resolved",
            Words(f"故障 {incident.number}：{told.zh}", f"incident {incident.number}: {told.en}"),
            detail=correction.reason,
            changes=_old_and_new(incident, correction),
        )
    _ACTS[incident.kind](_Again(office, session, incident, case, correction, driven, now))


def _whole(incident: models.Incident, correction: Correction) -> Correction:
    """What came back from a form that showed what was tried with numbers of people hidden."""
    if correction.answers is None:
        return correction
    tried = incident.act.get("answers") or incident.act.get("payload") or {}
    return replace(correction, answers=veils.filled_in(correction.answers, tried))


def _old_and_new(incident: models.Incident, correction: Correction) -> dict[str, Any]:
    """Field -> [old, new], for the history."""
    before = incident.act.get("answers") or incident.act.get("payload") or {}
    after = before if correction.answers is None else correction.answers
    fields = {**dict.fromkeys(before), **dict.fromkeys(after)}
    changed = {
        name: [before.get(name), after.get(name)]
        for name in fields
        if before.get(name) != after.get(name)
    }
    variables = {name: [None, value] for name, value in correction.variables.items()}
    moved = {"case": [incident.act.get("case_number"), correction.case_number]}
    return {**changed, **variables, **(moved if correction.case_number else {})}


@dataclass(frozen=True, slots=True)
class _Again:
    office: Office
    session: Session
    incident: models.Incident
    case: models.Case | None
    correction: Correction
    driven: Driven
    now: datetime

    @property
    def tried(self) -> Mapping[str, Any]:
        return self.incident.act

    def sender(self) -> Actor:
        name = self.tried.get("by", "")
        return SYSTEM if name == SYSTEM.username else people.actor_of_username(self.office, name)


def _complete(again: _Again) -> None:
    if again.incident.task_id is None:
        raise Conflict("没有可再试的任务。", "there is no task to complete")
    given = again.correction.answers
    attempt = Attempt(
        again.sender(),
        again.incident.task_id,
        again.tried["answers"] if given is None else given,
        again.now,
        None,
        corrections=again.correction.variables,
    )
    completion.perform(again.office, again.session, attempt, again.driven)


def _fire(again: _Again) -> None:
    if again.incident.timer_id is not None:
        fire_within(
            again.office,
            again.session,
            again.incident.timer_id,
            again.driven,
            now=again.now,
            corrections=again.correction.variables,
        )


def _receive(again: _Again) -> None:
    tried, given = again.tried, again.correction.answers
    number = again.correction.case_number or tried["case_number"]
    work = messages.lock(again.office, again.session, again.sender(), number, again.now)
    told = Told(
        tried["name"],
        tried["payload"] if given is None else given,
        tried.get("key"),
        bool(tried.get("must_be_awaited")),
        tried.get("remember") or {},
        corrections=again.correction.variables,
    )
    messages.take_in(work, told, again.driven)


def _file(again: _Again) -> None:
    """The application once more, for whoever filed it."""
    tried, given = again.tried, again.correction.answers
    application = tried.get("application")
    filing = Filing(
        tried["procedure"],
        tried["subject"],
        tuple(UUID(each) for each in tried["records"]),
        tried["answers"] if given is None else given,
        tried["channel"],
        UUID(application) if application else None,
    )
    _, filed = file_case(
        again.office, again.session, again.sender(), filing, again.driven, again.now
    )
    if application:
        draft = again.session.get(models.Application, UUID(application), with_for_update=True)
        if draft is not None:
            draft.filed_as, draft.updated_at = filed.number, again.now


def _take_up(again: _Again) -> None:
    """The follow-up once more, for whoever began it."""
    tried, given = again.tried, again.correction.answers
    work = messages.lock(
        again.office, again.session, again.sender(), tried["case_number"], again.now
    )
    kind = work.procedure.follow_ups[tried["key"]]
    follow_ups.take_in(work, kind, tried["answers"] if given is None else given, again.driven)


def _requeue(again: _Again) -> None:
    """Give the job its attempts back; it is tried at once by whoever keeps jobs."""
    if again.incident.job_id is None:
        raise Conflict("没有可再试的后台任务。", "there is no job to try again")
    job = again.session.get_one(models.Job, again.incident.job_id, with_for_update=True)
    job.state, job.retries_left, job.due_at = "waiting", RETRIES, again.office.real_now()
    again.session.info.setdefault(JOBS, []).append(job.id)


_ACTS: Mapping[str, Callable[[_Again], None]] = {
    "step": _complete,
    "timer": _fire,
    "message": _receive,
    "stray": _receive,
    "job": _requeue,
    "filing": _file,
    "follow_up": _take_up,
}


def _count(
    office: Office, incident_id: UUID, actor: Actor, failed: StepFailed, *, now: datetime
) -> None:
    """It failed again: the same incident, one attempt more, with the newer cause."""
    with office.uow.begin() as session:
        incident, _ = locked(session, incident_id)
        incident.attempts += 1
        incident.last_at = now
        incident.cause, incident.cause_en = failed.cause.zh, failed.cause.en
        told = Words(f"再试仍不行：{failed.cause.zh}", f"failed again: {failed.cause.en}")
        tell(incident, actor.username, told, now=now)
        failed.incident = incident.number
