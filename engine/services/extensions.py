"""延长办理时限: what becomes of a request once a leader has decided, or the limit has passed."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from engine.domain.actor import SYSTEM
from engine.domain.errors import Conflict, NotPermitted
from engine.domain.states import ExtensionState
from engine.domain.words import Words
from engine.persistence import models
from engine.services import correspondence, ledger
from engine.services.casework import Casework

HANDLING, VOID = "handling", "extension_void"


def _asked(work: Casework) -> models.Extension:
    """The request that the instance being driven decides on."""
    row = models.Extension
    found = work.session.scalar(
        select(row).where(row.instance_id == work.instance_id).with_for_update()
    )
    if found is None or found.state != "requested":
        raise Conflict("没有待审批的延长申请。", "there is no extension to be decided")
    return found


def conclude(work: Casework) -> None:
    """The case is closed: a request that nobody has decided is told so."""
    row = models.Extension
    asked = select(row.id).where(row.case_id == work.case.id, row.state == "requested")
    if VOID not in _messages(work) or work.session.scalar(asked) is None:
        return
    told = models.InboundMessage(
        id=uuid4(),
        case_id=work.case.id,
        name=VOID,
        payload={},
        key=None,
        sender=SYSTEM.username,
        received_at=work.now_at,
    )
    work.add(told)
    work.case.waiting_messages += 1


def _messages(work: Casework) -> frozenset[str]:
    """What the diagrams of the case know; those of an older version know no such message."""
    drawings = work.procedure.drawings.values()
    return frozenset().union(*(drawing.messages for drawing in drawings))


def _decide(work: Casework, state: ExtensionState) -> models.Extension:
    row = _asked(work)
    if work.actor.username == row.requested_by:
        raise NotPermitted(
            "延长须由另一人审批。", "another person than who asked for it must decide"
        )
    row.state, row.decided_at = state, work.now_at
    row.decided_by, row.decided_by_name = work.actor.username, work.actor.name
    row.opinion = str(work.answers.get("extension_opinion") or "")
    return row


def approve(work: Casework) -> None:
    """批准延长: the limit lengthens, and the applicant is told before it would have ended
    (行政许可法 art. 42: 并应当将延长期限的理由告知申请人)."""
    row = _decide(work, "approved")
    clock = work.clocks.get(row.clock_key)
    if clock is None or clock.state == ledger.STOPPED:
        raise Conflict("这个期限已经停止。", "this clock has stopped")
    _must_be_in_time(work, clock.due_at)
    letter = extend(work, row.clock_key, row.amount, reason=row.reason, basis=row.basis)
    row.due_after, row.letter_number = clock.due_at, letter.number
    if row.opinion:
        work.note("extension_approved", Words("批准延长办理时限", "approved"), detail=row.opinion)


def extend(
    work: Casework, key: str, amount: int, *, reason: str, basis: str, unit: str = ""
) -> models.Letter:
    """Lengthen a clock and tell the applicant, with the working of the new last day; `unit`: whose
    head gave the time, where it is not the head of the office that writes."""
    before = correspondence.clock_data(work, key).get("last_day")
    letter = correspondence.queue(work, "extension_notice")
    number = correspondence.number(work, letter)
    document = f"《{letter.title}》{number}"
    ledger.extend(work, key, amount=amount, reason=reason, document=document, basis=basis)
    work.held.add(key)
    told = correspondence.clock_data(work, key)
    last_day = told.get("last_day")
    letter.data = {
        "clock": {"reason": reason, "old_last_day": before, "new_last_day": last_day},
        "extension": {"days": amount, "approver": work.actor.name, "unit": unit},
        "limit": told,
    }
    correspondence.issue(work, letter)
    letter.state, letter.served_at = "served", work.now_at
    letter.way = "electronic" if work.case.electronic_service else "post"
    work.note(
        "clock_extended",
        Words(f"延长期限 {amount} 日：{reason}", f"time extended by {amount} days"),
        detail=number,
        changes={"clock": key, "amount": amount, "last_day": last_day},
    )
    return letter


def _must_be_in_time(work: Casework, due_at: datetime | None) -> None:
    if due_at is not None and work.now_at > due_at:
        raise Conflict("期限已过，不能再延长。", "the limit has passed: it cannot be extended")


def refuse(work: Casework) -> None:
    """不批准: the limit stays as it is."""
    row = _decide(work, "refused")
    work.note(
        "extension_refused",
        Words("未批准延长办理时限", "extension refused"),
        detail=row.opinion,
        changes={"clock": row.clock_key},
    )


def lapse(work: Casework) -> None:
    """Nobody decided before the limit or the case ended: the request has no object any more."""
    row = _asked(work)
    row.state, row.decided_at = "lapsed", work.now_at
    is_over = work.case.state == "closed"
    work.note(
        "extension_lapsed",
        Words("办件已办结，延长申请失效", "the case is closed: the request for time lapsed")
        if is_over
        else Words("期限届满前未审批，延长申请失效", "not decided before the limit ended: lapsed"),
        changes={"clock": row.clock_key},
    )
