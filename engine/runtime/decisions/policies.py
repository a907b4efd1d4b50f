"""Hit policies: how the rows that hold become one answer (DMN 1.5, 8.2.10 and 8.2.11)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice

from engine.runtime.decisions.table import Row, Table
from engine.runtime.feel import Scope, Value, equal
from engine.runtime.feel.arithmetic import reckon
from engine.runtime.feel.closures import ordered
from engine.runtime.feel.values import to_feel


@dataclass(frozen=True, slots=True)
class Outcome:
    """`value`: FEEL values; rows of the answer as a dict by output name, several as a list."""

    value: Value
    rows: tuple[Row, ...]


Inputs = Sequence[Value]
Policy = Callable[[Table, Inputs, Scope], Outcome]


def _numbers(rows: tuple[Row, ...]) -> tuple[str, str]:
    listed = [str(row.number) for row in rows]
    return "、".join(listed), " and ".join(listed)


def _named(table: Table, outputs: tuple[Value, ...]) -> dict[str, Value]:
    return {column.name: v for column, v in zip(table.outputs, outputs, strict=True)}


def _one(table: Table, row: Row | None, scope: Scope) -> Outcome:
    if row is not None:
        return Outcome(_named(table, table.outputs_of(row, scope)), (row,))
    defaults = table.defaults(scope)
    return Outcome(None if defaults is None else _named(table, defaults), ())


def _unique(table: Table, values: Inputs, scope: Scope) -> Outcome:
    rows = tuple(table.holding(values, scope))
    if len(rows) > 1:
        zh, english = _numbers(rows)
        raise table.failed(f"第 {zh} 行同时成立", f"rows {english} hold at the same time", rows)
    return _one(table, rows[0] if rows else None, scope)


def _first(table: Table, values: Inputs, scope: Scope) -> Outcome:
    return _one(table, next(iter(islice(table.holding(values, scope), 1)), None), scope)


def _any(table: Table, values: Inputs, scope: Scope) -> Outcome:
    rows = tuple(table.holding(values, scope))
    answers = [list(table.outputs_of(row, scope)) for row in rows]
    if any(not equal(answer, answers[0]) for answer in answers[1:]):
        zh, english = _numbers(rows)
        raise table.failed(
            f"第 {zh} 行同时成立而结果不同", f"rows {english} hold with different outputs", rows
        )
    return Outcome(_one(table, rows[0] if rows else None, scope).value, rows)


def _by_rank(table: Table, values: Inputs, scope: Scope) -> list[tuple[Row, tuple[Value, ...]]]:
    answers = [(row, table.outputs_of(row, scope)) for row in table.holding(values, scope)]
    return sorted(
        answers,
        key=lambda each: [
            column.rank(value) for column, value in zip(table.outputs, each[1], strict=True)
        ],
    )


def _priority(table: Table, values: Inputs, scope: Scope) -> Outcome:
    ranked = _by_rank(table, values, scope)
    return _one(table, ranked[0][0] if ranked else None, scope)


def _output_order(table: Table, values: Inputs, scope: Scope) -> Outcome:
    return _several(table, _by_rank(table, values, scope), scope)


def _rule_order(table: Table, values: Inputs, scope: Scope) -> Outcome:
    answers = [(row, table.outputs_of(row, scope)) for row in table.holding(values, scope)]
    return _several(table, answers, scope)


def _several(table: Table, answers: list[tuple[Row, tuple[Value, ...]]], scope: Scope) -> Outcome:
    if not answers and (defaults := table.defaults(scope)) is not None:
        return Outcome([_named(table, defaults)], ())
    return Outcome(
        [_named(table, outputs) for _, outputs in answers], tuple(row for row, _ in answers)
    )


def _add(a: Value, b: Value) -> Value:
    return reckon("+", a, b)


def _lesser(a: Value, b: Value) -> Value:
    return b if ordered("<", b, a) else a


def _greater(a: Value, b: Value) -> Value:
    return b if ordered(">", b, a) else a


_AGGREGATIONS: Mapping[str, Callable[[Value, Value], Value]] = {
    "SUM": _add,
    "MIN": _lesser,
    "MAX": _greater,
}


def _collect(table: Table, values: Inputs, scope: Scope) -> Outcome:
    if not table.aggregation:
        return _rule_order(table, values, scope)
    rows = tuple(table.holding(values, scope))
    if table.aggregation == "COUNT":
        return Outcome(to_feel(len(rows)), rows)
    outputs = [table.outputs_of(row, scope)[0] for row in rows]
    if not outputs:
        defaults = table.defaults(scope)
        return Outcome(defaults[0] if defaults else None, ())
    return Outcome(reduce(_AGGREGATIONS[table.aggregation], outputs), rows)


POLICIES: Mapping[str, Policy] = {
    "UNIQUE": _unique,
    "FIRST": _first,
    "ANY": _any,
    "PRIORITY": _priority,
    "RULE ORDER": _rule_order,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _collect,
}
AGGREGATIONS = frozenset({*_AGGREGATIONS, "COUNT"})
RANKED = frozenset({"PRIORITY", "OUTPUT ORDER"})


def answer(table: Table, values: Inputs, scope: Scope) -> Outcome:
    """`values`: of the table's input columns. Raises DecisionFailed and MissingVariable."""
    return POLICIES[table.hit_policy](table, values, scope)
