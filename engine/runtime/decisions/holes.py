"""What of a table's inputs no row covers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.runtime.decisions.axes import Axis

#: Pieces that are looked at for one question about a table: about a second.
MOST_LOOKS = 500_000


@dataclass(slots=True)
class Budget:
    """Looks that are left; below zero the search was given up."""

    left: int = MOST_LOOKS

    @property
    def is_spent(self) -> bool:
        return self.left < 0


def covering(axes: Sequence[Axis]) -> list[list[int]]:
    """For each column and each of its pieces: the rows that hold there, as bits."""
    return [
        [
            sum(1 << row for row, region in enumerate(axis.rows) if (region or 0) >> n & 1)
            for n in range(len(axis.pieces))
        ]
        for axis in axes
    ]


class Holes:
    """Takes away from some inputs everything that certain rows cover, and yields what is left.

    Column by column, pieces with the same rows go together; what is known to be covered is kept.
    `within`: the inputs, a set of pieces for each column; `rows`: a set of row indexes, as bits.
    """

    def __init__(
        self, rows_at: list[list[int]], within: Sequence[int], rows: int, budget: Budget
    ) -> None:
        self._within, self._rows, self._budget = within, rows, budget
        self._pieces = [
            [(1 << n, held & rows) for n, held in enumerate(column) if pieces >> n & 1]
            for column, pieces in zip(rows_at, within, strict=True)
        ]
        self._certain = self._certain_rows()
        self._covered: set[tuple[int, int]] = set()

    def _certain_rows(self) -> list[int]:
        """For each column, the rows that hold for everything in it and in those after it."""
        certain = [self._rows]
        for pieces in reversed(self._pieces):
            whole = certain[0]
            for _, held in pieces:
                whole &= held
            certain.insert(0, whole)
        return certain

    def all(self) -> Iterator[list[int]]:
        return self._search(0, self._rows, [])

    def _search(self, column: int, rows: int, chosen: list[int]) -> Iterator[list[int]]:
        if not rows:
            yield [*chosen, *self._within[column:]]
            return
        if rows & self._certain[column] or (column, rows) in self._covered:
            return
        has_hole = False
        for held, pieces in self._groups(column, rows):
            if self._budget.is_spent:
                return
            for hole in self._search(column + 1, held, [*chosen, pieces]):
                has_hole = True
                yield hole
        if not has_hole and not self._budget.is_spent:
            self._covered.add((column, rows))

    def _groups(self, column: int, rows: int) -> Iterator[tuple[int, int]]:
        """The pieces of a column by the rows that hold there."""
        self._budget.left -= len(self._pieces[column]) + 1
        groups: dict[int, int] = {}
        for piece, held in self._pieces[column]:
            groups[held & rows] = groups.get(held & rows, 0) | piece
        return iter(groups.items())
