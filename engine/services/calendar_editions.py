"""The editions of the working calendar as stored: which is in force, and the change it came by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar, CalendarYear, read_calendar, write_calendar
from engine.domain.calendar_change import ChangedDay, differences
from engine.persistence import models
from engine.persistence.declarative import table_of


@dataclass(frozen=True, slots=True)
class Edition:
    """What cases are brought to: its number, the first day that may move, and what entries say.

    since: None when no day changed its nature.
    """

    change_id: UUID
    number: int
    since: date | None
    document: str
    reason: str
    username: str
    actor_name: str
    tells_by_letter: bool


def current(session: Session) -> int:
    """The number of the edition in force; 0 while nothing was ever changed."""
    return session.scalar(select(func.max(models.CalendarChange.edition))) or 0


def edition(session: Session, number: int, *, behind: int) -> Edition:
    """The edition of that number, for cases that rest on the edition `behind`."""
    change = models.CalendarChange
    rows = session.scalars(
        select(change)
        .where(change.edition > behind, change.edition <= number)
        .order_by(change.edition.desc())
    ).all()
    newest = rows[0]
    changed = [day.on for row in rows for day in days_of(row)]
    decider = session.scalar(
        select(models.Person.name).where(models.Person.username == newest.decided_by)
    )
    return Edition(
        change_id=newest.id,
        number=number,
        since=min(changed, default=None),
        document=newest.document,
        reason=newest.reason,
        username=newest.decided_by or "",
        actor_name=decider or newest.decided_by or "",
        tells_by_letter=newest.tells_by_letter,
    )


def days_of(row: models.CalendarChange) -> tuple[ChangedDay, ...]:
    """The days that are open before the change and off after it, or the other way."""
    before, after = years_of(row.years_before), years_of(row.years_after)
    touched = {year.year for year in (*before, *after)}
    return differences(Calendar(before), Calendar(after), touched)


def years_of(stored: Mapping[str, str]) -> tuple[CalendarYear, ...]:
    return tuple(read_calendar(stored[key]) for key in sorted(stored))


def stored_years(calendar: Calendar, years: Iterable[int]) -> dict[str, str]:
    """The years as the calendar has them, as CSV by year; one that it has not is left out."""
    return {
        str(year): write_calendar(calendar.years[year])
        for year in sorted(years)
        if year in calendar.years
    }


def write_years(session: Session, touched: Iterable[int], years: Iterable[CalendarYear]) -> None:
    """Put these years in place of the touched ones; a touched year that is not among them goes."""
    year, day = models.CalendarYear, models.CalendarDay
    numbers = sorted(touched)
    session.execute(delete(day).where(day.year.in_(numbers)))
    session.execute(delete(year).where(year.year.in_(numbers)))
    for each in years:
        session.add(year(year=each.year, notice=each.notice))
        session.flush()
        session.add_all(
            day(on=one.on, year=each.year, is_open=one.is_open, name=one.name) for one in each.days
        )


def count_moved(session: Session, change_id: UUID, clocks: int) -> None:
    table = table_of(models.CalendarChange)
    moved = {"moved": table.c.moved + clocks}
    session.execute(update(table).where(table.c.id == change_id).values(moved))


def behind(session: Session, number: int) -> int:
    """How many running instances rest on an older edition."""
    instance = models.ProcessInstance
    found = select(func.count()).where(~instance.is_finished, instance.calendar_edition < number)
    return session.scalar(found) or 0
