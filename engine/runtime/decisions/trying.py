"""Asking a table without a case: which variables it wants, and values as somebody types them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.domain.errors import EngineError, Invalid
from engine.domain.words import Words
from engine.runtime.decisions.reading import Decisions
from engine.runtime.decisions.table import InputColumn, Table
from engine.runtime.feel import (
    Kind,
    Value,
    compile_expression,
    constants,
    parse_expression,
    parse_tests,
)
from engine.runtime.feel.values import READERS


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable by its dotted name; `kind` None: anything; `choices` as they are typed."""

    name: str
    label: Words
    kind: Kind | None
    choices: tuple[str, ...]


def asked_variables(
    tables: Decisions, decision_id: str, answers: Mapping[str, str]
) -> tuple[Variable, ...]:
    """What a decision and those it requires read from the case, in the order of its columns.

    `answers`: tests that the values of variables pass (form_answers.py).
    """
    found: dict[str, Variable] = {}
    for table in _reached(tables, decision_id):
        told = {name for each in table.requires for name in tables.table(each).names}
        for name, column in _reads(table):
            if name.partition(".")[0] not in told and name not in found:
                found[name] = _variable(name, column, answers)
    return tuple(found.values())


def _reached(tables: Decisions, decision_id: str) -> list[Table]:
    reached = [tables.table(decision_id)]
    for table in reached:
        reached += [tables.tables[e] for e in table.requires if tables.tables[e] not in reached]
    return reached


def _reads(table: Table) -> Iterator[tuple[str, InputColumn | None]]:
    heads: set[str] = set()
    for column in table.inputs:
        for name in column.reads:
            heads.add(name.partition(".")[0])
            yield name, column if column.expression == name else None
    for head in sorted(table.variables - heads):
        yield head, None


def _variable(name: str, column: InputColumn | None, answers: Mapping[str, str]) -> Variable:
    if column is None:
        return Variable(name, Words(name), None, ())
    choices: tuple[str, ...] = ()
    if column.kind is Kind.BOOLEAN:
        choices = ("true", "false")
    elif column.kind in (Kind.STRING, None):
        node = column.allowed_node
        if column.allowed is None and name in answers:
            node = parse_tests(answers[name])
        choices = tuple(each for each in constants(node) or () if isinstance(each, str))
    return Variable(name, column.title, column.kind, choices)


def context_of(tables: Decisions, decision_id: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a case that has nothing but these inputs, by dotted name.

    Text for a typed column is read as its kind; for others it is a value as a cell would have it,
    or else text. Empty text is null. Raises Invalid for a name that no table reads.
    """
    kinds = {each.name: each.kind for each in asked_variables(tables, decision_id, {})}
    context: dict[str, Any] = {}
    for name, value in inputs.items():
        if name not in kinds:
            raise Invalid(f"决策表不读 {name}。", f"the table does not read {name}")
        *path, last = name.split(".")
        inside = context
        for key in path:
            inside = inside.setdefault(key, {})
        inside[last] = _typed(value, kinds[name]) if isinstance(value, str) else value
    return context


def _typed(text: str, kind: Kind | None) -> Value:
    if kind is Kind.STRING:
        return text or None
    text = text.strip()
    if not text or text == "null":
        return None
    if kind in READERS:
        return text
    try:
        return compile_expression(parse_expression(text))({})
    except EngineError:  # a name is no value, nor is what cannot be read: then it is text
        return text
