"""Operations on the clocks of a case, each with the letter that belongs to it."""

from engine.domain.errors import Invalid
from engine.services import extensions, ledger, pauses
from engine.services.casework import Casework, Operation


def start_clock(work: Casework, clock: str) -> None:
    ledger.start(work, clock, reason="开始")


def pause_clock(work: Casework, clock: str, reason: str, limit: str = "") -> None:
    """中止计时 on a ground of workflows/common/shared.toml, with its letter; `limit`: how long what
    is waited for may take, which the applicant is told beforehand (行政许可法 art. 45)."""
    expected_at = work.due(limit, {}) if limit else None
    pauses.begin(work, clock, pauses.ground_of(work, reason), expected_at=expected_at)


def resume_clock(work: Casework, clock: str, reason: str = "") -> None:
    """恢复计时, with its letter: the pause of that ground ends, or the one that began last."""
    pauses.end(work, clock, reason)


def extend_clock(work: Casework, clock: str, reason: str = "", limit: str = "") -> None:
    """延长办理时限告知: by as much as the limit named says; the applicant is told the new last day."""
    by = work.limit(limit, {})
    if by.budget is None:
        raise Invalid(f"时限 {limit} 没有天数。", f"{limit} is no number of days")
    extensions.extend(
        work, clock, by.budget.amount, reason=reason, basis=by.basis, unit=_unit(work)
    )


def _unit(work: Casework) -> str:
    """The department whose head gives more time, where it is not the office that signs the letter."""
    office = work.procedure.letterhead.department
    department = work.actor.department
    if department in (None, office):
        return ""
    unit = work.office.directory().department(department)
    return unit.zh if unit else ""


OPERATIONS: dict[str, Operation] = {
    "start_clock": start_clock,
    "pause_clock": pause_clock,
    "resume_clock": resume_clock,
    "extend_clock": extend_clock,
    "approve_extension": extensions.approve,
    "refuse_extension": extensions.refuse,
    "lapse_extension": extensions.lapse,
}
