"""Clocks of records, their reports to the upper platform, and what other sites owe when they change."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.downstream import Progress
from engine.domain.states import ContestState, KeptClockState, ReportState
from engine.persistence.declarative import Base, LongText, State
from engine.persistence.known_words import Word
from engine.persistence.packed import PackedText


class RecordClock(Base):
    """One limit that runs on a record, not in a case. All moments are projections of its entries."""

    __tablename__ = "record_clock"
    __table_args__ = (Index(None, "record_id"), Index(None, "state", "calendar_edition"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    key: Mapped[str]  # reporting, remove, put_back, correct, still_shown
    amount: Mapped[int]
    unit: Mapped[str]
    basis: Mapped[str] = mapped_column(PackedText)
    state: Mapped[KeptClockState]
    due_at: Mapped[datetime]
    warn_at: Mapped[datetime]  # from when on the light is yellow
    is_provisional: Mapped[bool]
    late_at: Mapped[datetime | None]  # the moment of the stop, when it came after the end
    entry_count: Mapped[int]
    calendar_edition: Mapped[int]  # the calendar its dates rest on


class RecordClockEntry(Base):
    """One line of such a ledger (EntryKind). Append-only; the database refuses anything else."""

    __tablename__ = "record_clock_entry"

    clock_id: Mapped[UUID] = mapped_column(ForeignKey("record_clock.id"), primary_key=True)
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    voids: Mapped[int]
    expected_at: Mapped[datetime | None]
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    names_day: Mapped[bool]
    kind: Mapped[str] = mapped_column(Word)
    basis: Mapped[str] = mapped_column(PackedText)
    document: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(PackedText)
    ground: Mapped[str]


class Report(Base):
    """双公示: one record's way to the upper platform, with the clock of 7 working days."""

    __tablename__ = "record_report"
    __table_args__ = (Index(None, "state"), Index(None, "unit", "state"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), unique=True)
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("record_clock.id"))
    state: Mapped[ReportState]
    unit: Mapped[str]  # key of the deciding department, or its own code
    unit_name: Mapped[str]
    collected_at: Mapped[datetime]
    batch_id: Mapped[UUID | None]  # the job that carries or carried it
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(LongText)  # why the platform refused it
    tries: Mapped[int]


class Obligation(Base):
    """What one site owes for one record: to take it down, show it again, or correct it."""

    __tablename__ = "obligation"
    __table_args__ = (Index(None, "record_id"), Index(None, "state"), Index(None, "case_number"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("record_clock.id"))
    site: Mapped[str]
    duty: Mapped[str]  # remove | put_back | correct
    event: Mapped[str]  # what happened to the record
    case_number: Mapped[str | None]
    document: Mapped[str]
    opened_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(State(Progress))
    act_count: Mapped[int]
    claimed_by: Mapped[str | None]
    claimed_name: Mapped[str | None]
    seen_by: Mapped[str | None]  # who saw that the site has done it
    seen_at: Mapped[datetime | None]
    recheck_at: Mapped[datetime | None]  # when it is to be looked at again
    version: Mapped[int]


class ObligationAct(Base):
    """One act about an obligation, with its proof. Append-only; the database refuses anything else."""

    __tablename__ = "obligation_act"

    obligation_id: Mapped[UUID] = mapped_column(ForeignKey("obligation.id"), primary_key=True)
    at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    act: Mapped[str] = mapped_column(Word)
    before: Mapped[str] = mapped_column(Word)
    after: Mapped[str] = mapped_column(Word)
    actor: Mapped[str]
    actor_name: Mapped[str]
    channel: Mapped[str] = mapped_column(Word)  # platform, phone, letter, web, on_site
    note: Mapped[str] = mapped_column(LongText)
    link: Mapped[str] = mapped_column(LongText)
    proof_sha256: Mapped[str | None]
    proof_name: Mapped[str]
    proof_type: Mapped[str]


class StillShown(Base):
    """An enterprise says that a site has not done what it owes; it is answered within a limit."""

    __tablename__ = "still_shown"
    __table_args__ = (Index(None, "obligation_id"), Index(None, "state"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    obligation_id: Mapped[UUID] = mapped_column(ForeignKey("obligation.id"))
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("record_clock.id"))
    said_by: Mapped[str]
    said_by_name: Mapped[str]
    said_at: Mapped[datetime]
    link: Mapped[str] = mapped_column(LongText)
    note: Mapped[str] = mapped_column(LongText)
    proof_sha256: Mapped[str | None]
    proof_name: Mapped[str]
    proof_type: Mapped[str]
    state: Mapped[ContestState]
    finding: Mapped[str]  # done_now | not_there | other_record
    answer: Mapped[str] = mapped_column(LongText)
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
