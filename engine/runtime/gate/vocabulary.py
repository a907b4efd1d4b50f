"""What diagrams may ask of the office: operations with their parameters, groups, what is given."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Effect:
    """What an operation does that must be undone before a case is over.

    Names are values, or `$parameter` for the value of that parameter; `*` is everything.
    """

    flags: Collection[str] = ()
    no_flags: Collection[str] = ()
    starts: Collection[str] = ()
    stops: Collection[str] = ()
    queues: Collection[str] = ()
    serves: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """One operation: its parameters, their closed values, what it answers, what it does.

    `begins`: the process that it starts beside the case.
    `answers`: the values it may give back, none when it gives none. `$parameter` is that value.
    """

    parameters: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    answers: tuple[Any, ...] = ()
    letters: tuple[str, ...] = ()
    begins: str = ""
    effect: Effect = field(default_factory=Effect)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`given`: what a case knows at its start, and the values that may have.

    `begun`: shared processes that the office starts beside a case by itself.
    """

    operations: Mapping[str, Shape]
    groups: frozenset[str] = frozenset()
    begun: frozenset[str] = frozenset()
    given: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
