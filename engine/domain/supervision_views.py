"""What a supervisor sees: lights, breaches, workload; plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.domain.clock import Light, Whose
from engine.domain.views import CaseRow, TaskView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class LightCounts:
    green: int = 0
    yellow: int = 0
    red: int = 0
    blue: int = 0
    provisional: int = 0


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Open tasks of one department in one procedure."""

    department: str
    department_title: Words
    procedure: str
    procedure_title: Words
    counts: LightCounts


@dataclass(frozen=True, slots=True)
class Breach:
    """A step or a case over its limit: where, who, how long, whose time it was."""

    task: TaskView
    case: CaseRow
    over_days: int
    since: datetime
    whose: Whose
    supervision_number: str | None  # 督办单 already issued


@dataclass(frozen=True, slots=True)
class Workload:
    person: str | None  # username; None = not yet claimed
    person_name: str
    department_title: Words
    open: int
    late: int
    done_today: int


@dataclass(frozen=True, slots=True)
class AgeBand:
    title: Words
    count: int


@dataclass(frozen=True, slots=True)
class SupervisionNoticeView:
    """督办单."""

    id: UUID
    number: str
    case_number: str
    unit: Words
    step: Words
    ground: Words
    issued_at: datetime
    answer_by: datetime | None
    state: str  # open | answered | escalated | lifted | upheld
    answer: str


@dataclass(frozen=True, slots=True)
class Board:
    """Today's board. `silent` must be empty: open cases without a next event and a date."""

    as_of: datetime
    lights: LightCounts
    light_of_cases: LightCounts
    matrix: tuple[MatrixCell, ...]
    breaches: tuple[Breach, ...]
    due_today: tuple[TaskView, ...]
    workload: tuple[Workload, ...]
    ageing: tuple[AgeBand, ...]
    silent: tuple[CaseRow, ...]
    notices: tuple[SupervisionNoticeView, ...]
    open_cases: int
    closed_cases: int


@dataclass(frozen=True, slots=True)
class ElementHeat:
    """Figures of one element of a procedure over a period."""

    process_id: str
    element_id: str
    title: Words
    count: int
    open: int
    median_days: float | None
    limit_days: int | None
    breaches: int
    light: Light


@dataclass(frozen=True, slots=True)
class HeatMap:
    procedure: str
    title: Words
    diagrams: Mapping[str, str]  # process id -> BPMN XML
    titles: Mapping[str, Words]
    elements: tuple[ElementHeat, ...]
