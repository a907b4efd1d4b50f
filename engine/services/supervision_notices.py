"""督办单: previewed, issued, answered, contested, decided."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, EngineError, Invalid, NotFound
from engine.domain.supervision_views import (
    NoticeDraft,
    NoticeOutcome,
    NoticeView,
    SupervisionNoticeView,
)
from engine.domain.words import Words
from engine.persistence import models
from engine.services import completion, standing
from engine.services.access import OPEN
from engine.services.holders import unit_at
from engine.services.notice_reading import UNSETTLED, lines_of, notice, open_task, rows_of, seen
from engine.services.office import Office
from engine.services.operations.supervision import open_for
from engine.services.places import Places
from engine.services.stepping import Driven, open_casework, settle
from engine.services.supervision_grounds import lines

Place = models.Task | models.Wait


def draft_notices(
    office: Office, actor: Actor, place_ids: Iterable[UUID], *, now: datetime
) -> tuple[NoticeDraft, ...]:
    """What notices about these places would say, and which could not be issued; nothing is stored."""
    actor.must(Permission.SUPERVISE)
    places = Places(office.calendar(), now)
    ids = list(dict.fromkeys(place_ids))
    with office.uow.read() as session:
        rows = standing.by_id(session, places, ids)
        shown = {one.id: one for one in standing.shown(office, session, rows, now=now)}
        return tuple(
            _draft(office, session, actor, shown[each], now) for each in ids if each in shown
        )


def _draft(
    office: Office, session: Session, actor: Actor, place: Any, now: datetime
) -> NoticeDraft:
    row, case = _place(session, place.id)
    work = open_casework(office, session, case, actor, now)
    refusal = _refusal(session, row)
    step = place.step
    n = place.over_days
    ground = f"{step.zh}已超期 {n} 个工作日" if n else f"{step.zh}已到时限"
    unit = _unit(office, row)
    return NoticeDraft(
        place=place,
        unit=unit,
        unit_title=office.directory().department(unit) or Words(unit),
        ground=Words(f"{ground}，请说明原因并尽快办理。", f"{step.en}: {n} working days over"),
        answer_by=work.end_of(work.procedure.limit("supervision_answer", {})),
        lines=lines_of(lines(work, row)),
        refusal=Words(str(refusal), refusal.english) if refusal else None,
    )


def _place(
    session: Session, place_id: UUID, *, to_change: bool = False
) -> tuple[Place, models.Case]:
    """The open task or wait, and its case, locked when it is to change. NotFound when there is none."""
    task, wait = session.get(models.Task, place_id), session.get(models.Wait, place_id)
    row: Place
    if task is not None and task.state in OPEN:
        row = task
    elif wait is not None and wait.ended_at is None:
        row = wait
    else:
        raise NotFound("没有这项未办结的任务。", "there is no such open task")
    case = session.get_one(models.Case, row.case_id, with_for_update=to_change or None)
    return row, case


def _refusal(session: Session, place: Place) -> EngineError | None:
    notice = models.Supervision
    found = select(notice.number).where(notice.wait_id == place.id, notice.state.in_(UNSETTLED))
    number = session.scalar(found)
    if number is None:
        return None
    return Conflict(
        f"这项任务已签发督办单 {number}，还没有办结。", f"notice {number} about this is not settled"
    )


def _unit(office: Office, place: Place) -> str:
    """The department that has to answer. What waits for an outside body is the office's to chase."""
    return unit_at(office, place) or "credit_office"


