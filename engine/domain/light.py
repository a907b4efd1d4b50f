"""Lights of steps and cases in lists: from two stored moments, so that a query can tell them."""

from datetime import date, datetime, timedelta

from engine.domain.calendar import Calendar
from engine.domain.clock import Light, warn_at

__all__ = ["days_left", "due_date", "light_at", "warn_at"]


def light_at(
    now: datetime, due_at: datetime | None, warn: datetime | None, *, is_paused: bool = False
) -> Light:
    """Red when over, also when paused; blue while paused; yellow near the end; else green."""
    if due_at is not None and now > due_at:
        return Light.RED
    if is_paused:
        return Light.BLUE
    if warn is not None and now >= warn:
        return Light.YELLOW
    return Light.GREEN


def due_date(due_at: datetime, calendar: Calendar) -> date:
    """The last day of a limit: one that ends at midnight ends with the day before."""
    return calendar.local_date(due_at - timedelta(microseconds=1))


def days_left(now: datetime, due_at: datetime | None, calendar: Calendar) -> int | None:
    """Working days from today to the due day: 0 = due today, negative = days over."""
    if due_at is None:
        return None
    today, due = calendar.local_date(now), due_date(due_at, calendar)
    if due >= today:
        return calendar.working_days(today, due)
    return -calendar.working_days(due, today)


def is_provisional(due_at: datetime | None, calendar: Calendar) -> bool:
    """暂定: whether the due day lies in a year whose holidays are not announced."""
    if due_at is None:
        return False
    due = due_date(due_at, calendar)
    return calendar.is_provisional(due, due)
