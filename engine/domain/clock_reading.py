"""What a clock says at one moment: state, dates, light and the printed working."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from engine.domain.clock_ledger import Budget, ClockEntry, Pause, Unit
from engine.domain.clock_working import DayOfWorking, Segment, Whose
from engine.domain.states import KeptClockState

#: When a timer is due whose clock is paused, stopped or not started.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


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

    @property
    def kept(self) -> KeptClockState:
        """As it is stored: a clock whose start is still to come runs already."""
        return _KEPT[self]


_KEPT: dict[ClockState, KeptClockState] = {
    ClockState.NOT_STARTED: "running",
    ClockState.RUNNING: "running",
    ClockState.PAUSED: "paused",
    ClockState.STOPPED: "stopped",
}


@dataclass(frozen=True, slots=True)
class LightRule:
    """Yellow when no more is left than this share of the limit, or than `yellow_days`.

    A limit of office time has minutes left: there `yellow_hours` take the place of the days.
    """

    yellow_share: float = 0.2
    yellow_days: int = 1
    yellow_hours: int = 1

    def threshold(self, total: int, unit: Unit) -> int:
        """So many days, or minutes of office time, before the end it turns yellow."""
        least = self.yellow_hours * 60 if unit.is_office_time else self.yellow_days
        return max(least, int(self.yellow_share * total))


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock says at one moment, and why.

    due_on, due_at: the last day and its closing time (in a limit of office time, the last
        minute); while paused, as if resumed now.
    total: days of the whole limit, extensions included (months have become days); minutes in a
        limit of office time, as are all numbers below.
    used: counted days, today included; left: total - used, negative when over.
    paused_days: days that would have counted but for a pause.
    extended: in the unit of the budget.
    provisional: the span touches a year whose holidays are not announced.
    whose_days: counted days by whose time it was; they sum to `used`.
    statutory: the limit of the law behind a promised one, None where there is none; the promise
        drives the light, `is_unlawful` tells that the law's own limit has passed too.
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
    statutory: Budget | None = None
    statutory_due_on: date | None = None
    statutory_due_at: datetime | None = None
    is_unlawful: bool = False
