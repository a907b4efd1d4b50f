"""A case, its process instances, its append-only history, and the messages for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.history import FORMAT
from engine.domain.states import CaseState, SupervisionState
from engine.persistence.declarative import Base, LongText
from engine.persistence.known_words import Word
from engine.persistence.packed import Digest, PackedDocument, PackedText

#: Lines that changes of the calendar left: listed by change, and few among all lines.
_CALENDAR = text("kind = 'calendar_changed'")
_OPEN, _STUCK = text("state = 'open'"), text("open_incidents > 0")


class Case(Base):
    """One matter of one subject, from filing to archive. Its row is the lock of the case."""

    __tablename__ = "case_file"
    __table_args__ = (
        # Nothing that a step changes stands in an index: PostgreSQL then changes the row in place,
        # and writes no entry of any index again (HOT).
        Index(None, "subject_code", "filed_at"),
        Index(None, "filed_at", "id"),
        Index(None, "closed_at", postgresql_using="brin"),
        Index("ix_case_file_open", "filed_at", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_case_file_stuck", "filed_at", postgresql_where=_STUCK, sqlite_where=_STUCK),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    query_code: Mapped[str]
    procedure: Mapped[str]
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    subject_code: Mapped[str] = mapped_column(ForeignKey("subject.code"))
    subject_name: Mapped[str]
    applicant_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    applicant_name: Mapped[str]
    channel: Mapped[str]
    authority_key: Mapped[str | None]
    line: Mapped[str]  # a line of case data for lists: document number
    grade: Mapped[str | None]
    tags: Mapped[list[Any]]
    answers: Mapped[dict[str, Any]]
    record_ids: Mapped[list[Any]]
    state: Mapped[CaseState]
    outcome: Mapped[str | None]
    stage: Mapped[str]
    milestones: Mapped[list[Any]] = mapped_column(PackedDocument)  # [{stage, at}]
    step: Mapped[str | None]  # element at which the case rests, for lists
    # what operations noted: eligibility, missing papers, promises
    facts: Mapped[dict[str, Any]] = mapped_column(PackedDocument)
    # the records as they were when the case was accepted; large, and not read with the case
    frozen_records: Mapped[list[Any]] = mapped_column(PackedDocument, deferred=True)
    # by the office's steps: [{element, opinion, facts, failed_conditions}]
    found: Mapped[list[Any]] = mapped_column(PackedDocument)
    filed_at: Mapped[datetime]
    received_at: Mapped[datetime]  # from when it counts (closing hours, days off)
    accepted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # end of the clock that runs now
    warn_at: Mapped[datetime | None]
    statutory_due_at: Mapped[datetime | None]  # the law's own end of the clock that runs now
    is_paused: Mapped[bool] = mapped_column(default=False)  # that clock is paused
    beside: Mapped[int] = mapped_column(default=0)  # open instances beside the main one
    electronic_service: Mapped[bool]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    waiting_messages: Mapped[int] = mapped_column(default=0)
    timer_count: Mapped[int] = mapped_column(default=0)  # timers armed so far
    open_incidents: Mapped[int] = mapped_column(default=0)
    event_count: Mapped[int] = mapped_column(default=0)
    event_hash: Mapped[str] = mapped_column(Digest, default="")  # hashes of the last event
    event_sm3: Mapped[bytes] = mapped_column(default=b"")
    erased_at: Mapped[datetime | None]  # when what it said of people was erased


class ProcessInstance(Base):
    """One running execution: the case's own, or a supervision beside it."""

    __tablename__ = "process_instance"
    __table_args__ = (
        Index(None, "case_id"),
        # what a change of the calendar has not reached yet
        Index(
            None,
            "calendar_edition",
            "case_id",
            postgresql_where=text("NOT is_finished"),
            sqlite_where=text("NOT is_finished"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    process_id: Mapped[str]
    state: Mapped[bytes]  # engine/runtime/codec.py
    version: Mapped[int] = mapped_column(default=1)
    is_finished: Mapped[bool] = mapped_column(default=False)
    next_due_at: Mapped[datetime | None]  # earliest armed timer
    calendar_edition: Mapped[int] = mapped_column(default=0)  # the calendar its dates rest on
    started_at: Mapped[datetime]


class Event(Base):
    """One line of a case's history in its two chains: see engine/domain/history.py."""

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "at", postgresql_using="brin"),  # lines come in the order of their moments
        Index(
            "ix_event_calendar",
            *("at", "case_id", "sequence"),
            postgresql_where=_CALENDAR,
            sqlite_where=_CALENDAR,
        ),
    )

    # columns of fixed width first: none is moved on to a multiple of its own
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    format: Mapped[int] = mapped_column(SmallInteger, default=FORMAT)
    is_erased: Mapped[bool] = mapped_column(
        default=False
    )  # detail, changes, name and salt are gone
    actor: Mapped[str]
    actor_name: Mapped[str]
    department: Mapped[str | None] = mapped_column(Word(None), nullable=False)
    kind: Mapped[str] = mapped_column(Word)
    element_id: Mapped[str | None]
    title: Mapped[str] = mapped_column(PackedText)
    title_en: Mapped[str] = mapped_column(PackedText)
    detail: Mapped[str] = mapped_column(PackedText)
    changes: Mapped[dict[str, Any]] = mapped_column(PackedDocument)
    hash: Mapped[str] = mapped_column(Digest)
    salt: Mapped[bytes | None]
    # SHA-256 and SM3 of salt and payload; empty as long as they are there
    commitment: Mapped[bytes] = mapped_column(default=b"")
    sm3: Mapped[bytes] = mapped_column(default=b"")

    @property
    def id(self) -> UUID:
        """Another for each line, and always the same: made of its place."""
        return UUID(int=self.case_id.int ^ self.sequence)


class InboundMessage(Base):
    """A message from an outside body or the applicant, kept until something waits for it."""

    __tablename__ = "inbound_message"
    __table_args__ = (Index(None, "case_id", "delivered_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)  # the sender's own number, if it has one
    sender: Mapped[str]
    received_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class Supervision(Base):
    """督办单: a supervision notice and what came of it; one per wait and ground."""

    __tablename__ = "supervision"
    __table_args__ = (
        UniqueConstraint("case_id", "wait_id", "ground"),
        Index(None, "state"),
        Index(None, "wait_id"),
        Index(None, "issued_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    instance_id: Mapped[UUID | None]
    wait_id: Mapped[UUID]  # the task or wait it is about
    element_id: Mapped[str]
    unit: Mapped[str]  # department key
    ground: Mapped[str]
    ground_text: Mapped[str] = mapped_column(LongText)
    issued_by: Mapped[str]
    issued_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    state: Mapped[SupervisionState]
    answer: Mapped[str] = mapped_column(LongText, default="")
    origin: Mapped[str] = mapped_column(default="diagram")  # diagram | breach | complaint | order
    officer: Mapped[str | None]  # who held the task when the notice was issued
    over_days: Mapped[int] = mapped_column(default=0)
    ledger: Mapped[list[Any]] = mapped_column(default=list)  # the lines it rests on, as issued
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    contest: Mapped[str] = mapped_column(LongText, default="")  # 申辩
    contested_by: Mapped[str | None]
    contested_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(LongText, default="")  # how it was settled, in words
    escalated_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
