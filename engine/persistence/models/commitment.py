"""Commitments 信用承诺 of subjects, and what was found about their performance."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText
from engine.persistence.packed import PackedText


class Commitment(Base):
    """One commitment in the fields of the national standard (domain.md §5d)."""

    __tablename__ = "commitment"
    __table_args__ = (
        Index(None, "made_on", "id"),
        Index(None, "subject_code"),
        Index(None, "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # 20 digits, without gaps in a day
    rule: Mapped[str]  # key under [commitments] of the procedure; '' for one entered by hand
    kind: Mapped[str]
    subject_code: Mapped[str] = mapped_column(ForeignKey("subject.code"))
    subject_name: Mapped[str]
    subject_class: Mapped[str]  # 法人及非法人组织 | 自然人 | 个体工商户
    reason: Mapped[str] = mapped_column(PackedText)
    content: Mapped[str] = mapped_column(PackedText)
    sanction: Mapped[str] = mapped_column(PackedText)
    made_on: Mapped[date]
    valid_until: Mapped[date | None]
    performance: Mapped[str]
    unfulfilled: Mapped[str] = mapped_column(LongText, default="")
    consequence: Mapped[str] = mapped_column(LongText, default="")
    found_on: Mapped[date | None]
    found_by: Mapped[str] = mapped_column(default="")
    found_by_code: Mapped[str] = mapped_column(default="")
    accepted_by: Mapped[str]
    accepted_by_code: Mapped[str]
    openness: Mapped[str]
    note: Mapped[str] = mapped_column(LongText, default="")
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    case_number: Mapped[str] = mapped_column(default="")
    event_count: Mapped[int] = mapped_column(default=0)


class CommitmentEvent(Base):
    """One change of a commitment's state: never changed, never deleted."""

    __tablename__ = "commitment_event"
    __table_args__ = (UniqueConstraint("commitment_id", "sequence"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    commitment_id: Mapped[UUID] = mapped_column(ForeignKey("commitment.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    before: Mapped[str]
    after: Mapped[str]
    basis: Mapped[str] = mapped_column(LongText)
    detail: Mapped[str] = mapped_column(LongText)
    case_number: Mapped[str]
    actor: Mapped[str]
    actor_name: Mapped[str]
    department: Mapped[str]
