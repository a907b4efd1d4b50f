"""What the charts show: figures over a period, ready to be drawn or read as tables."""

from dataclasses import dataclass
from datetime import date

from engine.domain.supervision_views import AgeBand
from engine.domain.whose_time import Part
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class CycleBand:
    """Closed cases whose whole time was at least `first` and less than `end` working days."""

    first: int
    end: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its Monday: what came in and went out, how long closed ones had taken."""

    monday: date
    filed: int
    closed: int
    median_days: float | None
    p90_days: float | None


@dataclass(frozen=True, slots=True)
class WhoseStack:
    """Average working days of closed cases of one procedure by whose they were; they sum to `total`."""

    procedure: str
    title: Words
    cases: int
    parts: tuple[Part, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Charts:
    since: date
    until: date
    procedure: str | None
    closed: int
    median_days: float | None
    p90_days: float | None
    cycle: tuple[CycleBand, ...]
    weeks: tuple[Week, ...]
    whose: tuple[WhoseStack, ...]
    ageing: tuple[AgeBand, ...]
