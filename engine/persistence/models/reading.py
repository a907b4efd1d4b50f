"""Who read which personal data of whom, and why (查看留痕)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class PersonalReading(Base):
    """One reading. Rows are added and never changed; they go by the rule `readings` of
    workflows/retention.toml alone, and a trigger holds to that (migration 0040)."""

    __tablename__ = "personal_reading"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "case_number", "at"),
        Index(None, "record_id", "at"),
        UniqueConstraint("once"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]  # engine/domain/personal_reading.py
    actor: Mapped[str]
    actor_name: Mapped[str]
    department: Mapped[str | None]
    case_number: Mapped[str | None]
    record_id: Mapped[UUID | None]
    about: Mapped[str]  # number of the case, the record, the letter; name of the paper
    fields: Mapped[list[Any]]  # which texts, by key with their titles; never what they say
    reason: Mapped[str] = mapped_column(LongText)
    address: Mapped[str]
    browser: Mapped[str]
    #: Papers and letters are written down once a day for each reader: the key of that; else None.
    once: Mapped[str | None]
