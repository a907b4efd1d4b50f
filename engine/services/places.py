"""Where open cases rest, as SQL: tasks and waits alike, each with its light, its holder, its age."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)

from engine.domain.calendar import Calendar
from engine.domain.clock import Whose
from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.copies import OUTSIDE
from engine.services.stepping import BESIDE

#: Ages of cases in working days since receipt, from - to.
AGES: tuple[tuple[int, int | None], ...] = ((0, 3), (4, 7), (8, 10), (11, 20), (21, None))
#: `person` of what nobody has claimed.
NOBODY = "-"
FAR = datetime.fromisoformat("2199-12-31T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which places: every member narrows, None does not.

    department: a holder's key. step: process:element. person: a username, or NOBODY.
    age: "4-7", "21-". due: "today". whose: whose time is running. case: a case's number.
    """

    department: str | None = None
    procedure: str | None = None
    step: str | None = None
    person: str | None = None
    stage: str | None = None
    light: str | None = None
    age: str | None = None
    due: str | None = None
    whose: str | None = None
    case: str | None = None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """What narrows, as the query of an address."""
        for member in fields(self):
            value = getattr(self, member.name)
            if value is not None:
                yield member.name, value


class Places:
    """The places of all open cases at one moment; columns to ask for, and how they are narrowed.

    They are read in the narrow copies of what is open; a list joins the wide rows of its page.
    """

    def __init__(self, calendar: Calendar, now: datetime) -> None:
        self.calendar, self.now = calendar, now
        self.row = models.OpenPlace
        self.due = func.coalesce(
            self.row.due_at, self.row.case_due_at, literal(FAR, self.row.due_at.type)
        )

    def asked(self, *columns: Any, narrowed: Narrowed | None = None) -> Select[Any]:
        """`columns` of the places of open cases that `narrowed` leaves."""
        found = select(*columns).select_from(self.row).where(self.row.is_of_open_case)
        return found.where(*self._conditions(narrowed or Narrowed()))

    @cached_property
    def light(self) -> ColumnElement[str]:
        """Red when over, also when only the whole case is; each place is in one light."""
        place, now = self.row, self.now
        is_main = place.process_id.not_in(BESIDE)
        return case(
            (or_(place.due_at < now, and_(place.case_due_at < now, is_main)), "red"),
            (or_(place.is_paused.is_(True), place.whose == Whose.EXPERT.value), "blue"),
            (or_(place.warn_at <= now, and_(place.case_warn_at <= now, is_main)), "yellow"),
            (self._is_provisional, "provisional"),
            else_="green",
        )

    @cached_property
    def _is_provisional(self) -> ColumnElement[bool]:
        """The end lies in a year whose holidays nobody has announced yet."""
        zone, due = self.calendar.zone, self.row.due_at
        known = [year.year for year in self.calendar.years.values() if year.notice]
        spans = [
            and_(
                due >= datetime.combine(date(year, 1, 1), time(), zone),
                due < datetime.combine(date(year + 1, 1, 1), time(), zone),
            )
            for year in known
            if abs(year - self.now.year) <= 3  # no open limit is further away
        ]
        return and_(due.is_not(None), not_(or_(*spans))) if spans else due.is_not(None)

    @property
    def step(self) -> ColumnElement[str]:
        return self.row.process_id + ":" + self.row.element_id

    @property
    def person(self) -> ColumnElement[str]:
        """Who has it: a username, NOBODY, or the body outside."""
        place = self.row
        return case(
            (place.holder.startswith(OUTSIDE), place.holder),
            else_=func.coalesce(place.person, NOBODY),
        )

    @cached_property
    def age(self) -> ColumnElement[str]:
        """The band of `AGES` in which the case lies."""
        bands = [
            (self.row.received_at >= self._received_with(last), age_key(first, last))
            for first, last in AGES
            if last is not None
        ]
        return case(*bands, else_=age_key(*AGES[-1]))

    def _received_with(self, days: int) -> datetime:
        """The first moment of receipt at which a case is no older than so many working days."""
        today = self.calendar.local_date(self.now)
        day = today
        while self.calendar.working_days(day - timedelta(days=1), today) <= days:
            day -= timedelta(days=1)
        return datetime.combine(day, time(), self.calendar.zone)

    @property
    def is_due_today(self) -> ColumnElement[bool]:
        """Ends today, and is not over yet."""
        zone = self.calendar.zone
        midnight = datetime.combine(self.calendar.local_date(self.now), time(), zone)
        place, end = self.row, self.row.case_due_at
        whole = or_(end.is_(None), end >= self.now, place.process_id.in_(BESIDE))
        ends = and_(place.due_at >= self.now, place.due_at < midnight + timedelta(days=1))
        return and_(ends, whole)

    def _conditions(self, narrowed: Narrowed) -> list[ColumnElement[bool]]:
        place = self.row
        columns: dict[str, Any] = {
            "department": place.holder,
            "procedure": place.procedure,
            "step": self.step,
            "stage": place.stage,
            "light": self.light,
            "age": self.age,
            "whose": place.whose,
        }
        found = [columns[name] == value for name, value in narrowed if name in columns]
        if narrowed.case is not None:
            numbered = select(models.Case.id).where(models.Case.number == narrowed.case)
            found.append(place.case_id == numbered.scalar_subquery())
        if narrowed.person is not None:
            found.append(self.person == narrowed.person)
        if narrowed.due == "today":
            found.append(self.is_due_today)
        elif narrowed.due is not None:
            raise Invalid("due 只能是 today。", "due can only be today")
        return found


def age_key(first: int, last: int | None) -> str:
    return f"{first}-{'' if last is None else last}"


def age_title(first: int, last: int | None) -> Words:
    if last is None:
        return Words(f"{first} 日以上", f"{first} days and more")
    return Words(f"{first}–{last} 日", f"{first}–{last} days")
