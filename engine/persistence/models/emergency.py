"""Emergency responses: an append-only list of acts, each confirmed by a second person."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import EmergencyEntryState
from engine.persistence.declarative import Base, LongText


class EmergencyEntry(Base):
    """One act on a response. `emergency_id` is the id of the entry that declares it."""

    __tablename__ = "emergency_entry"
    __table_args__ = (
        UniqueConstraint("emergency_id", "sequence"),
        Index(None, "kind", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    emergency_id: Mapped[UUID] = mapped_column(ForeignKey("emergency_entry.id"))
    sequence: Mapped[int]
    act: Mapped[str]  # declare | level | end
    kind: Mapped[str]
    title: Mapped[str]
    effective_on: Mapped[date]
    level: Mapped[str | None]
    document: Mapped[str]
    reason: Mapped[str] = mapped_column(LongText)
    state: Mapped[EmergencyEntryState]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(LongText, default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as the library asks
