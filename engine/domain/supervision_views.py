"""What a supervisor sees: lights, breaches, workload; plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.clock import Light, Whose
from engine.domain.states import SupervisionState
from engine.domain.views import CaseRow
from engine.domain.whose_time import Part
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class LightCounts:
    """How many places are in which light; each is in one, so that they sum up."""

    green: int = 0
    yellow: int = 0
    red: int = 0
    blue: int = 0
    provisional: int = 0

    @property
    def total(self) -> int:
        return self.green + self.yellow + self.red + self.blue + self.provisional

    def __add__(self, other: "LightCounts") -> "LightCounts":
        return LightCounts(
            self.green + other.green,
            self.yellow + other.yellow,
            self.red + other.red,
            self.blue + other.blue,
            self.provisional + other.provisional,
        )


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Places of one row of the board (department, procedure, step or person) in one column."""

    row: str
    row_title: Words
    column: str
    column_title: Words
    counts: LightCounts


@dataclass(frozen=True, slots=True)
class Standing:
    """One place at which an open case rests: a task of somebody, or a wait for an outside body.

    light: green, yellow, red, blue, provisional; red and yellow also when the whole case is.
    holder: key of the department, else of the group or the outside body.
    over_days: working days over the step's limit, else over the whole case's; 0 on the day itself.
    cause: why it is late; empty where it is not. whose_days: office time since filing.
    """

    id: UUID
    is_task: bool
    case_number: str
    subject_name: str
    procedure: str
    procedure_title: Words
    process_id: str
    element_id: str
    step: Words
    holder: str
    holder_title: Words
    person: str | None
    person_name: str | None
    whose: Whose
    since: datetime
    due_at: datetime | None
    case_due_at: datetime | None
    light: str
    days_left: int | None
    over_days: int
    over_since: datetime | None
    cause: Words
    whose_days: tuple[Part, ...]
    supervision_id: UUID | None
    supervision_number: str | None  # 督办单 already issued about this place


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has in hand, or what lies unclaimed before one department."""

    person: str | None  # username; None = not yet claimed
    person_name: str
    holder: str
    holder_title: Words
    counts: LightCounts
    done_today: int
    is_away: bool = False
    is_covered: bool = False  # somebody stands in

    @property
    def open(self) -> int:
        return self.counts.total

    @property
    def late(self) -> int:
        return self.counts.red


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Places by the age of their case in working days."""

    key: str
    title: Words
    counts: LightCounts

    @property
    def count(self) -> int:
        return self.counts.total


@dataclass(frozen=True, slots=True)
class SupervisionNoticeView:
    """督办单."""

    id: UUID
    number: str
    case_number: str
    subject_name: str
    unit: Words
    officer_name: str | None  # who held the task when it was issued
    step: Words
    origin: str  # diagram | breach | complaint | order
    origin_title: Words
    ground: Words
    over_days: int
    issued_at: datetime
    answer_by: datetime | None
    state: SupervisionState
    answer: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line of the ground: what ran when, and the basis it rests on."""

    at: datetime
    text: Words
    basis: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What became of a notice: a line of the case's history."""

    at: datetime
    title: Words
    detail: str
    actor_name: str
    department: Words | None
    sequence: int


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One 督办单 whole. `task_id`: what is to be done now; `may_act`: by the reader."""

    notice: SupervisionNoticeView
    lines: tuple[LedgerLine, ...]
    timeline: tuple[TimelineEntry, ...]
    issued_by_name: str
    contest: str
    contested_at: datetime | None
    answered_at: datetime | None
    escalated_at: datetime | None
    decision: str
    closed_at: datetime | None
    letter_id: UUID | None
    task_id: UUID | None
    step: str | None  # answer | answer_again | decide_contest | check_answer | handle
    may_act: bool


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """What a notice about a place would say; `refusal` says why it could not be issued."""

    place: Standing
    unit: str
    unit_title: Words
    ground: Words
    answer_by: datetime
    lines: tuple[LedgerLine, ...]
    refusal: Words | None


@dataclass(frozen=True, slots=True)
class NoticeOutcome:
    """What became of one of several: the notice, or why there is none."""

    place_id: UUID
    notice: SupervisionNoticeView | None
    refusal: Words | None


@dataclass(frozen=True, slots=True)
class Board:
    """Today's board. `silent` must be empty: open cases without a next event and a date."""

    as_of: datetime
    by: str  # department | procedure | step | person
    lights: LightCounts
    matrix: tuple[MatrixCell, ...]
    breaches: tuple[Standing, ...]  # the worst of them
    due_today: tuple[Standing, ...]  # the first of them
    due_today_count: int
    workload: tuple[Load, ...]
    ageing: tuple[AgeBand, ...]
    silent: tuple[CaseRow, ...]
    silent_count: int
    stuck: tuple[CaseRow, ...]  # open cases with an open incident: an administrator is on it
    notices: tuple[SupervisionNoticeView, ...]
    open_cases: int
    closed_this_month: int
    late_reports: int = 0  # records not reported upwards within their limit
    late_sites: int = 0  # what other sites owe and have not done in time


@dataclass(frozen=True, slots=True)
class ElementHeat:
    """Figures of one element of a procedure over a period, in working days with fractions.

    count: ended in the period. median_days, p90_days: from reaching it to its end; of a task that
    falls into waiting to be taken and the officer's own time. breaches: ended late in the period,
    and open ones that are over now. share: median over the limit; None without either.
    """

    process_id: str
    element_id: str
    title: Words
    count: int
    open: int
    median_days: float | None
    p90_days: float | None
    own_median_days: float | None
    own_p90_days: float | None
    limit_days: int | None
    share: float | None
    breaches: int
    light: Light


@dataclass(frozen=True, slots=True)
class HeatMap:
    """`near`, `over`: the shares of the limit from which on an element is yellow, red."""

    procedure: str
    title: Words
    since: date
    until: date
    department: str | None
    near: float
    over: float
    diagrams: Mapping[str, str]  # process id -> BPMN XML
    titles: Mapping[str, Words]
    elements: tuple[ElementHeat, ...]
