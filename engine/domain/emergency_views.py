"""Emergency responses as their readers see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.states import EmergencyEntryState
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class EmergencyEntryView:
    """One act, proposed by one person and confirmed or rejected by another."""

    id: UUID
    act: str
    act_title: Words
    on: date
    level: str | None
    level_title: Words | None
    document: str
    reason: str
    state: EmergencyEntryState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """A response with its history, the newest act first.

    state: proposed, coming, in_force or ended, as of today. entries: only for administrators.
    """

    id: UUID
    kind: str
    kind_title: Words
    title: str
    state: str
    starts_on: date
    ends_on: date | None
    level: str | None
    level_title: Words | None
    document: str
    entries: tuple[EmergencyEntryView, ...]


@dataclass(frozen=True, slots=True)
class RestingView:
    """What rests on a kind of response: a whole procedure, or one line of it."""

    procedure: str
    title: Words
    part: Words | None
    is_open: bool
    open_cases: int
