"""What a clock says at one moment: state, dates, light and the printed working."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engine.domain.clock_ledger import Budget, ClockEntry, Pause
from engine.domain.clock_working import DayOfWorking, Segment, Whose


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    BLUE = "blue"


class ClockState(StrEnum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LightRule:
    """Yellow when no more is left than this share of the limit, or than `yellow_days`."""

    yellow_share: float = 0.2
    yellow_days: int = 1


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock says at one moment, and why.

    due_on, due_at: the last day and its closing time; while paused, as if resumed now.
    total: days of the whole limit, extensions included (months have become days).
    used: counted days, today included; left: total - used, negative when over.
    paused_days: days that would have counted but for a pause.
    extended: in the unit of the budget.
    provisional: the span touches a year whose holidays are not announced.
    whose_days: counted days by whose time it was; they sum to `used`.
    """

    budget: Budget
    state: ClockState
    started_on: date | None
    due_on: date | None
    due_at: datetime | None
    total: int
    used: int
    left: int
    paused_days: int
    extended: int
    light: Light
    provisional: bool
    working: tuple[DayOfWorking, ...]
    segments: tuple[Segment, ...]
    whose_days: tuple[tuple[Whose, int], ...]
    start: ClockEntry | None = None
    stopped_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
