"""A row of the register of deferrals 暂缓台账."""

from dataclasses import dataclass
from datetime import date

from engine.domain.states import DeferralState
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class DeferralRow:
    """A deferral that was granted. days_left: calendar days until its last day, None when it is over."""

    number: str  # of the decision
    case_number: str
    subject_code: str
    subject_name: str
    record_number: str
    request: str  # deferral | extension | both
    request_title: Words
    level: str  # leader | meeting
    level_title: Words
    granted_on: date
    first_until: date
    until: date
    renewed_on: date | None
    state: DeferralState
    state_title: Words
    ended_on: date | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class DeferralCounts:
    """How many run, end soon, are over."""

    running: int
    ending: int
    ended: int
