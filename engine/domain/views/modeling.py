"""What a modeller may choose from while drawing: the version's own vocabulary."""

from dataclasses import dataclass

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
    """A diagram or a decision file of a version. `titles`: what it draws; `is_shared`: of common/."""

    name: str
    kind: str  # bpmn | dmn
    titles: tuple[Words, ...]
    is_shared: bool
