"""Follow-ups: processes begun on closed cases, by people or by a message from outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotFound, NotPermitted, StepFailed
from engine.domain.form import counted, validate
from engine.domain.views import FollowedUp, FollowUpView
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import stepper
from engine.runtime.procedure import FollowUp, Procedure
from engine.services import access, incident_raising, known_days, reopening
from engine.services.case_reading import CaseReading
from engine.services.casework import Casework
from engine.services.filing import given
from engine.services.office import Office
from engine.services.stepping import Driven, begin, open_casework, settle

APPLICANT = "applicant"


def offered(reading: CaseReading) -> tuple[FollowUpView, ...]:
    """What the reading's actor may begin on the closed case, or tell the open one, now."""
    case, procedure, actor = reading.case, reading.procedure, reading.actor
    if actor is None or case.erased_at is not None:
        return ()
    mine = [each for each in procedure.follow_ups.values() if may_begin(actor, each, case)]
    if case.state != "closed":
        heard = _heard(reading) if any(each.tells for each in mine) else frozenset[str]()
        fitting = [each for each in mine if each.tells in heard and not _had(each, case)]
    else:
        fitting = [
            each
            for each in mine
            if not each.tells and (not each.outcomes or case.outcome in each.outcomes)
        ]
    return tuple(
        FollowUpView(each.key, each.title, each.button, procedure.form(each.form))
        for each in fitting
    )


def _had(kind: FollowUp, case: models.Case) -> bool:
    """Whether what is granted once has been granted."""
    part, _, name = kind.once.partition(".")
    held = case.facts.get(part) or {}
    return bool(held.get(name) if name else held)


def _heard(reading: CaseReading) -> frozenset[str]:
    """The messages for which something in the open case waits now."""
    row, case = models.ProcessInstance, reading.case
    found = select(row).where(row.case_id == case.id, row.is_finished.is_(False))
    lives = [
        stepper.load(reading.procedure, each.process_id, each.state)
        for each in reading.session.scalars(found)
    ]
    asked = {each.tells for each in reading.procedure.follow_ups.values() if each.tells}
    return frozenset(name for name in asked if any(stepper.waits_for(live, name) for live in lives))


def running(reading: CaseReading) -> Words | None:
    """The follow-up for which the case is taken up."""
    kind = reading.procedure.follow_ups.get(reopening.key_of(reading.case.facts) or "")
    return kind.title if kind else None


def last_ended(reading: CaseReading) -> FollowedUp | None:
    """The follow-up that ended last, with when."""
    held = reading.case.facts.get("followed_up") or {}
    kind = reading.procedure.follow_ups.get(str(held.get("key")))
    return FollowedUp(kind.title, datetime.fromisoformat(held["at"])) if kind else None


def may_begin(actor: Actor, kind: FollowUp, case: models.Case) -> bool:
    own = APPLICANT in kind.who and actor.subject == case.subject_code
    groups = actor.groups | frozenset().union(*(one.groups for one in actor.covers))
    return own or (actor.is_staff and bool(kind.who & groups))


def start(
    office: Office,
    actor: Actor,
    number: str,
    key: str,
    answers: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Begin a follow-up on a closed case: it is open again until the follow-up has ended.

    Errors: NotFound (case, follow-up), NotPermitted, Invalid with fields, Conflict for a case that
    is open or ended otherwise.
    """
    driven = Driven()
    try:
        with office.uow.begin() as session:
            work = _locked(office, session, actor, number, now)
            kind = _kind(work.procedure, key)
            if not may_begin(actor, kind, work.case):
                raise NotPermitted("您的岗位不能启动这项办理。", "your group may not begin this")
            take_in(work, kind, answers, driven)
    except StepFailed as failed:
        told = {"key": key, "answers": dict(answers)}
        raise incident_raising.of_follow_up(
            office, failed, actor, number, told, now=now
        ) from failed
    driven.put_back(office)


def _locked(office: Office, session: Session, actor: Actor, number: str, now: datetime) -> Casework:
    held = access.visible_case(session, actor, number, to_change=True)
    return open_casework(office, session, held, actor, now)


def _kind(procedure: Procedure, key: str) -> FollowUp:
    kind = procedure.follow_ups.get(key)
    if kind is None or kind.tells:
        raise NotFound("没有这项后续办理。", "there is no such follow-up")
    return kind


def take_in(work: Casework, kind: FollowUp, answers: Mapping[str, Any], driven: Driven) -> None:
    """The beginning within a transaction of the caller's; the answers are checked."""
    form = work.procedure.form(kind.form)
    known = known_days.of_case(work.session, work.calendar, work.case, form)
    problems = validate(form, answers, today=work.today, known=known)
    if problems:
        raise Invalid("有未填或填错的内容。", "something is missing or wrong", fields=problems)
    work.answers = counted(form, answers)
    reopening.take_up(work, kind, work.answers)
    known = {**work.case.answers, **work.answers}
    begin(work, kind.process, given(work.case, work.procedure, known), driven)
    settle(work, driven)
