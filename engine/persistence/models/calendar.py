"""The working calendar by year, and every change of it as a reviewed transaction."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import CalendarChangeState
from engine.persistence.declarative import Base, LongText


class CalendarYear(Base):
    """A year of the working calendar and the notice it rests on."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    notice: Mapped[str]


class CalendarDay(Base):
    """A weekday that is off, or a weekend day that is worked (调休)."""

    __tablename__ = "calendar_day"

    on: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("calendar_year.year"))
    is_open: Mapped[bool]
    name: Mapped[str]


class CalendarChange(Base):
    """One change of the calendar: proposed by one person, decided by another, never unwritten.

    An applied change has an `edition`; the highest is the calendar's. `years_before` and
    `years_after` hold the touched years as CSV by year; no entry before: not announced.
    """

    __tablename__ = "calendar_change"
    __table_args__ = (Index(None, "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    edition: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[CalendarChangeState]
    source: Mapped[str]  # notice | file | day | revocation
    title: Mapped[str]
    document: Mapped[str]
    issued_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(LongText)
    text: Mapped[str] = mapped_column(LongText)  # as it was pasted or uploaded
    years_before: Mapped[dict[str, Any]]
    years_after: Mapped[dict[str, Any]]
    tells_by_letter: Mapped[bool] = mapped_column(default=False)
    revokes_id: Mapped[UUID | None] = mapped_column(ForeignKey("calendar_change.id"))
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(LongText, default="")
    instances: Mapped[int] = mapped_column(default=0)  # to be looked at when it was approved
    moved: Mapped[int] = mapped_column(default=0)  # clocks with a new last day
    applied_at: Mapped[datetime | None]
