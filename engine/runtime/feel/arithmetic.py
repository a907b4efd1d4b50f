"""FEEL's arithmetic: on decimals of 34 digits, text, dates and durations; null makes null."""

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Context, DivisionByZero, InvalidOperation, Overflow, Underflow

from engine.runtime.feel.values import (
    MOST_DIGITS,
    FeelFailed,
    Kind,
    Months,
    Value,
    described,
    kind_of,
)

DECIMAL = Context(
    prec=MOST_DIGITS,
    Emax=MOST_DIGITS,
    Emin=-MOST_DIGITS,
    traps=[DivisionByZero, InvalidOperation, Overflow, Underflow],
)
LONGEST_TEXT = 10_000


def add_months(day: date, months: Months) -> date:
    """The same day so many months on, or the last day of that month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months.count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _on_another_day(sign: int) -> Callable[[datetime, Months], datetime]:
    return lambda moment, months: datetime.combine(
        add_months(moment.date(), Months(sign * months.count)), moment.timetz()
    )


def _turned(sign: int) -> Callable[[time, timedelta], time]:
    """A clock hand so much further; it passes midnight."""
    return lambda at, length: (datetime.combine(_SOME_DAY, at) + sign * (length % _ROUND)).timetz()


_SOME_DAY = date(2000, 1, 2)
_ROUND = timedelta(days=1)


def _join(a: str, b: str) -> str:
    if len(a) + len(b) > LONGEST_TEXT:
        raise OverflowError
    return a + b


def _months(sign: int) -> Callable[[date, Months], date]:
    return lambda day, months: add_months(day, Months(sign * months.count))


_OPERATIONS: dict[tuple[str, Kind, Kind], Callable[[Value, Value], Value]] = {
    ("+", Kind.NUMBER, Kind.NUMBER): DECIMAL.add,
    ("-", Kind.NUMBER, Kind.NUMBER): DECIMAL.subtract,
    ("*", Kind.NUMBER, Kind.NUMBER): DECIMAL.multiply,
    ("/", Kind.NUMBER, Kind.NUMBER): DECIMAL.divide,
    ("**", Kind.NUMBER, Kind.NUMBER): DECIMAL.power,
    ("+", Kind.STRING, Kind.STRING): _join,
    ("+", Kind.DATE, Kind.DAYS): lambda a, b: a + b,
    ("+", Kind.DAYS, Kind.DATE): lambda a, b: b + a,
    ("-", Kind.DATE, Kind.DAYS): lambda a, b: a - b,
    ("-", Kind.DATE, Kind.DATE): lambda a, b: a - b,
    ("+", Kind.DATE, Kind.MONTHS): _months(1),
    ("+", Kind.MONTHS, Kind.DATE): lambda a, b: add_months(b, a),
    ("-", Kind.DATE, Kind.MONTHS): _months(-1),
    ("+", Kind.DATE_TIME, Kind.DAYS): lambda a, b: a + b,
    ("+", Kind.DAYS, Kind.DATE_TIME): lambda a, b: b + a,
    ("-", Kind.DATE_TIME, Kind.DAYS): lambda a, b: a - b,
    ("-", Kind.DATE_TIME, Kind.DATE_TIME): lambda a, b: a - b,
    ("+", Kind.DATE_TIME, Kind.MONTHS): _on_another_day(1),
    ("+", Kind.MONTHS, Kind.DATE_TIME): lambda a, b: _on_another_day(1)(b, a),
    ("-", Kind.DATE_TIME, Kind.MONTHS): _on_another_day(-1),
    ("+", Kind.TIME, Kind.DAYS): _turned(1),
    ("+", Kind.DAYS, Kind.TIME): lambda a, b: _turned(1)(b, a),
    ("-", Kind.TIME, Kind.DAYS): _turned(-1),
    ("+", Kind.DAYS, Kind.DAYS): lambda a, b: a + b,
    ("-", Kind.DAYS, Kind.DAYS): lambda a, b: a - b,
    ("+", Kind.MONTHS, Kind.MONTHS): lambda a, b: Months(a.count + b.count),
    ("-", Kind.MONTHS, Kind.MONTHS): lambda a, b: Months(a.count - b.count),
}


def reckon(operator: str, a: Value, b: Value) -> Value:
    """Raises FeelFailed for types that do not go together, for division by zero and overflow."""
    if a is None or b is None:
        return None
    operation = _OPERATIONS.get((operator, kind_of(a), kind_of(b)))  # type: ignore[arg-type]
    if operation is None:
        raise _failed(operator, a, b)
    try:
        return operation(a, b)
    except (ArithmeticError, ValueError, TypeError):  # TypeError: of two moments one has no zone
        raise _failed(operator, a, b) from None


def negative(value: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, Months):
        return Months(-value.count)
    if isinstance(value, timedelta):
        return -value
    return reckon("*", value, DECIMAL.create_decimal(-1))


def _failed(operator: str, a: Value, b: Value) -> FeelFailed:
    written = f"{described(a)} {operator} {described(b)}"
    return FeelFailed(f"无法计算 {written}", f"cannot reckon {written}")
