"""Overlaps and gaps of a table, told from its cells alone."""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from engine.runtime.decisions.axes import Axis, axis_of
from engine.runtime.decisions.results import Finding
from engine.runtime.decisions.table import Row, Table
from engine.runtime.expression_guards import MissingVariable
from engine.runtime.feel import FeelFailed, equal

#: Under these, rows that hold together are a mistake; under those, that no row holds may be one.
EXCLUSIVE = frozenset({"UNIQUE", "ANY"})
SINGLE = EXCLUSIVE | {"FIRST", "PRIORITY"}
MOST_FINDINGS = 20
MOST_STEPS = 50_000


def findings_of(table: Table) -> tuple[Finding, ...]:
    """Rows of a UNIQUE or ANY table that hold together; cases without a row, if one is wanted.

    Rows whose cells compare with variables are left out, and so are gaps where there are such rows
    or default outputs; at most 20 of each kind, and none of a table too large to look over.
    """
    if table.hit_policy not in SINGLE:
        return ()
    axes = [axis_of(column, index, table.rows) for index, column in enumerate(table.inputs)]
    found = _overlaps(table, axes) if table.hit_policy in EXCLUSIVE else iter(())
    return (*islice(found, MOST_FINDINGS), *islice(_gaps(table, axes), MOST_FINDINGS))


def _overlaps(table: Table, axes: Sequence[Axis]) -> Iterator[Finding]:
    for i, j in combinations(range(len(table.rows)), 2):
        shared = _shared(axes, i, j)
        if shared is not None and _contradict(table, table.rows[i], table.rows[j]):
            where_zh, where_en = _where(axes, shared)
            rows = (table.rows[i].number, table.rows[j].number)
            yield Finding(
                table.id,
                "overlap",
                rows,
                f"决策表 {table.id}：第 {rows[0]} 行与第 {rows[1]} 行会同时成立（{where_zh}）",
                f"decision {table.id}: rows {rows[0]} and {rows[1]} hold together ({where_en})",
            )


def _shared(axes: Sequence[Axis], i: int, j: int) -> list[int] | None:
    """Where two rows both hold, column by column; None where they do not, or nobody can tell."""
    shared = []
    for axis in axes:
        a, b = axis.rows[i], axis.rows[j]
        if a is None or b is None or not a & b:
            return None
        shared.append(a & b)
    return shared


def _contradict(table: Table, a: Row, b: Row) -> bool:
    """Under ANY, rows may hold together where they answer the same."""
    if table.hit_policy == "UNIQUE":
        return True
    try:
        answers = [list(table.outputs_of(row, {})) for row in (a, b)]
    except (MissingVariable, FeelFailed):
        return False
    return not equal(*answers)


def _gaps(table: Table, axes: Sequence[Axis]) -> Iterator[Finding]:
    is_open = any(region is None for axis in axes for region in axis.rows)
    if is_open or any(column.default is not None for column in table.outputs):
        return
    for hole in _Holes(axes, len(table.rows)).all():
        where_zh, where_en = _where(axes, hole)
        yield Finding(
            table.id,
            "gap",
            (),
            f"决策表 {table.id}：没有一行适用于（{where_zh}）",
            f"decision {table.id}: no row holds for ({where_en})",
        )


def _where(axes: Sequence[Axis], chosen: Sequence[int]) -> tuple[str, str]:
    shown = [axis.shown(pieces) for axis, pieces in zip(axes, chosen, strict=True)]
    zh = "；".join(zh for zh, _ in shown if zh) or "任何情况"
    return zh, "; ".join(english for _, english in shown if english) or "any inputs"


class _Holes:
    """What is left of the inputs when everything that some row covers is taken away.

    Column by column, pieces with the same rows go together; what is known to be covered is kept.
    """

    def __init__(self, axes: Sequence[Axis], row_count: int) -> None:
        self._axes = axes
        self._all_rows = (1 << row_count) - 1
        self._covering = [
            [
                sum(1 << row for row, region in enumerate(axis.rows) if (region or 0) >> n & 1)
                for n in range(len(axis.pieces))
            ]
            for axis in axes
        ]
        self._certain = self._certain_rows(row_count)
        self._covered: set[tuple[int, int]] = set()
        self._steps = 0

    def _certain_rows(self, row_count: int) -> list[int]:
        """For each column, the rows that hold for everything in it and in those after it."""
        certain = [(1 << row_count) - 1]
        for axis in reversed(self._axes):
            whole = sum(
                1 << row
                for row, region in enumerate(axis.rows)
                if (region or 0) & axis.expected == axis.expected
            )
            certain.insert(0, certain[0] & whole)
        return certain

    def all(self) -> Iterator[list[int]]:
        return self._search(0, self._all_rows, [])

    def _search(self, column: int, rows: int, chosen: list[int]) -> Iterator[list[int]]:
        self._steps += 1
        if not rows:
            yield [*chosen, *(axis.expected for axis in self._axes[column:])]
            return
        if rows & self._certain[column] or (column, rows) in self._covered:
            return
        has_hole = False
        for covering, pieces in self._groups(column, rows):
            if self._steps > MOST_STEPS:
                return
            for hole in self._search(column + 1, covering, [*chosen, pieces]):
                has_hole = True
                yield hole
        if not has_hole:
            self._covered.add((column, rows))

    def _groups(self, column: int, rows: int) -> Iterator[tuple[int, int]]:
        groups: dict[int, int] = {}
        for n, covering in enumerate(self._covering[column]):
            if self._axes[column].expected >> n & 1:
                groups[covering & rows] = groups.get(covering & rows, 0) | 1 << n
        return iter(groups.items())
