"""How long a deferral may last: what was asked, what was proposed, and the caps (本地参数)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine.domain.calendar import months_after
from engine.domain.errors import DeferralRefused
from engine.domain.words import Words, written
from engine.persistence import models
from engine.services import emergencies
from engine.services.casework import Casework

REQUESTS = {
    "deferral": Words("暂缓上报", "deferral of reporting"),
    "extension": Words("延长整改期", "longer time to put right"),
    "both": Words("延长整改期并暂缓上报", "longer time to put right, and deferral"),
}


@dataclass(frozen=True, slots=True)
class Cap:
    """The last day that is allowed, and why it is the last."""

    last: date
    because: Words


def answers_of(work: Casework, *elements: str) -> Mapping[str, Any]:
    """What was answered last at one of these steps of the case; {} when nothing was."""
    work.session.flush()  # the step that is being completed counts too
    task = models.Task
    found = work.session.scalars(
        select(task)
        .where(task.case_id == work.case.id, task.element_id.in_(elements))
        .where(task.state == "completed")
        .order_by(task.completed_at.desc())
    ).first()
    return (found.answers or {}) if found is not None else {}


def request_of(work: Casework) -> str:
    return str(work.case.answers.get("request") or "deferral")


def term_of(work: Casework) -> dict[str, Any]:
    """The term as it stands: {'until', 'number', 'level', …}; {} while nothing is granted."""
    return dict(work.case.facts.get("deferral") or {})


def today(work: Casework) -> date:
    return work.calendar.local_date(work.now_at)


def caps(work: Casework, level: str) -> list[Cap]:
    """What limits a term that is granted today."""
    found = [_granted(work, level), *emergency_caps(work)]
    if request_of(work) == "extension":
        found.append(_rectification(work))
    return found


def renewal_caps(work: Casework) -> list[Cap]:
    """What limits a renewal: so much longer than the term, once."""
    until = date.fromisoformat(term_of(work)["until"])
    limit = work.limit("renewal_term", {})
    last = months_after(until, _amount(limit.budget))
    because = Words(f"续期不超过{_amount(limit.budget)}个月", "the longest renewal")
    return [Cap(last, because), *emergency_caps(work)]


def emergency_cap(work: Casework, ends_on: date) -> date:
    """The last day of any deferral once the response has ended."""
    return months_after(ends_on, _amount(work.limit("after_emergency", {}).budget))


def must_be_within(work: Casework, until: date, limits: list[Cap]) -> None:
    """Errors: DeferralRefused, which names the day and the rule that limits it."""
    if until <= today(work):
        told = Words("截止日须在今天以后。", "the end must be after today")
        raise DeferralRefused(told.zh, told.en, fields={"until": told})
    tightest = min(limits, key=lambda cap: cap.last)
    if until > tightest.last:
        told = Words(
            f"最迟到{written(tightest.last).zh}：{tightest.because.zh}。",
            f"not later than {written(tightest.last).en}: {tightest.because.en}",
        )
        raise DeferralRefused(told.zh, told.en, fields={"until": told})


def _granted(work: Casework, level: str) -> Cap:
    limit = work.limit("deferral_term_meeting" if level == "meeting" else "deferral_term", {})
    months = _amount(limit.budget)
    who = "领导小组办公室会议" if level == "meeting" else "分管领导"
    because = Words(
        f"{who}批准的暂缓不超过{months}个月",
        f"decided by the {'meeting' if level == 'meeting' else 'deputy director'}: "
        f"at most {months} months",
    )
    return Cap(months_after(today(work), months), because)


def rectified_until(work: Casework, until: date) -> date:
    """The new last day to put right, where reporting is deferred until `until`."""
    return min(until, _rectification(work).last)


def _rectification(work: Casework) -> Cap:
    """整改期 is extended from the day on which it ended, or would end; from today where as much
    time as that has passed already."""
    days = _amount(work.limit("rectification_extension", {}).budget)
    told = str(work.case.answers.get("original_due_on") or today(work).isoformat())
    last = date.fromisoformat(told) + timedelta(days=days)
    if last <= today(work):
        last = today(work) + timedelta(days=days)
    because = Words(f"整改期延长不超过{days}日", f"extended by at most {days} days")
    return Cap(last, because)


def emergency_caps(work: Casework) -> list[Cap]:
    """What the end of the response allows at most; none while it goes on."""
    rule = work.procedure.emergency
    ended = [
        each.ends_on
        for each in emergencies.known(work.office)
        if rule is not None and each.kind is rule.kind and each.ends_on is not None
    ]
    filed = work.calendar.local_date(work.case.filed_at)
    ends_on = next((each for each in ended if each >= filed), None)
    if ends_on is None:
        return []
    months = amount_of(work, "after_emergency")
    because = Words(
        f"不超过应急响应终止后{months}个月", f"{months} months after the end of the response"
    )
    return [Cap(emergency_cap(work, ends_on), because)]


def amount_of(work: Casework, limit: str) -> int:
    """The amount of a limit as it stands today."""
    return _amount(work.limit(limit, {}).budget)


def _amount(budget: Any) -> int:
    return int(budget.amount) if budget is not None else 0
