"""Messages for a case from the applicant and from bodies outside: kept, then delivered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM, Actor, Permission
from engine.domain.errors import (
    Conflict,
    EngineError,
    Invalid,
    NotFound,
    NotPermitted,
    StepFailed,
)
from engine.domain.form import can_be_kept, validate
from engine.domain.words import Words
from engine.exchange.credit_platform import NoticeAnswer
from engine.persistence import models
from engine.runtime import stepper
from engine.services import (
    access,
    follow_ups,
    incident_raising,
    record_changes,
    reporting,
    site_checks,
    timers,
)
from engine.services.calendar_application import catch_up
from engine.services.casework import Casework
from engine.services.office import Office
from engine.services.stepping import Driven, deliver, open_casework, open_instances, settle

#: What an applicant may send for its own case.
OF_APPLICANT = frozenset({"reconsideration_request"})
#: What a program of another body may report: its own doings.
OF_SERVICES = {
    "platform": frozenset({"takedown_acknowledged", "penalty_revoked", "subject_changed"}),
    "court_service": frozenset(
        {"court_notice", "court_refusal", "court_reply", "court_withdrawal"}
    ),
}
REVOKED = "penalty_revoked"
#: What has no meaning later: refused, not kept, when nothing waits for it.
ONLY_NOW = frozenset({"renewal_request", "deferral_terminated", "counterparty_complaint"})
TITLES = {
    "withdrawal": Words("收到撤回申请", "withdrawal received"),
    "reconsideration_request": Words("收到复核申请", "reconsideration asked for"),
    "takedown_acknowledged": Words("收到上级平台回执", "acknowledged by the upper platform"),
    "court_notice": Words("收到法院修复通知", "the court's repair notice"),
    "court_refusal": Words("收到法院不予修复的通知", "the court refuses the repair"),
    "court_reply": Words("收到法院复函", "the court's reply"),
    "court_withdrawal": Words("收到法院撤回修复的通知", "the court withdraws the repair"),
    "penalty_revoked": Words("收到处罚撤销通知", "notice that the penalty is revoked"),
    "emergency_ended": Words("应急响应终止", "the emergency response has ended"),
    "renewal_request": Words("收到续期申请", "renewal asked for"),
    "deferral_terminated": Words("收到终止暂缓的通知", "notice to end the deferral"),
    "counterparty_complaint": Words("收到相对方投诉", "the other party complains"),
    "subject_changed": Words("收到主体变更通知", "notice that the subject has changed"),
}


def send(
    office: Office,
    actor: Actor,
    number: str,
    name: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """A BPMN message to a case. It is kept until something waits for it.

    Errors: NotFound, NotPermitted, Invalid for a message that no diagram knows.
    """
    today = office.calendar().local_date(now)
    with office.uow.read() as session:
        _check_sender(session, actor, number, name)
        _check_payload(office, session, number, name, payload, today)
    awaited = name in ONLY_NOW
    receive(office, actor, number, name, payload, now=now, must_be_awaited=awaited)


def _check_sender(session: Session, actor: Actor, number: str, name: str) -> None:
    case = models.Case
    own = select(case.id).where(case.number == number, access.visible_cases(actor))
    if actor.is_enterprise:
        if session.scalar(own) is None:
            raise NotFound("没有这个办件。", "there is no such case")
        if name not in OF_APPLICANT:
            raise NotPermitted("不能发送此消息。", "an applicant may not send this")
        return
    actor.must(Permission.REPORT_MESSAGE)
    if actor.is_service and not any(name in OF_SERVICES.get(each, ()) for each in actor.groups):
        raise NotPermitted("不能发送此消息。", "this service does not send that message")


def _check_payload(
    office: Office,
    session: Session,
    number: str,
    name: str,
    payload: Mapping[str, Any],
    today: date,
) -> None:
    """What may also be entered from paper has a form: a program's message must fit it as well."""
    case = models.Case
    definition = session.scalar(select(case.definition_id).where(case.number == number))
    if definition is None:
        return
    procedure = office.procedure(session, definition)
    kinds = [each for each in procedure.follow_ups.values() if name in (each.tells, each.message)]
    form = procedure.form(kinds[0].form) if kinds else {}
    problems = validate(form, payload, today=today) if kinds else {}
    if problems:
        raise Invalid("消息内容不全或有误。", "the message is incomplete or wrong", fields=problems)


