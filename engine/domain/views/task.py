"""Tasks and the inbox, as readers see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from engine.domain.clock import Light, Whose
from engine.domain.states import TaskState
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as the inbox shows it."""

    id: UUID
    case_number: str
    case_title: str  # name of the subject
    procedure: str
    procedure_title: Words
    element_id: str
    title: Words
    line: Words  # a line of case data: grade, document number
    why: Words  # why it stands here
    group: str
    group_title: Words
    department: str | None
    department_title: Words | None
    assignee: str | None  # username
    assignee_name: str | None
    state: TaskState
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    light: Light
    days_left: int | None  # working days until the step's due day; 0 = due today; negative = over
    whose: Whose
    may_claim: bool
    may_complete: bool
    reason_not: Words | None  # why the actor may not take it (four eyes, another's task)
    version: int
    covers_for: str | None = None  # 代: name of the one on leave in whose place the reader has it
    may_open: bool = (
        True  # false: it is coming to the reader, and its case is not theirs to see yet
    )
    provisional: bool = False  # 暂定: due in a year whose holidays are not announced


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Live numbers of the filter rail: exact up to MOST, MOST + 1 stands for any more."""

    MOST: ClassVar[int] = 1_000

    mine: int
    group: int
    upcoming: int
    done: int
    lights: Mapping[str, int]
    procedures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Completed:
    """After a task: its case, and the actor's next task."""

    case_number: str
    next_task_id: UUID | None
