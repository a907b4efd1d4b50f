"""Leave covers as their readers see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.supervision_views import Standing
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class LeaveView:
    """One absence. `acting`: name of who really does the work, at the end of the chain."""

    id: UUID
    person: str
    person_name: str
    department: Words | None
    substitute: str | None
    substitute_name: str | None
    acting: str | None
    starts_on: date
    ends_on: date
    reason: str
    state: str  # planned | running | over | ended
    in_hand: int
    entered_by: str
    entered_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could stand in."""

    username: str
    name: str
    shares_groups: bool
    in_hand: int
    is_away: bool


@dataclass(frozen=True, slots=True)
class LeavePreview:
    """What an absence would do. `breaching`: what falls due before the return, or is over."""

    person: str
    person_name: str
    in_hand: tuple[Standing, ...]
    breaching: tuple[Standing, ...]
    back_on: date
    candidates: tuple[Candidate, ...]
    problem: Words | None
