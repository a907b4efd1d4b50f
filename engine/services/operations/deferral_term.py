"""Operations while a deferral runs and when it ends: renewal, the end of the emergency, the result."""

from datetime import date
from typing import Any

from sqlalchemy import select

from engine.domain.errors import DeferralRefused
from engine.domain.record import RecordEvent
from engine.domain.words import Words, written
from engine.persistence import models
from engine.services import correspondence, deferral_terms, record_changes
from engine.services.casework import Casework, Operation
from engine.services.deferral_letters import term_data
from engine.services.deferral_terms import answers_of, term_of, today
from engine.services.operations.decision import record_outcome

CHECKS = ("check_result", "settle_result")


def check_renewal(work: Casework) -> None:
    """A renewal is asked for once, and early enough.

    Errors: DeferralRefused; the request is not taken then and the term goes on undisturbed.
    """
    term = term_of(work)
    if term.get("renewed_on"):
        raise DeferralRefused("续期限一次，已经续过。", "it has been renewed once already")
    days = work.limit("renewal_notice", {}).budget
    needed = days.amount if days else 0
    left = work.calendar.working_days(today(work), date.fromisoformat(term["until"]))
    if left < needed:
        raise DeferralRefused(
            f"续期最迟在期满前{needed}个工作日提出，现在只剩{left}个。",
            f"a renewal is asked for {needed} working days before the end; only {left} are left",
        )
    work.remember(renewal={"asked_on": today(work).isoformat(), **_told(work, "renewal_request")})


def move_deferral_end(work: Casework, reason: str) -> None:
    """改定截止日: a renewal, or the emergency's end that caps every deferral; with its letter."""
    term = term_of(work)
    before = date.fromisoformat(term["until"])
    if reason == "renewal":
        until = _renewed(work, before)
        term["renewed_on"] = today(work).isoformat()
        why = str(work.answers.get("opinion") or "")
    else:
        told = _told(work, "emergency_ended")
        cap = deferral_terms.emergency_cap(work, date.fromisoformat(told["ends_on"]))
        until = max(min(before, cap), today(work))
        ended = written(date.fromisoformat(told["ends_on"]))
        why = f"应急响应于{ended.zh}终止（{told['document']}）"
    _move(work, term, until, reason=reason, why=why)


def _move(work: Casework, term: dict[str, Any], until: date, *, reason: str, why: str) -> None:
    """The new end on the term, the record and the register, with its letter."""
    before = date.fromisoformat(term["until"])
    if until == before:
        work.note("deferral_end_kept", Words("截止日不变", "the end stays"), detail=why)
        return
    work.remember(deferral={**term, "until": until.isoformat()})
    for record in work.records:
        record.deferred_until = until
    _register(work, until=until, **({"renewed_on": today(work)} if reason == "renewal" else {}))
    letter = correspondence.issue_at_once(
        work,
        "deferral_end_changed",
        deferral={**term_data(work), "before": before.isoformat(), "why": why},
        decision={"reason": why},
    )
    title = Words(
        f"截止日由{written(before).zh}改为{written(until).zh}",
        f"the end moved from {written(before).en} to {written(until).en}",
    )
    work.note(
        "deferral_end_moved",
        title,
        detail=str(letter.number),
        changes={"before": before.isoformat(), "until": until.isoformat(), "reason": reason},
    )


def _renewed(work: Casework, before: date) -> date:
    until = date.fromisoformat(str(work.answers.get("until")))
    if until <= before:
        told = Words("新的截止日须晚于原截止日。", "the new end must be later than the old one")
        raise DeferralRefused(told.zh, told.en, fields={"until": told})
    deferral_terms.must_be_within(work, until, deferral_terms.renewal_caps(work))
    return until


def refuse_renewal(work: Casework) -> None:
    """不予续期, with its reasons; the end stays, but for a response that ended while it was asked."""
    correspondence.issue_at_once(
        work,
        "renewal_refused",
        deferral=term_data(work),
        decision={"reason": str(work.answers.get("opinion") or "")},
    )
    work.note("renewal_refused", Words("不予续期", "not renewed"))
    term = term_of(work)
    before = date.fromisoformat(term["until"])
    for cap in deferral_terms.emergency_caps(work):
        if cap.last < before:
            until = max(cap.last, today(work))
            _move(work, term, until, reason="emergency_ended", why=cap.because.zh)


def settle_reporting(work: Casework, outcome: str, letter: str) -> None:
    """整改完成，不上报: exempt for good, by the department's decision."""
    queued = _result(work, outcome, letter)
    number = correspondence.issue(work, queued)
    queued.state = "pending"
    record_changes.change_in_case(work, RecordEvent.RECTIFIED, document=number)
    _end(work, outcome)


def release_reporting(work: Casework, publish: str, outcome: str, letter: str) -> None:
    """恢复上报和公示 at once; *noted*: with what was put right standing on the record."""
    queued = _result(work, outcome, letter)
    number = correspondence.issue(work, queued)
    queued.state = "pending"
    if publish == "noted":
        note = {
            "case": work.case.number,
            "at": work.now_at.isoformat(),
            "applicant": "已按整改方案完成整改。",
            "provider": str(answers_of(work, *CHECKS).get("opinion") or "已核查，整改完成。"),
        }
        for record in work.records:
            record.notes = [*record.notes, note]
    record_changes.change_in_case(work, RecordEvent.DEFERRAL_ENDED, document=number)
    work.promise("report_records", records=[str(record.id) for record in work.records])
    _end(work, outcome)


def _result(work: Casework, outcome: str, letter: str) -> models.Letter:
    """The outcome, and its letter with what the check found."""
    record_outcome(work, outcome)
    found = answers_of(work, *CHECKS)
    told = _told(work, "deferral_terminated")
    reason = told.get("ground") if outcome == "terminated" else found.get("opinion")
    return correspondence.queue(
        work,
        letter,
        deferral=term_data(work),
        decision={
            "outcome": work.procedure.outcome(outcome).zh,
            "reason": str(reason or ""),
            "document": str(told.get("document") or ""),
        },
    )


def _end(work: Casework, outcome: str) -> None:
    for record in work.records:
        record.deferred_until = None
    _register(work, state=outcome, ended_on=today(work))
    told = work.procedure.outcome(outcome)
    title = Words(f"暂缓结束：{told.zh}", f"the deferral has ended: {told.en}")
    work.note("deferral_ended", title, changes={"outcome": outcome})


def _register(work: Casework, **changes: Any) -> None:
    work.session.flush()
    row = models.Deferral
    held = work.session.scalar(select(row).where(row.case_id == work.case.id))
    for name, value in changes.items():
        if held is not None:
            setattr(held, name, value)


def _told(work: Casework, message: str) -> dict[str, Any]:
    return dict(work.case.facts.get(message) or {})


OPERATIONS: dict[str, Operation] = {
    "check_renewal": check_renewal,
    "move_deferral_end": move_deferral_end,
    "refuse_renewal": refuse_renewal,
    "settle_reporting": settle_reporting,
    "release_reporting": release_reporting,
}
