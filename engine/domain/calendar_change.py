"""Editions of the calendar: a year replaced or amended, and what differs from the one before, by day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    SATURDAY,
    Calendar,
    CalendarDay,
    CalendarYear,
    SpecialDay,
)
from engine.domain.errors import Invalid
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A day that is open in one edition of the calendar and off in the other."""

    before: CalendarDay
    after: CalendarDay

    @property
    def on(self) -> date:
        return self.after.on


def replaced(year: int, notice: str, days: Mapping[date, SpecialDay]) -> CalendarYear:
    """A year that rests on this notice alone."""
    return CalendarYear(year, notice, tuple(days[on] for on in sorted(days)))


def amended(
    calendar: Calendar,
    year: int,
    notice: str,
    days: Mapping[date, SpecialDay],
    *,
    afresh: Collection[str] = (),
) -> CalendarYear:
    """The year as it stands with these days put in; it rests on both notices.

    afresh: holidays arranged anew, whose days as they stood are dropped. A year without a
    notice stays without: one more holiday does not announce it.
    """
    known = calendar.years.get(year) or CalendarYear(year, "", ())
    kept = {day.on: day for day in known.days if day.name not in afresh}
    merged = {on: day for on, day in {**kept, **days}.items() if _is_special(day)}
    told = known.notice
    if told and notice and notice not in told.split("、"):
        told = f"{told}、{notice}"
    return CalendarYear(year, told, tuple(merged[on] for on in sorted(merged)))


def _is_special(day: SpecialDay) -> bool:
    return not (day.is_open and day.on.weekday() < SATURDAY)


def with_day_off(calendar: Calendar, on: date, name: str, notice: str) -> CalendarYear:
    """The year of `on` with that day off. Errors: Invalid when it is off already."""
    if not FIRST_YEAR <= on.year <= LAST_YEAR or not calendar.is_open(on):
        raise Invalid(
            f"{on} 本来就休息。",
            f"{on} is off already",
            fields={"on": Words("本来就休息", "this day is off already")},
        )
    extra = SpecialDay(on, is_open=False, name=name)
    return amended(calendar, on.year, notice, {on: extra})


def with_years(
    calendar: Calendar, years: Collection[CalendarYear], *, gone: Collection[int] = ()
) -> Calendar:
    """The calendar with these years in place of its own; a year that is `gone` is unannounced."""
    held = {number: year for number, year in calendar.years.items() if number not in gone}
    held |= {year.year: year for year in years}
    return Calendar(held.values(), opens=calendar.opens, closes=calendar.closes, zone=calendar.zone)


def differences(
    before: Calendar, after: Calendar, years: Collection[int]
) -> tuple[ChangedDay, ...]:
    """The days of these years that are open in one and not in the other, in order."""
    found = []
    for year in sorted(years):
        day = date(year, 1, 1)
        while day.year == year:
            was, is_now = before.day(day), after.day(day)
            if was.is_open != is_now.is_open:
                found.append(ChangedDay(was, is_now))
            day += timedelta(days=1)
    return tuple(found)
