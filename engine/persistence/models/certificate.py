"""Certificates that departments issue to enterprises, and what became of each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import CertificateState
from engine.persistence.declarative import Base, LongText


class Certificate(Base):
    """One certificate: its number is never used again, its state is what the public is told.

    amount: of the contract, as a decimal text in `currency` (ISO 4217); country: ISO 3166.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        Index(None, "kind", "issued_at"),
        Index(None, "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # force_majeure
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    subject_code: Mapped[str] = mapped_column(ForeignKey("subject.code"))
    subject_name: Mapped[str]
    issuer: Mapped[str]
    issued_at: Mapped[datetime]
    amount: Mapped[str | None]
    currency: Mapped[str | None]
    country: Mapped[str | None]
    industry: Mapped[str | None]
    state: Mapped[CertificateState]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(LongText, default="")
