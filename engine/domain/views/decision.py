"""Decision tables and what they answered, as their readers see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class TableValue:
    """A column of a table and a value in it; `name` is its expression or the output's name.

    `words`: the value as people say it, where it is one of a register's key words.
    """

    label: Words
    name: str
    value: Any
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class RowMatched:
    """A row that held; `number` counts from 1 as the table is drawn."""

    number: int
    row_id: str
    annotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequiredDecision:
    """A decision that was asked on the way."""

    decision_id: str
    title: Words
    inputs: tuple[TableValue, ...]
    outputs: tuple[tuple[TableValue, ...], ...]
    rows: tuple[RowMatched, ...]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What a decision table answered in a case, on which rows, and by which version of it."""

    sequence: int  # of its line in the history
    at: datetime
    element: Words | None  # the step that asked
    decision_id: str
    title: Words
    about: str
    edition: str
    version: int
    definition_id: UUID
    filename: str
    sha256: str
    hit_policy: str
    inputs: tuple[TableValue, ...]
    outputs: tuple[tuple[TableValue, ...], ...]  # one tuple for each answer
    rows: tuple[RowMatched, ...]
    required: tuple[RequiredDecision, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        """What its rows rest on, each once."""
        return tuple(dict.fromkeys(note for row in self.rows for note in row.annotations))


@dataclass(frozen=True, slots=True)
class ColumnView:
    """`kind` is a DMN type, '' for anything; `choices` where only some values may be."""

    label: Words
    name: str
    kind: str
    allowed: str
    default: str


@dataclass(frozen=True, slots=True)
class RowView:
    number: int
    row_id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableFinding:
    """Something doubtful about a table; `example`: inputs that show it, by name."""

    kind: str  # overlap | gap | impossible | masked | unchecked
    rows: tuple[int, ...]
    sentence: Words
    example: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VariableView:
    """What a decision and those it requires read from the case; `choices` '' for any value."""

    name: str
    label: Words
    kind: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequiredTable:
    """A table that another one asks first."""

    decision_id: str
    title: Words


@dataclass(frozen=True, slots=True)
class TableView:
    """A decision table of one deployed version."""

    decision_id: str
    title: Words
    description: str
    is_literal: bool  # an expression and no table
    hit_policy: str
    aggregation: str
    inputs: tuple[ColumnView, ...]
    outputs: tuple[ColumnView, ...]
    notes: tuple[str, ...]  # headings of the annotations
    rows: tuple[RowView, ...]
    requires: tuple[RequiredTable, ...]
    filename: str
    sha256: str
    parts: tuple[str, ...]  # what it plays in [rules] of procedure.toml
    variables: tuple[VariableView, ...]
    findings: tuple[TableFinding, ...]


@dataclass(frozen=True, slots=True)
class TableTrial:
    """What a table answers to inputs that somebody tries; `failure` in place of an answer."""

    inputs: tuple[TableValue, ...]
    outputs: tuple[tuple[TableValue, ...], ...]
    rows: tuple[RowMatched, ...]
    required: tuple[RequiredDecision, ...]
    failure: Words | None
