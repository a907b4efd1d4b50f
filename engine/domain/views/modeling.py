"""What a modeller may choose from while drawing: the version's own vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class DrawingChoice:
    """A value of an extension property, in words; `about` says what it is or rests on."""

    key: str
    title: Words
    about: Words | None = None


@dataclass(frozen=True, slots=True)
class ParameterChoice:
    """A parameter of an operation. `values`: all it may be, none where that is open."""

    key: str
    is_required: bool
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationChoice:
    """What a service task may ask for. `answers`: it gives back a value."""

    key: str
    parameters: tuple[ParameterChoice, ...]
    answers: bool


@dataclass(frozen=True, slots=True)
class ModelingChoices:
    """Everything that a drawing of one version can name."""

    groups: tuple[DrawingChoice, ...]
    forms: tuple[DrawingChoice, ...]
    limits: tuple[DrawingChoice, ...]
    clocks: tuple[DrawingChoice, ...]
    stages: tuple[DrawingChoice, ...]
    outcomes: tuple[DrawingChoice, ...]
    processes: tuple[DrawingChoice, ...]
    decisions: tuple[DrawingChoice, ...]
    letters: tuple[str, ...]
    grounds: tuple[DrawingChoice, ...]
    operations: tuple[OperationChoice, ...]
    whose: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a version that is edited. `titles`: what it draws or is called; `is_shared`: of
    common/; `is_new`: of the draft alone."""

    name: str
    kind: str  # bpmn | dmn | json | typ | toml
    titles: tuple[Words, ...]
    is_shared: bool
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class NewerVersion:
    """A version deployed after the one that is edited. `both`: files that it and the draft changed."""

    definition_id: UUID
    version: int
    deployed_by: str
    deployed_at: datetime
    both: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelDraftView:
    """Somebody's draft of a version: texts and revisions by file, what the gate last said of it."""

    definition_id: UUID
    texts: Mapping[str, str]
    revisions: Mapping[str, int]
    report: Mapping[str, Any] | None
    is_stale: bool
    changed_at: datetime | None
    newer: NewerVersion | None


@dataclass(frozen=True, slots=True)
class ModelDraftLine:
    """A draft in a list: of which version, how many files."""

    definition_id: UUID
    procedure: str
    version: int
    files: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SampleLetter:
    """A letter that was issued, with whose data a template is tried."""

    id: UUID
    key: str
    title: str
    title_en: str
    case_number: str
