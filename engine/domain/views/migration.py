"""Migrations of running cases onto another version, as an administrator sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.domain.states import MigratingCaseState, MigrationState
from engine.domain.views.incident import Place
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class MigrationFinding:
    """What the other version changes for one place of a case.

    `verdict`: fits | loses | needs_mapping | breaks.
    """

    verdict: str
    process_id: str
    element_id: str
    title: Words
    told: Words


@dataclass(frozen=True, slots=True)
class MigrationCase:
    """One case: how it stands to the other version, and what became of it.

    `state`: planned | waiting | migrated | left | undone.
    """

    number: str
    step: Words
    verdict: str
    state: MigratingCaseState
    findings: tuple[MigrationFinding, ...]
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VersionRef:
    """A version of a procedure by its names."""

    id: UUID
    procedure: str
    title: Words
    edition: str
    version: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An element at which cases stand and that the other version does not draw, with successors."""

    place: Place
    cases: int
    candidates: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """A dry run over all live cases of a version; nothing is changed."""

    origin: VersionRef
    target: VersionRef
    mapping: Mapping[str, str]
    counts: Mapping[str, int]  # verdict -> cases
    cases: tuple[MigrationCase, ...]
    unmatched: tuple[Unmatched, ...]


@dataclass(frozen=True, slots=True)
class MigrationView:
    """A migration under way or done."""

    id: UUID
    origin: VersionRef
    target: VersionRef
    mapping: Mapping[str, str]
    accepts_losses: bool
    reason: str
    state: MigrationState
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]  # state -> cases
    cases: tuple[MigrationCase, ...]
