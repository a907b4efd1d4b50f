"""The values of one input column, cut at every value that a cell names.

Within a piece all cells of the column give the same answer, so that one sample tells for all of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from engine.domain.words import Words
from engine.runtime.decisions.table import InputColumn, Row
from engine.runtime.feel import Kind, Months, Value, ends, names
from engine.runtime.feel.arithmetic import DECIMAL
from engine.runtime.feel.closures import Test
from engine.runtime.feel.syntax import Anything, Constant, TestNode
from engine.runtime.feel.values import MOMENTS, described, is_in_zone, kind_of

#: Larger tables are not looked over: rows times pieces of one column.
MOST_WORK = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One value, or all between two (None: without end), or whatever no cell names (`is_rest`).

    Nobody has to draw a row for what is not expected: null, and text that is named nowhere.
    """

    sample: Value
    low: Value = None
    high: Value = None
    is_point: bool = False
    is_rest: bool = False
    is_expected: bool = True


@dataclass(frozen=True, slots=True)
class Axis:
    """Sets of pieces are bits. `possible`: what the column may hold; `expected`: of these what
    some row should hold for. `rows`: where each row holds, None where only the data can tell."""

    label: Words
    expression: str
    pieces: tuple[Piece, ...]
    possible: int
    expected: int
    rows: tuple[int | None, ...]
    is_known: bool = True
    is_too_large: bool = False

    def example(self, chosen: int) -> Value:
        """One value of the pieces, such as somebody may expect where there is one."""
        bits = chosen & self.expected or chosen
        return next((p.sample for n, p in enumerate(self.pieces) if bits >> n & 1), None)

    def shown(self, chosen: int) -> tuple[str, str]:
        """The pieces in Chinese and English; empty where they are all that is possible."""
        if chosen & self.expected == self.expected:
            return "", ""
        runs = list(_runs(self.pieces, chosen & self.expected or chosen))
        zh = "、".join(_shown(run, "其他值") for run in runs)
        english = ", ".join(_shown(run, "any other value") for run in runs)
        return f"{self.label.zh}：{zh}", f"{self.label.en}: {english}"


def axis_of(column: InputColumn, index: int, rows: Sequence[Row]) -> Axis:
    nodes = [row.nodes[index] for row in rows]
    tests = [dict(row.tests).get(index) for row in rows]
    pieces = _pieces(column, [node for node in [*nodes, column.allowed_node] if not _is_open(node)])
    is_too_large = len(pieces) * len(rows) > MOST_WORK
    is_known = bool(pieces) and not is_too_large
    pieces = pieces if is_known else (Piece("", is_rest=True),)
    possible = sum(
        1 << n
        for n, piece in enumerate(pieces)
        if column.allowed is None or not is_known or column.allowed(piece.sample, {})
    )
    return Axis(
        label=Words(column.label, column.label_en or column.expression),
        expression=column.expression,
        pieces=pieces,
        possible=possible,
        expected=possible
        & sum(
            1 << n
            for n, piece in enumerate(pieces)
            if piece.is_expected or column.allowed is not None
        ),
        rows=tuple(
            _region(test, pieces, possible)
            if is_known and not _is_open(node)
            else _open(node, possible)
            for node, test in zip(nodes, tests, strict=True)
        ),
        is_known=is_known,
        is_too_large=is_too_large,
    )


def _is_open(node: TestNode) -> bool:
    return any(True for _ in names(node)) or any(
        not isinstance(operand, Constant) for _, operand in ends(node)
    )


def _open(node: TestNode, possible: int) -> int | None:
    return possible if isinstance(node, Anything) else None


def _region(test: Test | None, pieces: Sequence[Piece], possible: int) -> int:
    if test is None:
        return possible
    held = sum(1 << n for n, piece in enumerate(pieces) if test(piece.sample, {}) is True)
    return held & possible


