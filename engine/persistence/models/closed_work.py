"""What was closed, in narrow rows with their figures: the charts read these, not the tasks of years."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base

_TO_SUM = text("NOT is_summed")


class ClosedCase(Base):
    """A closed case and, once it is summed up, how many working days it took and whose they were.

    Triggers (engine/persistence/copies.py) write the row, and take the sums back when anything they
    rest on changes; engine/services/closed_figures.py sums up.
    """

    __tablename__ = "closed_case"
    __table_args__ = (
        Index("ix_closed_case_closed_at", "closed_at"),
        Index("ix_closed_case_to_sum", "closed_at", postgresql_where=_TO_SUM, sqlite_where=_TO_SUM),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the case's own
    procedure: Mapped[str]
    received_at: Mapped[datetime]
    closed_at: Mapped[datetime]
    is_summed: Mapped[bool] = mapped_column(default=False)
    days: Mapped[float | None]  # working days from receipt to the end
    # of these, by whose time they were; they sum to the whole
    office: Mapped[float | None]
    department: Mapped[float | None]
    superior: Mapped[float | None]
    court: Mapped[float | None]
    expert: Mapped[float | None]
    applicant: Mapped[float | None]
