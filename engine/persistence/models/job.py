"""Work promised by a transaction, and what got stuck."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import JobState
from engine.persistence.declarative import Base, LongText


class Job(Base):
    """Work promised by a transaction, kept later by a worker. Times are real time."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "due_at", postgresql_where=text("state = 'waiting'")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    state: Mapped[JobState]
    due_at: Mapped[datetime]
    retries_left: Mapped[int]
    last_error: Mapped[str] = mapped_column(LongText, default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Incident(Base):
    """Something stuck that needs a person. The case keeps its last good state meanwhile.

    One row for one failure however often it is tried: `fingerprint` is case, element and cause.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index(None, "resolved_at"),
        Index(None, "case_id"),
        Index(
            "uq_incident_open_fingerprint",
            "fingerprint",
            unique=True,
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # step | timer | message | job | stray | filing
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("job.id"))
    timer_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    process_id: Mapped[str | None]
    element_id: Mapped[str | None]
    title: Mapped[str]  # what the element is called
    title_en: Mapped[str]
    cause: Mapped[str] = mapped_column(LongText)
    cause_en: Mapped[str] = mapped_column(LongText)
    #: what was tried: who, which act, with which answers or payload
    act: Mapped[dict[str, Any]]
    fingerprint: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=1)
    raised_at: Mapped[datetime]
    last_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolution: Mapped[str | None]  # retried | answered | moved | passed
    story: Mapped[list[Any]]  # [{at, by, zh, en, reason}]: kept when it is resolved
    proposal: Mapped[dict[str, Any] | None]  # a move that waits for a second administrator