def _pieces(column: InputColumn, nodes: Iterable[TestNode]) -> tuple[Piece, ...]:
    """Empty where the column cannot be cut: ordered text."""
    found = [
        (sign, each.value)
        for node in nodes
        for sign, each in ends(node)
        if isinstance(each, Constant)
    ]
    kept = dict.fromkeys((type(value), value) for _, value in found if value is not None)
    values = [value for _, value in kept]  # true is not 1 here
    kind = kind_of(values[0]) if values else column.kind
    null = Piece(None, is_point=True, is_expected=False)
    if kind is Kind.BOOLEAN:
        return (*(Piece(truth, is_point=True) for truth in (True, False)), null)
    if not values:
        return (Piece(_SAMPLES.get(kind, ""), is_rest=True), null)
    if kind in MOMENTS and len({is_in_zone(value) for value in values}) > 1:
        return ()  # no order between them
    if kind in _LINES and all(kind_of(value) is kind for value in values):
        return (*_line(sorted(values), _LINES[kind], column.is_whole), null)
    if any(sign == "<" for sign, _ in found):
        return ()
    points = (Piece(value, is_point=True) for value in values)
    unnamed = "".join(str(value) for value in values) + "."
    return (*points, Piece(unnamed, is_rest=True, is_expected=False), null)


def _between_numbers(low: Decimal | None, high: Decimal | None) -> Value:
    if low is None or high is None:
        return low + 1 if low is not None else (high or Decimal(0)) - 1
    return DECIMAL.divide(DECIMAL.add(low, high), Decimal(2))


def _between_whole(low: Decimal | None, high: Decimal | None) -> Value:
    if low is not None:
        return low.to_integral_value(ROUND_FLOOR) + 1
    return (high or Decimal(0)).to_integral_value(ROUND_CEILING) - 1


def _between_dates(low: date | None, high: date | None) -> Value:
    ordinal = low.toordinal() + 1 if low else (high or date.max).toordinal() - 1
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))


_SOME_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def _between_moments(low: datetime | None, high: datetime | None) -> Value:
    if low is None or high is None:
        second = timedelta(seconds=1)
        return low + second if low is not None else (high or _SOME_MOMENT) - second
    return low + (high - low) / 2


def _between_days(low: timedelta | None, high: timedelta | None) -> Value:
    if low is None or high is None:
        second = timedelta(seconds=1)
        return low + second if low is not None else (high or second) - second
    return (low + high) / 2


def _between_months(low: Months | None, high: Months | None) -> Value:
    return Months(low.count + 1) if low else Months((high or Months(0)).count - 1)


_LINES: Mapping[Kind | None, Callable[..., Value]] = {
    Kind.NUMBER: _between_numbers,
    Kind.DATE: _between_dates,
    Kind.DATE_TIME: _between_moments,
    Kind.DAYS: _between_days,
    Kind.MONTHS: _between_months,
}
_SAMPLES: Mapping[Kind | None, Value] = {
    Kind.NUMBER: Decimal(0),
    Kind.DATE: date(2020, 1, 1),
    Kind.DATE_TIME: _SOME_MOMENT,
    Kind.DAYS: timedelta(),
    Kind.MONTHS: Months(0),
}


def _line(values: Sequence[Value], between: Callable[..., Value], whole: bool) -> Iterator[Piece]:
    """Points and what lies between them, without the gaps in which no value lies."""
    between = _between_whole if whole else between
    for low, high in pairwise([None, *values, None]):
        sample = between(low, high)
        if (low is None or low < sample) and (high is None or sample < high):
            yield Piece(sample, low, high)
        if high is not None and not (whole and high != high.to_integral_value()):
            yield Piece(high, high, high, is_point=True)


def _runs(pieces: Sequence[Piece], chosen: int) -> Iterator[list[Piece]]:
    """Chosen pieces, those that touch put together."""
    run: list[Piece] = []
    for n, piece in enumerate(pieces):
        if not chosen >> n & 1:
            continue
        if run and not (run[-1].high is not None and run[-1].high == piece.low):
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _shown(run: Sequence[Piece], other: str) -> str:
    first, last = run[0], run[-1]
    if first.is_rest:
        return other
    if len(run) == 1 and first.is_point:
        return described(first.sample)
    if first.low is None:
        return f"{'<=' if last.is_point else '<'} {described(last.high)}"
    if last.high is None:
        return f"{'>=' if first.is_point else '>'} {described(first.low)}"
    left, right = "[" if first.is_point else "(", "]" if last.is_point else ")"
    return f"{left}{described(first.low)}..{described(last.high)}{right}"
