"""Counting working days back from a day: when to warn before an end."""

from datetime import date, timedelta

from engine.domain.calendar import Calendar


def open_day_before(calendar: Calendar, last: date, working_days: int) -> date:
    """The open day after which so many working days are left until `last`, that day included."""
    day, left = last, working_days
    while left > 0:
        left -= calendar.is_open(day)
        day -= timedelta(days=1)
    while not calendar.is_open(day):
        day -= timedelta(days=1)
    return day
