"""The register of deferrals: what was granted until when, and what became of it."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import DeferralState
from engine.persistence.declarative import Base


class Deferral(Base):
    """A deferral of reporting or a longer time to put right, granted in a case."""

    __tablename__ = "deferral"
    __table_args__ = (
        Index(None, "state", "until"),
        Index(None, "subject_code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), unique=True)
    subject_code: Mapped[str]
    record_number: Mapped[str]
    request: Mapped[str]  # deferral | extension | both
    number: Mapped[str]  # of the decision
    level: Mapped[str]  # leader | meeting: who decided
    granted_on: Mapped[date]
    first_until: Mapped[date]  # as first granted
    until: Mapped[date]  # as it is now
    renewed_on: Mapped[date | None]
    state: Mapped[DeferralState]
    ended_on: Mapped[date | None]