def receive(
    office: Office,
    actor: Actor,
    number: str,
    name: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    key: str | None = None,
    must_be_awaited: bool = False,
    remember: Mapping[str, Any] | None = None,
) -> None:
    """Store the message and deliver it when an instance waits for it; all in one transaction.

    Timers that are due fire before: what is asked for too late is not heard.
    """
    told = Told(name, payload, key, must_be_awaited, remember or {})

    def act(session: Session, driven: Driven) -> None:
        take_in(lock(office, session, actor, number, now), told, driven)

    try:
        timers.after_due(office, act, now=now)
    except StepFailed as failed:
        stuck = _kept(told)
        raise incident_raising.of_message(office, failed, actor, number, stuck, now=now) from failed


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says, and how it is to be taken."""

    name: str
    payload: Mapping[str, Any]
    key: str | None
    must_be_awaited: bool = False
    remember: Mapping[str, Any] = field(default_factory=dict)
    corrections: Mapping[str, Any] = field(default_factory=dict)


def _kept(told: Told) -> dict[str, Any]:
    """What an incident keeps of a message, so that it can be taken again."""
    return {
        "name": told.name,
        "payload": dict(told.payload),
        "key": told.key,
        "must_be_awaited": told.must_be_awaited,
        "remember": dict(told.remember),
    }


def take_in(work: Casework, told: Told, driven: Driven) -> None:
    """The message within a transaction of the caller's."""
    _must_be_heard(work, told)
    if told.key is not None and _is_known(work.session, told.key):
        return
    rows = open_instances(work)
    for row in rows:
        catch_up(work, row)
    timers.must_have_fired(work.session, rows, now=work.now_at)
    message = _kept_message(work, told)
    if told.name == "takedown_acknowledged":
        site_checks.note_acknowledged(work, str(told.payload.get("site", "")))
    delivered = deliver(work, message, driven, rows, told.corrections) or _begins(
        work, message, driven
    )
    if told.name == REVOKED and not delivered and work.case.closed_at is not None:
        record_changes.end_revoked(work)  # the case is over: nothing will ever wait for it
    if told.must_be_awaited and not delivered:
        raise Conflict(
            "办件现在的步骤不能这样做。", "the case is not at a step where this is possible"
        )
    settle(work, driven)


def _must_be_heard(work: Casework, told: Told) -> None:
    if told.name not in _known(work) and work.procedure.begun_by(told.name) is None:
        raise Invalid(f"没有消息 {told.name}。", f"no diagram knows the message {told.name}")
    if not can_be_kept(told.payload):
        raise Invalid("消息里有无法保存的字符。", "a character in the message cannot be kept")


def _kept_message(work: Casework, told: Told) -> models.InboundMessage:
    """The message waits in its row until an instance takes it; the case remembers what it said."""
    name, payload = told.name, told.payload
    message = models.InboundMessage(
        id=uuid4(),
        case_id=work.case.id,
        name=name,
        payload=dict(payload),
        key=told.key,
        sender=work.actor.username,
        received_at=work.now_at,
    )
    work.add(message)
    work.case.waiting_messages += 1
    work.remember(**{name: dict(payload)}, **told.remember)
    title = TITLES.get(name, Words(f"收到消息 {name}", f"message {name}"))
    work.note("message_received", title, changes=dict(payload))
    return message


def _begins(work: Casework, message: models.InboundMessage, driven: Driven) -> bool:
    """A message that nobody waits for may begin a follow-up on the closed case."""
    kind = work.procedure.begun_by(message.name)
    if kind is None or work.case.state != "closed":
        return False
    message.delivered_at = work.now_at
    work.case.waiting_messages -= 1
    follow_ups.take_in(work, kind, message.payload, driven)
    return True


def is_awaited(work: Casework, name: str, driven: Driven) -> bool:
    """Whether an instance of the case waits for a message of that name now."""
    awaited = False
    for row in open_instances(work):
        live = driven.take(work, row)
        awaited = awaited or stepper.waits_for(live, name)
        driven.keep(row, live)
    return awaited


def _is_known(session: Session, key: str) -> bool:
    message = models.InboundMessage
    return session.scalar(select(message.id).where(message.key == key)) is not None


def _known(work: Casework) -> frozenset[str]:
    drawings = work.procedure.drawings.values()
    return frozenset().union(*(drawing.messages for drawing in drawings))


def lock(office: Office, session: Session, actor: Actor, number: str, now: datetime) -> Casework:
    found = select(models.Case).where(models.Case.number == number).with_for_update()
    case = session.scalar(found)
    if case is None:
        raise NotFound("没有这个办件。", "there is no such case")
    return open_casework(office, session, case, actor, now)


def withdraw(office: Office, actor: Actor, number: str, *, reason: str, now: datetime) -> None:
    """撤回: possible until the decision is made. Conflict afterwards."""
    with office.uow.read() as session:
        case = models.Case
        found = session.execute(
            select(case.state, case.subject_code).where(
                case.number == number, access.visible_cases(actor)
            )
        ).first()
    if found is None:
        raise NotFound("没有这个办件。", "there is no such case")
    if not (actor.subject == found[1] or "window" in actor.groups):
        raise NotPermitted("只有申请人或窗口可以登记撤回。", "only the applicant may withdraw")
    receive(
        office,
        actor,
        number,
        "withdrawal",
        {"reason": reason},
        now=now,
        must_be_awaited=True,
        remember={"withdrawal_reason": reason},
    )


def collect_acknowledgements(office: Office) -> int:
    """Take in what the credit platform has answered; how many were new."""
    answer = getattr(office.platform, "answer", None)
    if answer is not None:
        answer(office.now())
    taken = 0
    for each in office.platform.collect():
        if isinstance(each, NoticeAnswer):
            taken += reporting.take_answers(office, each.lines, now=office.now())
            office.platform.settle(each)
            continue
        try:
            receive(
                office,
                SYSTEM,
                each.case_number,
                each.message,
                each.payload,
                now=office.now(),
                key=each.key,
            )
            taken += 1
        except StepFailed:
            pass  # the case has its incident, which keeps the message
        except EngineError as problem:
            told = Told(each.message, each.payload, each.key)
            stray = {"case_number": each.case_number, **_kept(told)}
            incident_raising.of_stray(office, SYSTEM, stray, problem, now=office.now())
        office.platform.settle(each)
    return taken
