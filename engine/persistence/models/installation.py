"""What an installation holds beside cases: versions of procedures, departments, counters."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class ProcessDefinition(Base):
    """One deployed, immutable version of a procedure's folder."""

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("procedure", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    procedure: Mapped[str]
    version: Mapped[int]
    edition: Mapped[str]
    sha256: Mapped[str]
    files: Mapped[bytes]  # engine/runtime/catalog.pack
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str]


class Department(Base):
    __tablename__ = "department"

    key: Mapped[str] = mapped_column(primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]
    code: Mapped[str]
    kind: Mapped[str]
    groups: Mapped[list[Any]]
    phone: Mapped[str]
    place: Mapped[str]


class Group(Base):
    """A candidate group: whose members may claim a task."""

    __tablename__ = "candidate_group"

    key: Mapped[str] = mapped_column(primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]
    department: Mapped[str | None]
    resolved: Mapped[str | None]  # found for each case: subject, record.authority, supervised_unit


class Counter(Base):
    """Gap-free numbers: taken and stored in the transaction that uses them."""

    __tablename__ = "counter"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Setting(Base):
    """What an administrator may change while the system runs."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]


class IdempotentAnswer(Base):
    """What a creating POST answered, so that the same POST again answers the same."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor: Mapped[str]
    key: Mapped[str]
    route: Mapped[str]
    body_hash: Mapped[str]
    status: Mapped[int]
    body: Mapped[str] = mapped_column(LongText)
    created_at: Mapped[datetime]
