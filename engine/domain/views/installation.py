"""Procedures, departments, people, jobs and incidents, as readers see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.states import JobState
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class ProcedureView:
    key: str
    title: Words
    summary: Words
    edition: str
    version: int
    basis: tuple[str, ...]
    effective_from: date
    effective_to: date | None
    promised_days: int | None
    is_open: bool
    live_cases: int = 0
    deployed_at: datetime | None = None
    definition_id: UUID | None = None
    hold: str = ""
    takes_records: bool = True
    entrance: Words | None = None  # title of the page that leads to an application
    button: Words | None = None
    without_record: Words | None = None
    closed: Words | None = None  # why nothing may be filed today (no emergency response)


@dataclass(frozen=True, slots=True)
class DepartmentView:
    key: str
    title: Words
    kind: str
    groups: tuple[str, ...]
    phone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class PersonView:
    username: str
    name: str
    department: str | None
    department_title: Words | None
    groups: tuple[str, ...]
    group_titles: tuple[Words, ...]
    subject: str | None
    is_active: bool
    is_service: bool = False


@dataclass(frozen=True, slots=True)
class JobView:
    id: UUID
    operation: str
    case_number: str | None
    state: JobState
    due_at: datetime
    retries_left: int
    last_error: str


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A value that an administrator may set. `usual`: what stands where nothing is set."""

    scope: str  # "" the whole office, or procedure:edition
    scope_title: Words
    key: str
    title: Words
    unit: str
    usual: str
    value: str | None
    basis: str
    set_by: str | None
    set_at: datetime | None
