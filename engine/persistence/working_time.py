"""Working time inside SQL: the office's calendar as numbered days, and percentiles, alike on both databases.

Summing up a million steps needs no row in Python: the time between two moments is the difference of
two numbers, each looked up by its day. Same rule as engine/domain/office_time.py.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    cast,
    column,
    select,
    values,
)
from sqlalchemy import case as when
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.domain.calendar import Calendar
from engine.domain.office_time import office_day

DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()


class epoch_seconds(FunctionElement[int]):  # noqa: N801 - named like the SQL it stands for
    """Whole seconds of a moment since 1970, UTC."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch_seconds, "postgresql")
def _postgresql_epoch(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {moment})) AS BIGINT)"


@compiles(epoch_seconds, "sqlite")
def _sqlite_epoch(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


class percentile(FunctionElement[float]):  # noqa: N801 - named like the SQL it stands for
    """`percentile(share, value)`: percentile_cont, an aggregate; linear between two values.

    PostgreSQL has it; SQLite is taught it at every connection (`Percentile`).
    """

    type = Float()
    inherit_cache = True


@compiles(percentile, "postgresql")
def _postgresql_percentile(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    share, value = (compiler.process(each, **options) for each in element.clauses)
    return f"percentile_cont({share}) WITHIN GROUP (ORDER BY {value})"


@compiles(percentile, "sqlite")
def _sqlite_percentile(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    share, value = (compiler.process(each, **options) for each in element.clauses)
    return f"percentile_cont({share}, {value})"


class Percentile:
    """SQLite's aggregate of that name: the same definition as PostgreSQL's."""

    def __init__(self) -> None:
        self._share = 0.5
        self._values: list[float] = []

    def step(self, share: float, value: float | None) -> None:
        self._share = share
        if value is not None:
            self._values.append(float(value))

    def finalize(self) -> float | None:
        if not self._values:
            return None
        ordered = sorted(self._values)
        place = self._share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class WorkingTime:
    """The office's time between moments of many rows. Moments outside the numbered days are
    taken for the nearest end of them."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        self._sittings = tuple(
            (begins.hour * 3600 + begins.minute * 60, ends.hour * 3600 + ends.minute * 60)
            for begins, ends in calendar.sittings
        )
        self._day = int(office_day(calendar).total_seconds())
        offset = calendar.local(calendar.opening(last)).utcoffset() or timedelta()
        self._offset = int(offset.total_seconds())
        self._ends = (first.toordinal() - EPOCH, last.toordinal() - EPOCH)
        self._numbered = _numbered(calendar, first, last)

    def of(self, rows: Any, **spans: tuple[str, str]) -> Any:
        """`rows` (a subquery) with one more column for each span between two of its columns:
        working days with their fractions; NULL where a moment is."""
        worked: dict[str, Any] = {}
        joined: Any = rows
        for name in sorted({each for span in spans.values() for each in span}):
            day = self._numbered.alias(f"day_of_{name}")
            local = epoch_seconds(rows.c[name]) + self._offset
            second = local % DAY
            number = self._within((local - second) / DAY)
            joined = joined.outerjoin(day, day.c.day == number)
            parts = [_clamped(second - begins, ends - begins) for begins, ends in self._sittings]
            today = sum(parts[1:], parts[0])
            worked[name] = day.c.before * self._day + day.c.is_open * today
        columns = (
            (cast(worked[until] - worked[since], Float) / self._day).label(name)
            for name, (since, until) in spans.items()
        )
        return select(*rows.c, *columns).select_from(joined).subquery()

    def _within(self, day: Any) -> Any:
        first, last = self._ends
        number = cast(day, Integer)
        return when((number < first, first), (number > last, last), else_=number)


def _clamped(seconds: Any, most: int) -> ColumnElement[Any]:
    return when((seconds <= 0, 0), (seconds >= most, most), else_=seconds)


def _numbered(calendar: Calendar, first: date, last: date) -> Any:
    rows = [tuple(row) for row in _rows(calendar, first, last)]
    table = values(
        column("day", Integer), column("before", Integer), column("is_open", Integer),
        name="numbered", literal_binds=True,
    ).data(rows)  # fmt: skip
    return table.cte("working_day")


def _rows(calendar: Calendar, first: date, last: date) -> Iterable[Sequence[int]]:
    before = 0
    for day in calendar.days_from(first):
        if day.on > last:
            return
        yield day.on.toordinal() - EPOCH, before, int(day.is_open)
        before += day.is_open
