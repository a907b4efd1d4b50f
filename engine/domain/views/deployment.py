"""A folder on its way to being a version, as administrators see it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.gate_report import Change, Report
from engine.domain.views.case import DiagramView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class CurrentVersion:
    """The version in force today, with the cases that live in it and in older ones."""

    definition_id: UUID
    edition: str
    version: int
    effective_from: date
    live_cases: int
    live_in_older: int


@dataclass(frozen=True, slots=True)
class LiveAt:
    """Open cases that rest at an element today. `becomes`: kept | changed | removed | unknown."""

    process_id: str
    element_id: str
    title: Words
    count: int
    becomes: str


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """`id` is None for a folder that was only looked at. `is_new`: it differs from the newest."""

    id: UUID | None
    procedure: str
    title: Words
    filename: str
    size: int
    file_count: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime
    report: Report
    is_new: bool
    next_version: int
    current: CurrentVersion | None
    live: tuple[LiveAt, ...]
    changes: tuple[Change, ...]
    definition_id: UUID | None = None
    version: int | None = None
    deployed_by: str | None = None
    deployed_at: datetime | None = None
    reason: str = ""
    diagrams: tuple[DiagramView, ...] = ()
    state: str = "handed_in"  # handed_in | proposed | rejected | deployed
    needs_second: bool = False
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    rejected_by: str | None = None
    rejected_at: datetime | None = None
    rejection: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentLine:
    """One line of the list of what was uploaded."""

    id: UUID
    procedure: str
    title: Words
    filename: str
    uploaded_by: str
    uploaded_at: datetime
    refusals: int
    warnings: int
    repairs: int
    version: int | None
    deployed_at: datetime | None
    state: str = "handed_in"
