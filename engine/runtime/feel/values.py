"""The values of FEEL: how they come from the case's data, compare, and go back into it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from engine.domain.errors import EngineError

#: Digits of a number; DMN asks for decimal128, which has 34.
MOST_DIGITS = 34
#: What fits a 64-bit integer, the largest that JSON readers agree on.
LARGEST_PLAIN = 10**18


class FeelFailed(EngineError):
    """The values do not fit the expression."""

    slug = "decision-failed"


class Kind(StrEnum):
    """The types of FEEL that tables use, by their DMN names."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "dateTime"
    TIME = "time"
    DAYS = "dayTimeDuration"
    MONTHS = "yearMonthDuration"


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration of years and months: as long as its months, which have no fixed length in days."""

    count: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.count), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.count < 0 else ''}P{parts or '0M'}"


#: Decimal | str | bool | date | datetime | time | timedelta | Months | list | dict | None
Value: TypeAlias = Any

_KINDS: Mapping[type, Kind] = {
    Decimal: Kind.NUMBER,
    str: Kind.STRING,
    bool: Kind.BOOLEAN,
    date: Kind.DATE,
    datetime: Kind.DATE_TIME,
    time: Kind.TIME,
    timedelta: Kind.DAYS,
    Months: Kind.MONTHS,
}


def kind_of(value: Value) -> Kind | None:
    """None for null, lists and contexts."""
    return _KINDS.get(type(value))


def equal(a: Value, b: Value) -> bool:
    """FEEL's `=` for values that may be of different types; those are never equal."""
    if type(a) is not type(b):
        return False
    if type(a) is list:
        return len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)


def check_order(a: Value, b: Value) -> None:
    """FeelFailed unless one of two values that are not null can come before the other."""
    kind = kind_of(a)
    in_zones = kind in MOMENTS and kind is kind_of(b) and is_in_zone(a) is not is_in_zone(b)
    if kind is None or kind is Kind.BOOLEAN or kind is not kind_of(b) or in_zones:
        raise FeelFailed(
            f"无法比较大小：{described(a)} 与 {described(b)}",
            f"neither comes before the other: {described(a)} and {described(b)}",
        )


def described(value: Value) -> str:
    """A value as it would be written in a cell, shortened."""
    kind = kind_of(value)
    if kind is Kind.STRING:
        return f'"{value}"' if len(value) <= MOST_DIGITS else f'"{value[:MOST_DIGITS]}..."'
    if kind is Kind.BOOLEAN:
        return "true" if value else "false"
    if kind in (Kind.DATE, Kind.DATE_TIME, Kind.TIME, Kind.DAYS, Kind.MONTHS):
        return str(to_plain(value))
    return "null" if value is None else str(value)[:MOST_DIGITS]


def to_feel(value: object, kind: Kind | None = None) -> Value:
    """A value of the case's data as a FEEL value of the kind asked for.

    Dates, moments and durations may come as ISO 8601 text, as they do from JSON. FeelFailed.
    """
    found = _as_feel(value)
    if kind is None or found is None or kind_of(found) is kind:
        return found
    if kind is Kind.DATE and type(found) is datetime:
        _no_moment(found)
    reader = READERS.get(kind)
    read = reader(found) if reader and type(found) is str else None
    if read is None:
        raise FeelFailed(
            f"{described(found)} 的类型不是 {kind}", f"{described(found)} is not of type {kind}"
        )
    return read


def _as_feel(value: object) -> Value:
    if value is None or type(value) in _AS_THEY_ARE:
        return value
    for python_type, convert in _CONVERSIONS:
        if isinstance(value, python_type):
            return convert(value)
    kind = type(value).__name__
    raise FeelFailed(f"不支持 {kind} 类型的值", f"values of type {kind} are not supported")


def _number(value: Any) -> Decimal:
    if isinstance(value, int) and value.bit_length() > 4 * MOST_DIGITS:
        raise FeelFailed("数字过大", "a number is too large")
    if isinstance(value, float):
        value = repr(value)
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise FeelFailed("数字过大或不是数字", "a number is too large, or not a number")
    return number


def _no_moment(value: object) -> Value:
    raise FeelFailed(
        f"{value} 含有时刻，这里只能用日期", f"{value} has a time of day; a date is wanted"
    )


_CONVERSIONS: tuple[tuple[type, Callable[[Any], Value]], ...] = (
    (str, str),
    (int, _number),
    (float, _number),
    (Decimal, _number),
    (datetime, lambda value: _at_offset(value)),  # noqa: PLW0108 - defined below
    (time, lambda value: value.replace(fold=0)),
    (date, lambda value: date.fromordinal(value.toordinal())),
    (list, lambda value: [_as_feel(each) for each in value]),
    (tuple, lambda value: [_as_feel(each) for each in value]),
    (Mapping, lambda value: value),
)


