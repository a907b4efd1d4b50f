"""Papers that came in, letters that went out, applications that are being written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, validates

from engine.domain.states import LetterState
from engine.persistence.declarative import Base
from engine.persistence.packed import PackedDocument, PackedText


class Application(Base):
    """An application that is being written: saved page by page, filed once."""

    __tablename__ = "application"
    __table_args__ = (Index(None, "person_id", "filed_as"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    procedure: Mapped[str]
    subject_code: Mapped[str] = mapped_column(ForeignKey("subject.code"))
    record_ids: Mapped[list[Any]]
    answers: Mapped[dict[str, Any]]
    filed_as: Mapped[str | None]  # case number
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Paper(Base):
    """A paper of a case or of an application; its content lies in the file store under its hash."""

    __tablename__ = "paper"
    __table_args__ = (Index(None, "case_id"), Index(None, "application_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    source: Mapped[str]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]
    receipt: Mapped[str]


class Letter(Base):
    """A letter of a case: pending, numbered and issued, served. Immutable once issued."""

    __tablename__ = "letter"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    key: Mapped[str]
    title: Mapped[str] = mapped_column(PackedText)
    title_en: Mapped[str] = mapped_column(PackedText)
    number: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[LetterState]
    data: Mapped[dict[str, Any]] = mapped_column(PackedDocument)  # what was printed
    last_day: Mapped[str | None]  # of the limit that it prints
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    issued_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    way: Mapped[str | None]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # when its text went; number, moments and hash stay

    @validates("data")
    def _note_last_day(self, _: str, data: dict[str, Any]) -> dict[str, Any]:
        """What a change of the calendar asks of all letters at once."""
        self.last_day = (data.get("limit") or {}).get("last_day")
        return data
