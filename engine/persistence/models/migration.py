"""Migrations of running cases onto another version: what was decided, how far it is, how to undo it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import MigratedCaseState, MigrationState
from engine.persistence.declarative import Base, LongText


class Migration(Base):
    """One operation of an administrator: the cases of one version onto another."""

    __tablename__ = "migration"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    procedure: Mapped[str]
    from_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    mapping: Mapped[dict[str, Any]]  # old element id -> new element id
    accepts_losses: Mapped[bool]
    reason: Mapped[str] = mapped_column(LongText)
    state: Mapped[MigrationState]
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class MigratedCase(Base):
    """One case of a migration; the row decides, so a batch that was killed goes on where it was."""

    __tablename__ = "migrated_case"
    __table_args__ = (
        UniqueConstraint("migration_id", "case_id"),
        Index(None, "migration_id", "state", "place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    migration_id: Mapped[UUID] = mapped_column(ForeignKey("migration.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    place: Mapped[int]
    state: Mapped[MigratedCaseState]
    verdict: Mapped[str]
    findings: Mapped[list[Any]]
    done_at: Mapped[datetime | None]


class MigratedInstance(Base):
    """What an instance was before, kept for undoing."""

    __tablename__ = "migrated_instance"
    __table_args__ = (Index(None, "migrated_case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    migrated_case_id: Mapped[UUID] = mapped_column(ForeignKey("migrated_case.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    state: Mapped[bytes]
    version_after: Mapped[int]  # undoing is possible while the instance has this version
    calendar_edition: Mapped[int]
    rows: Mapped[dict[str, Any]]  # rows of tasks, waits and timers as they were
