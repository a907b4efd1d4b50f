"""Overlaps, gaps and dead rows of a table, told from its cells alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import combinations, islice
from operator import or_
from types import MappingProxyType
from typing import Any

from engine.runtime.decisions.axes import Axis, axis_of
from engine.runtime.decisions.holes import Budget, Holes, covering
from engine.runtime.decisions.results import Finding
from engine.runtime.decisions.table import InputColumn, Row, Table
from engine.runtime.expression_guards import MissingVariable
from engine.runtime.feel import FeelFailed, compile_tests, equal, parse_tests, to_plain

#: Under these, rows that hold together are a mistake; under those, that no row holds may be one.
EXCLUSIVE = frozenset({"UNIQUE", "ANY"})
SINGLE = EXCLUSIVE | {"FIRST", "PRIORITY"}
MOST_FINDINGS = 20
NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


def findings_of(table: Table, answers: Mapping[str, str] = NO_ANSWERS) -> tuple[Finding, ...]:
    """At most 20 of each kind. `answers`: tests that the values of variables pass, by name.

    Rows that hold together count under UNIQUE and ANY; cases without a row where one is wanted and
    there are no default outputs; rows behind others under FIRST. Rows whose cells compare with
    variables are left out, and so are gaps where there are such rows.
    """
    columns = [_narrowed(column, answers) for column in table.inputs]
    axes = [axis_of(column, index, table.rows) for index, column in enumerate(columns)]
    looked = _Looked(table, axes)
    return tuple(
        found
        for kind in (looked.impossible(), looked.overlaps(), looked.masked(), looked.gaps())
        for found in islice(kind, MOST_FINDINGS)
    )


def _narrowed(column: InputColumn, answers: Mapping[str, str]) -> InputColumn:
    """The column with what the forms allow, where the table itself does not say."""
    if column.allowed is not None or column.expression not in answers:
        return column
    node = parse_tests(answers[column.expression])
    return replace(column, allowed_node=node, allowed=compile_tests(node, column.kind))


class _Looked:
    """One table, looked over."""

    def __init__(self, table: Table, axes: Sequence[Axis]) -> None:
        self._table, self._axes, self._rows_at = table, axes, covering(axes)

    def _row(self, index: int) -> list[int] | None:
        """Where a row holds, column by column; None where only the data can tell."""
        found = [axis.rows[index] for axis in self._axes]
        return None if None in found else [pieces or 0 for pieces in found]

    def _shared(self, i: int, j: int) -> list[int] | None:
        """Where two rows both hold; None where they do not, or nobody can tell."""
        shared = []
        for axis in self._axes:
            a, b = axis.rows[i], axis.rows[j]
            if a is None or b is None or not a & b:
                return None
            shared.append(a & b)
        return shared

    def impossible(self) -> Iterator[Finding]:
        for index, row in enumerate(self._table.rows):
            for axis in self._axes:
                if axis.rows[index] == 0:
                    yield self._finding(
                        "impossible",
                        (row,),
                        f"第 {row.number} 行不会成立：{axis.label.zh} 没有这样的值",
                        f"row {row.number} can never hold: {axis.label.en} has no such value",
                    )
                    break

    def overlaps(self) -> Iterator[Finding]:
        if self._table.hit_policy not in EXCLUSIVE:
            return
        rows = self._table.rows
        for i, j in combinations(range(len(rows)), 2):
            shared = self._shared(i, j)
            if shared is not None and _contradict(self._table, rows[i], rows[j]):
                zh, english = _where(self._axes, shared)
                yield self._finding(
                    "overlap",
                    (rows[i], rows[j]),
                    f"第 {rows[i].number} 行与第 {rows[j].number} 行会同时成立（{zh}）",
                    f"rows {rows[i].number} and {rows[j].number} hold together ({english})",
                    shared,
                )

    def masked(self) -> Iterator[Finding]:
        """Under FIRST, rows behind others that hold wherever they do."""
        if self._table.hit_policy != "FIRST":
            return
        known, budget = 0, Budget()
        for index, row in enumerate(self._table.rows):
            region = self._row(index)
            if region is None:
                continue
            before = known & self._touching(region) if all(region) else 0
            if before and next(Holes(self._rows_at, region, before, budget).all(), None) is None:
                if budget.is_spent:
                    return
                yield self._finding(
                    "masked",
                    (row,),
                    f"轮不到第 {row.number} 行：它前面的行已经包括了它",
                    f"row {row.number} is never reached: the rows before it hold first",
                    region,
                )
            known |= 1 << index

    def _touching(self, region: Sequence[int]) -> int:
        """Rows that hold somewhere in the region, as bits."""
        rows = -1
        for held, pieces in zip(self._rows_at, region, strict=True):
            rows &= reduce(or_, (held[n] for n in _bits(pieces)), 0)
        return rows

    def gaps(self) -> Iterator[Finding]:
        table, axes = self._table, self._axes
        if any(axis.is_too_large for axis in axes):
            yield self._unchecked()
        is_open = any(region is None for axis in axes for region in axis.rows)
        has_default = any(column.default is not None for column in table.outputs)
        if table.hit_policy not in SINGLE or is_open or has_default:
            return
        budget = Budget()
        expected = [axis.expected for axis in axes]
        for hole in Holes(self._rows_at, expected, (1 << len(table.rows)) - 1, budget).all():
            zh, english = _where(axes, hole)
            yield self._finding(
                "gap", (), f"没有一行适用于（{zh}）", f"no row holds for ({english})", hole
            )
        if budget.is_spent:
            yield self._unchecked()

    def _unchecked(self) -> Finding:
        zh, english = "太大，没有查完有没有遗漏", "too large to look for all gaps"
        return self._finding("unchecked", (), zh, english)

    def _finding(
        self,
        kind: str,
        rows: Sequence[Row],
        zh: str,
        english: str,
        chosen: Sequence[int] = (),
    ) -> Finding:
        name = self._table.id
        return Finding(
            decision_id=name,
            kind=kind,  # type: ignore[arg-type]
            rows=tuple(row.number for row in rows),
            sentence_zh=f"决策表 {name}：{zh}",
            sentence_en=f"decision {name}: {english}",
            example=self._example(chosen),
        )

    def _example(self, chosen: Sequence[int]) -> tuple[tuple[str, Any], ...]:
        if not all(axis.is_known for axis in self._axes):
            return ()
        return tuple(
            (axis.expression, to_plain(axis.example(pieces)))
            for axis, pieces in zip(self._axes, chosen, strict=False)
        )


def _bits(pieces: int) -> Iterator[int]:
    while pieces:
        lowest = pieces & -pieces
        yield lowest.bit_length() - 1
        pieces ^= lowest


def _contradict(table: Table, a: Row, b: Row) -> bool:
    """Under ANY, rows may hold together where they answer the same."""
    if table.hit_policy == "UNIQUE":
        return True
    try:
        answers = [list(table.outputs_of(row, {})) for row in (a, b)]
    except (MissingVariable, FeelFailed):
        return False
    return not equal(*answers)


def _where(axes: Sequence[Axis], chosen: Sequence[int]) -> tuple[str, str]:
    shown = [axis.shown(pieces) for axis, pieces in zip(axes, chosen, strict=True)]
    zh = "；".join(zh for zh, _ in shown if zh) or "任何情况"
    return zh, "; ".join(english for _, english in shown if english) or "any inputs"
