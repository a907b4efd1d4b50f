"""Folders that administrators handed in, what the gate said of each, and which became versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class FolderUpload(Base):
    """A procedure's folder as it was handed in. Never changed but to say what became of it."""

    __tablename__ = "folder_upload"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    procedure: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    filename: Mapped[str]
    size: Mapped[int]  # of what was handed in, in bytes
    sha256: Mapped[str]  # engine/runtime/catalog.digest
    files: Mapped[bytes]  # engine/runtime/catalog.pack, as they came, with what they share
    refusals: Mapped[int]
    warnings: Mapped[int]
    repairs: Mapped[int]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime] = mapped_column(index=True)
    definition_id: Mapped[UUID | None] = mapped_column(ForeignKey("process_definition.id"))
    report: Mapped[dict[str, Any] | None]  # what the gate said when it was deployed
    reason: Mapped[str] = mapped_column(LongText)
    deployed_by: Mapped[str | None]
    deployed_at: Mapped[datetime | None]
    #: Put before a second person, where the office wants two; taken back or not agreed to.
    proposed_by: Mapped[str | None]
    proposed_at: Mapped[datetime | None]
    newest_then: Mapped[UUID | None]  # the version that was the newest when it was proposed
    rejected_by: Mapped[str | None]
    rejected_at: Mapped[datetime | None]
    rejection: Mapped[str] = mapped_column(LongText, default="")

    @property
    def state(self) -> str:
        if self.definition_id is not None:
            return "deployed"
        if self.rejected_at is not None:
            return "rejected"
        return "handed_in" if self.proposed_at is None else "proposed"
