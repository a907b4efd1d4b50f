"""What screens and programs see of a change of the calendar: the days, what moves, who decides."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.calendar_change import ChangedDay
from engine.domain.states import CalendarChangeState
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class UnreadClause:
    """A clause that speaks of days and could not be taken, and why."""

    clause: str
    why: Words


@dataclass(frozen=True, slots=True)
class NoticeReading:
    """What was read out of a pasted notice: clause by clause, and what was not understood."""

    understood: tuple[str, ...]
    not_understood: tuple[UnreadClause, ...]
    aside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MovedLimit:
    """One limit of an open case that a change moves (or moved).

    kind: clock, task, wait, timer. days: calendar days later; negative: earlier.
    turns: "red" or "green" where the light of being over changes, else "". in_letter: its last day
    stands in a letter that was issued.
    """

    case_number: str
    subject_name: str
    procedure: Words
    department: Words
    kind: str
    title: Words
    before: datetime
    after: datetime
    days: int
    turns: str
    in_letter: bool


@dataclass(frozen=True, slots=True)
class LimitMoved:
    """One limit that an applied change has moved.

    key: of a clock, or the element of a step; kind: clock, task. days and turns as in MovedLimit,
    turns as of the moment of writing.
    """

    key: str
    kind: str
    title: Words
    before: datetime
    after: datetime
    days: int
    turns: str


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """What an applied change has moved in one case; at: when it was written into it."""

    case_number: str
    subject_name: str
    procedure: Words
    at: datetime
    limits: tuple[LimitMoved, ...]


@dataclass(frozen=True, slots=True)
class MovedGroup:
    """How many limits move in one procedure at one department."""

    procedure: Words
    department: Words
    later: int
    earlier: int
    newly_red: int
    newly_green: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many clocks move, and the tasks, waits and timers that move with them."""

    looked_at: int = 0
    later: int = 0
    earlier: int = 0
    staying: int = 0
    newly_red: int = 0
    newly_green: int = 0
    in_letters: int = 0
    tasks: int = 0
    waits: int = 0
    timers: int = 0
    cases: int = 0

    @property
    def moved(self) -> int:
        return self.later + self.earlier


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change would do now; nothing of it has happened."""

    years: tuple[int, ...]
    title: str
    document: str
    issued_on: date | None
    reading: NoticeReading | None
    days: tuple[ChangedDay, ...]
    announces: tuple[int, ...]  # years that were provisional
    tally: Tally
    groups: tuple[MovedGroup, ...]
    limits: tuple[MovedLimit, ...]


@dataclass(frozen=True, slots=True)
class CalendarChangeView:
    """One change of the calendar and where it stands.

    state: proposed, applying, applied, rejected, revoked. remaining: running instances that it has
    not reached yet. why_not: why the reader may not decide; None when it may.
    """

    id: UUID
    edition: int | None
    state: CalendarChangeState
    source: str
    years: tuple[int, ...]
    title: str
    document: str
    issued_on: date | None
    reason: str
    text: str
    days: tuple[ChangedDay, ...]
    tells_by_letter: bool
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str
    instances: int
    remaining: int
    moved: int
    applied_at: datetime | None
    revokes: UUID | None
    may_decide: bool
    why_not: Words | None
    may_revoke: bool
