"""Office time: the minutes in which the office works, for limits in hours and for whose time it was."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from engine.domain.calendar import Calendar

Span = tuple[datetime, datetime]
NONE = timedelta()


def office_hours(calendar: Calendar, on: date) -> tuple[Span, ...]:
    """When the office works on that day, aware UTC; nothing on a day off."""
    if not calendar.is_open(on):
        return ()
    return tuple(
        (_moment(calendar, on, begins), _moment(calendar, on, ends))
        for begins, ends in calendar.sittings
    )


def _moment(calendar: Calendar, on: date, at: time) -> datetime:
    return datetime.combine(on, at, calendar.zone).astimezone(UTC)


@lru_cache(maxsize=16)
def _length(sittings: tuple[tuple[time, time], ...]) -> timedelta:
    day = date(2020, 1, 2)
    return sum(
        (datetime.combine(day, ends) - datetime.combine(day, begins) for begins, ends in sittings),
        NONE,
    )


def office_day(calendar: Calendar) -> timedelta:
    """How long the office works on a working day, the midday rest not counted."""
    return _length(calendar.sittings)


def office_time(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """How much office time lies between two moments; none when there is no span.

    Adds up: a span cut in two has the office time of its two parts.
    """
    if until <= since:
        return NONE
    first, last = calendar.local_date(since), calendar.local_date(until)
    ends = sum((_within(calendar, on, since, until) for on in {first, last}), NONE)
    between = calendar.working_days(first, last) - calendar.is_open(last) if last > first else 0
    return ends + between * office_day(calendar)


def _within(calendar: Calendar, on: date, since: datetime, until: datetime) -> timedelta:
    overlaps = (
        min(ends, until) - max(begins, since) for begins, ends in office_hours(calendar, on)
    )
    return sum((max(each, NONE) for each in overlaps), NONE)


def office_spans(calendar: Calendar, since: datetime) -> Iterator[tuple[date, Span]]:
    """Every stretch of office time from a moment on, without end, each with its day."""
    for day in calendar.days_from(calendar.local_date(since)):
        for begins, ends in office_hours(calendar, day.on):
            if ends > since:
                yield day.on, (max(begins, since), ends)


def office_time_before(calendar: Calendar, until: datetime, length: timedelta) -> datetime:
    """The moment from which so much office time lies before `until`."""
    day, left = calendar.local_date(until), length
    while True:
        for begins, ends in reversed(office_hours(calendar, day)):
            piece = max(min(ends, until) - begins, NONE)
            if piece >= left > NONE:
                return min(ends, until) - left
            left -= piece
        if left <= NONE:
            return until
        day -= timedelta(days=1)
