"""Operations on the clocks of a case, each with the letter that belongs to it."""

from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.services import correspondence, ledger
from engine.services.casework import Casework, Operation

NOT_COUNTED = "行政许可法第四十五条（参照适用）"
REASONS = {
    "site_check": "实地核查",
    "expert": "专家评审",
    "appraisal": "检验、鉴定或专家评审",
    "other_body": "等待其他机关",
    "applicant": "等待申请人",
}


def start_clock(work: Casework, clock: str) -> None:
    ledger.start(work, clock, reason="开始")


def pause_clock(work: Casework, clock: str, reason: str = "") -> None:
    """中止计时 (行政许可法 art. 45 by analogy): the applicant is told why and from when."""
    told = REASONS.get(reason, reason)
    letter = correspondence.queue(
        work,
        "pause_notice",
        clock={
            "reason": told,
            "from": work.now_at.isoformat(),
            "new_last_day": correspondence.clock_data(work, clock).get("last_day"),
        },
    )
    number = correspondence.issue(work, letter)
    _serve(work, letter)
    ledger.pause(work, clock, reason=told, document=number, basis=NOT_COUNTED)
    work.note("clock_paused", Words(f"暂停计时：{told}", "clock paused"), detail=number)


def resume_clock(work: Casework, clock: str) -> None:
    """恢复计时: the applicant is told the days not counted and the new last day."""
    paused = [e for e in work.clock_entries if e.kind == "pause"]
    ledger.resume(work, clock, reason="恢复计时", basis=NOT_COUNTED)
    told = correspondence.clock_data(work, clock)
    reason = paused[-1].reason if paused else ""
    since = paused[-1].effective_at if paused else work.now_at
    calendar = work.calendar
    skipped = calendar.working_days(calendar.local_date(since), calendar.local_date(work.now_at))
    letter = correspondence.queue(
        work,
        "resume_notice",
        clock={
            "reason": reason,
            "from": since.isoformat(),
            "until": work.now_at.isoformat(),
            "days_not_counted": skipped,
            "new_last_day": told.get("last_day"),
        },
        limit=told,
    )
    correspondence.issue(work, letter)
    _serve(work, letter)
    work.note("clock_resumed", Words("恢复计时", "clock resumed"), detail=letter.number or "")


def extend_clock(work: Casework, clock: str, reason: str = "", limit: str = "") -> None:
    """延长办理时限告知: by as much as the limit named says; the applicant is told the new last day."""
    by = work.procedure.limit(limit, {})
    if by.budget is None:
        raise Invalid(f"时限 {limit} 没有天数。", f"{limit} is no number of days")
    before = correspondence.clock_data(work, clock).get("last_day")
    letter = correspondence.queue(work, "extension_notice")
    ledger.extend(work, clock, amount=by.budget.amount, reason=reason, basis=by.basis)
    told = correspondence.clock_data(work, clock)
    letter.data = {
        "clock": {"reason": reason, "old_last_day": before, "new_last_day": told.get("last_day")},
        "extension": {"days": by.budget.amount, "approver": work.actor.name},
        "limit": told,
    }
    number = correspondence.issue(work, letter)
    _serve(work, letter)
    work.note("clock_extended", Words(f"延长期限：{reason}", "time extended"), detail=number)


def _serve(work: Casework, letter: object) -> None:
    letter.state, letter.served_at = "served", work.now_at  # type: ignore[attr-defined]
    letter.way = "electronic" if work.case.electronic_service else "post"  # type: ignore[attr-defined]


OPERATIONS: dict[str, Operation] = {
    "start_clock": start_clock,
    "pause_clock": pause_clock,
    "resume_clock": resume_clock,
    "extend_clock": extend_clock,
}