#: Values that are FEEL values as they come, and need no look.
_AS_THEY_ARE = frozenset(_KINDS) - {Decimal, datetime, time}
#: Kinds that may say from which zone they are counted, and do not compare with those that do not.
MOMENTS = frozenset({Kind.DATE_TIME, Kind.TIME})

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(
    r"(\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})?(?:@(\w+(?:/[\w+-]+)*))?", re.ASCII
)
_DURATION = re.compile(
    r"(-?)P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)


def read_date(text: str) -> date | None:
    """None where the text is not a date of the calendar, such as 2021-02-29."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """`08:30:00`, with a fraction and an offset from UTC or without."""
    match = _TIME.fullmatch(text)
    if match is None or match[4]:  # how far a zone is from UTC depends on the day
        return None
    clock, fraction, offset, _ = match.groups()
    written = clock + (f".{fraction:0<6}" if fraction else "") + (offset or "")
    try:
        return time.fromisoformat(written)
    except ValueError:
        return None


def read_date_time(text: str) -> datetime | None:
    """`2020-03-02T08:30:00`, alone, with an offset, or with a zone as in `@Asia/Shanghai`."""
    day, _, clock = text.partition("T")
    match = _TIME.fullmatch(clock)
    on = read_date(day)
    if match is None or on is None or (match[3] and match[4]):
        return None
    at = read_time(clock.partition("@")[0])
    if at is None or not match[4]:
        return None if at is None else datetime.combine(on, at)
    try:
        return _at_offset(datetime.combine(on, at, ZoneInfo(match[4])))
    except (KeyError, OSError, ValueError, OverflowError):  # no such zone
        return None


def is_in_zone(moment: datetime | time) -> bool:
    return moment.utcoffset() is not None


def _at_offset(moment: datetime) -> datetime:
    """The same moment with a fixed offset: so two of them subtract and compare as instants."""
    offset = moment.utcoffset()
    zone = None if offset is None else timezone(offset)
    return datetime.combine(moment.date(), moment.time().replace(fold=0), zone)


def read_duration(text: str) -> timedelta | Months | None:
    """`P1Y6M` or `P90DT2H`; None for others, also for months and days in one, as FEEL has none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes = (int(part or 0) for part in match.groups()[1:6])
    if match[2] or match[3]:
        mixed = any(match.groups()[3:])
        return None if mixed else Months(sign * (12 * years + months))
    seconds, _, fraction = (match[7] or "0").partition(".")
    micros = int(f"{fraction:0<6}") if fraction else 0
    return sign * timedelta(
        days=days, hours=hours, minutes=minutes, seconds=int(seconds), microseconds=micros
    )


def _read_days(text: str) -> timedelta | None:
    duration = read_duration(text)
    return duration if isinstance(duration, timedelta) else None


def _read_months(text: str) -> Months | None:
    duration = read_duration(text)
    return duration if isinstance(duration, Months) else None


READERS: Mapping[Kind, Callable[[str], Value]] = {
    Kind.DATE: read_date,
    Kind.DATE_TIME: read_date_time,
    Kind.TIME: read_time,
    Kind.DAYS: _read_days,
    Kind.MONTHS: _read_months,
}


def to_plain(value: Value) -> Any:
    """A FEEL value as JSON has it: whole numbers as int, dates and durations as ISO 8601 text.

    FeelFailed for numbers that are too large for it.
    """
    kind = kind_of(value)
    if kind is Kind.NUMBER:
        return _plain_number(value)
    if kind is Kind.DATE or kind in MOMENTS:
        return value.isoformat().replace("+00:00", "Z")
    if kind is Kind.DAYS:
        return _days_as_text(value)
    if kind is Kind.MONTHS:
        return str(value)
    return [to_plain(each) for each in value] if type(value) is list else value


def _plain_number(value: Decimal) -> int | float:
    if abs(value) >= LARGEST_PLAIN:
        raise FeelFailed("结果中的数字过大", "a number in the result is too large")
    return int(value) if value == value.to_integral_value() else float(value)


def _days_as_text(duration: timedelta) -> str:
    length = abs(duration)
    fraction = f".{length.microseconds:06}".rstrip("0") if length.microseconds else ""
    minutes, whole = divmod(math.floor(length.total_seconds()), 60)
    seconds = f"{whole}{fraction}" if whole or fraction else ""
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if duration < timedelta() else ''}P{text or '0D'}"