def issue_notice(
    office: Office,
    actor: Actor,
    place_id: UUID,
    *,
    ground: str,
    now: datetime,
    origin: str = "breach",
) -> SupervisionNoticeView:
    """Issue a 督办单 about an open task or wait, on a breach, a complaint or a superior's order.

    Errors: Conflict while another one about it is not settled; NotFound; Invalid without a ground.
    """
    actor.must(Permission.SUPERVISE)
    if origin not in ("breach", "complaint", "order"):
        raise Invalid(
            "督办来源有误。", "an unknown origin", fields={"origin": Words("未知", "unknown")}
        )
    if not ground.strip():
        raise Invalid("请写明督办的理由。", "say why", fields={"ground": Words("必填", "needed")})
    driven = Driven()
    with office.uow.begin() as session:
        place, case = _place(session, place_id, to_change=True)
        if refusal := _refusal(session, place):
            raise refusal
        work = open_casework(office, session, case, actor, now)
        work.element = work.procedure.element(place.process_id, place.element_id)
        earlier = len(standing.notices_about(session, place.id))
        key = f"{origin}:{earlier + 1}" if earlier else origin
        row = open_for(work, _unit(office, place), place, key, ground.strip(), origin=origin)
        settle(work, driven)
        session.flush()
        view = rows_of(office, session, [(row, case)])[0]
    driven.put_back(office)
    return view


def issue_several(
    office: Office,
    actor: Actor,
    grounds: Mapping[UUID, str],
    *,
    now: datetime,
    origin: str = "breach",
) -> tuple[NoticeOutcome, ...]:
    """One notice for each place, each in its own transaction: one that is refused stops no other."""
    actor.must(Permission.SUPERVISE)
    outcomes = []
    for place_id, ground in grounds.items():
        try:
            made = issue_notice(office, actor, place_id, ground=ground, now=now, origin=origin)
            outcomes.append(NoticeOutcome(place_id, made, None))
        except EngineError as refusal:
            said = Words(str(refusal), refusal.english)
            outcomes.append(NoticeOutcome(place_id, None, said))
    return tuple(outcomes)


def answer(
    office: Office,
    actor: Actor,
    notice_id: UUID,
    *,
    delay_cause: str,
    reply: str,
    measures: str,
    finish_by: date,
    now: datetime,
) -> NoticeView:
    """The responsible unit explains and puts right; before a contest and after a rejected one."""
    given = {
        "delay_cause": delay_cause,
        "reply": reply,
        "measures": measures,
        "finish_by": finish_by.isoformat(),
    }
    with_response = {"supervision_response": "answer", **given}
    return _act(office, actor, notice_id, {"answer": with_response, "answer_again": given}, now)


def contest(
    office: Office, actor: Actor, notice_id: UUID, *, ground: str, now: datetime
) -> NoticeView:
    """申辩, once, instead of an answer; the leader decides on it."""
    given = {"supervision_response": "contest", "contest_ground": ground}
    return _act(office, actor, notice_id, {"answer": given}, now)


def decide(
    office: Office,
    actor: Actor,
    notice_id: UUID,
    *,
    finding: str,
    opinion: str,
    now: datetime,
    finish_by: date | None = None,
) -> NoticeView:
    """Decide what is to be decided now.

    On a contest: accepted, rejected. On an answer: settled, open. Escalated: talk, reassign,
    criticise, none, each with `finish_by`.
    """
    until = {"finish_by": finish_by.isoformat()} if finish_by else {}
    by_step = {
        "decide_contest": {"contest_finding": finding, "opinion": opinion},
        "check_answer": {"supervision_finding": finding, "opinion": opinion},
        "handle": {"handling": finding, "opinion": opinion, **until},
    }
    return _act(office, actor, notice_id, by_step, now, is_decision=True)


def _act(
    office: Office,
    actor: Actor,
    notice_id: UUID,
    by_step: Mapping[str, Mapping[str, Any]],
    now: datetime,
    *,
    is_decision: bool = False,
) -> NoticeView:
    """Complete the open task of the notice, when it is one of these. Conflict when it is not."""
    with office.uow.read() as session:
        row, _ = seen(session, actor, notice_id)
        task = open_task(session, row)
    if task is None or task.element_id not in by_step:
        if is_decision:
            actor.must(Permission.SUPERVISE)
        raise Conflict("督办单现在不能这样办理。", "the notice is not at that step now")
    completion.complete(office, actor, task.id, by_step[task.element_id], now=now)
    return notice(office, actor, notice_id, now=now)
