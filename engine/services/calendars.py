"""The working calendar as readers see it."""

from datetime import date, timedelta

from sqlalchemy import select

from engine.domain.calendar import CalendarDay
from engine.persistence import models
from engine.services.office import Office


def year(office: Office, number: int) -> tuple[CalendarDay, ...]:
    """Every day of a year; provisional ones where no notice has been published."""
    calendar, first = office.calendar(), date(number, 1, 1)
    days = (date(number + 1, 1, 1) - first).days
    return tuple(calendar.day(first + timedelta(days=n)) for n in range(days))


def years(office: Office) -> tuple[int, ...]:
    """The years that rest on a published notice."""
    found = select(models.CalendarYear.year).order_by(models.CalendarYear.year)
    with office.uow.read() as session:
        return tuple(session.scalars(found))


def due(office: Office, start: date, days: int) -> date:
    """The last day of a limit of working days; the start day is not counted."""
    return office.calendar().after(start, days)


def is_provisional(office: Office, on: date) -> bool:
    """Whether a date rests on a year whose holidays nobody has announced yet (暂定)."""
    return office.calendar().is_provisional(on, on)
