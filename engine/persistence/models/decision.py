"""What decision tables answered in a case, and on which rows: append-only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base
from engine.persistence.packed import Digest, PackedDocument


class DecisionMade(Base):
    """One question to a table: inputs, outputs, the rows that held with their articles.

    `sequence` is that of the line in the case's history whose hash covers it.
    """

    __tablename__ = "decision_made"
    __table_args__ = (UniqueConstraint("case_id", "sequence"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    element_id: Mapped[str | None]
    decision_id: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str] = mapped_column(Digest)  # of the file: the version of the table
    hit_policy: Mapped[str]
    about: Mapped[str]  # the record or other thing that was asked about
    # [{label, label_en, expression, value}]
    inputs: Mapped[list[Any]] = mapped_column(PackedDocument)
    # one list of [{label, label_en, name, value}] for each answer
    outputs: Mapped[list[Any]] = mapped_column(PackedDocument)
    # [{number, row_id, annotations}]
    rows: Mapped[list[Any]] = mapped_column(PackedDocument)
    # decisions asked on the way: [{decision_id, inputs, outputs, rows}]
    required: Mapped[list[Any]] = mapped_column(PackedDocument)
