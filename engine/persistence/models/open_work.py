"""What is open, in narrow rows: copies that the database itself keeps, for whoever looks at all of it.

A board of 100,000 open cases reads these two tables whole in some hundredths of a second; the rows
they are copied from are ten times as wide and lie among those of a million closed cases. Nothing
writes here but the triggers of engine/persistence/copies.py.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base

_LEFT = text("NOT is_of_open_case")


class OpenCase(Base):
    """An open case."""

    __tablename__ = "open_case"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the case's own
    received_at: Mapped[datetime]


class OpenPlace(Base):
    """An open task or wait, with what it is counted and judged by of its case."""

    __tablename__ = "open_place"
    __table_args__ = (
        Index("ix_open_place_left", "id", postgresql_where=_LEFT, sqlite_where=_LEFT),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the task's or wait's own
    case_id: Mapped[UUID]
    process_id: Mapped[str]
    element_id: Mapped[str]
    holder: Mapped[str]  # department, group, or `outside:` a body that has no inbox here
    person: Mapped[str | None]  # username
    whose: Mapped[str]
    since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    is_paused: Mapped[bool]
    is_task: Mapped[int]  # 1 task, 0 wait
    is_of_open_case: Mapped[bool]  # also a closed case may leave something to do
    procedure: Mapped[str]
    stage: Mapped[str]
    received_at: Mapped[datetime]
    case_due_at: Mapped[datetime | None]
    case_warn_at: Mapped[datetime | None]
