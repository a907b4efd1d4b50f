"""Work promised by a transaction, and what got stuck."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class Job(Base):
    """Work promised by a transaction, kept later by a worker. Times are real time."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "due_at", postgresql_where=text("state = 'waiting'")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    state: Mapped[str]  # waiting | done | failed
    due_at: Mapped[datetime]
    retries_left: Mapped[int]
    last_error: Mapped[str] = mapped_column(LongText, default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Incident(Base):
    """Something stuck that needs a person: a job without retries left, an undecidable gateway."""

    __tablename__ = "incident"
    __table_args__ = (Index(None, "resolved_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("job.id"))
    timer_id: Mapped[UUID | None]
    element_id: Mapped[str | None]
    cause: Mapped[str] = mapped_column(LongText)
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
