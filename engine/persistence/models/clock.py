"""The statutory clocks of a case: a budget and an append-only list of entries."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class Clock(Base):
    """One limit of one case. Due, used and left are derived; `due_at` is their projection."""

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    key: Mapped[str]  # handling, acceptance, takedown, ...
    amount: Mapped[int]
    unit: Mapped[str]
    basis: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime | None]


class ClockEntry(Base):
    """Start, pause, resume, extend, restart, stop or recount, with effect, record, basis, document."""

    __tablename__ = "clock_entry"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("clock.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    sequence: Mapped[int]
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    basis: Mapped[str]
    document: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(LongText)
    amount: Mapped[int]
    due_before: Mapped[datetime | None]  # of a recount: what the calendar gave before, and gives
    due_after: Mapped[datetime | None]
