"""The statutory clocks of a case: budgets, append-only entries, extensions asked for, limits passed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.clock_reading import Light
from engine.domain.states import ExtensionState, KeptClockState
from engine.persistence.declarative import Base, LongText, State
from engine.persistence.packed import PackedText

_TO_MARK = text("mark_at IS NOT NULL")
_TO_TELL = text("state = 'running' AND told <> light")


class Clock(Base):
    """One limit of one case, promised and by law. All moments here are projections of its entries."""

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        Index(None, "state", "due_at"),
        Index(None, "mark_at", postgresql_where=_TO_MARK, sqlite_where=_TO_MARK),
        Index("ix_clock_told", "due_at", postgresql_where=_TO_TELL, sqlite_where=_TO_TELL),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    key: Mapped[str]  # handling, acceptance, takedown, ...
    amount: Mapped[int]
    unit: Mapped[str]
    basis: Mapped[str] = mapped_column(PackedText)
    state: Mapped[KeptClockState]
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]  # from when on the light is yellow
    statutory_amount: Mapped[int | None]
    statutory_unit: Mapped[str | None]
    statutory_basis: Mapped[str] = mapped_column(PackedText, default="")
    statutory_due_at: Mapped[datetime | None]
    is_provisional: Mapped[bool] = mapped_column(default=False)
    light: Mapped[str] = mapped_column(State(Light), default="green")  # as last marked
    mark_at: Mapped[datetime | None]  # when the mark changes next
    told: Mapped[str] = mapped_column(
        State(Light), default="green"
    )  # the light its officers were told of


class ClockEntry(Base):
    """One line of a ledger (EntryKind), with effect, record, basis and document."""

    __tablename__ = "clock_entry"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("clock.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    sequence: Mapped[int]
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    basis: Mapped[str] = mapped_column(PackedText)
    document: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(PackedText)
    amount: Mapped[int]
    due_before: Mapped[datetime | None]  # of a recount: what the calendar gave before, and gives
    due_after: Mapped[datetime | None]
    names_day: Mapped[bool] = mapped_column(default=False)
    ground: Mapped[str] = mapped_column(default="")  # of a pause: key of its lawful ground
    expected_at: Mapped[datetime | None]  # of a pause: when it is expected to end
    voids: Mapped[int] = mapped_column(default=0)  # sequence of the entry this one corrects


class Extension(Base):
    """延长办理时限: asked for by who handles the case, decided by a leader, at most once."""

    __tablename__ = "extension"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    clock_key: Mapped[str]
    instance_id: Mapped[UUID | None]  # the process in which it is decided
    amount: Mapped[int]
    unit: Mapped[str]
    reason: Mapped[str] = mapped_column(LongText)
    basis: Mapped[str]
    requested_by: Mapped[str]
    requested_by_name: Mapped[str]
    requested_at: Mapped[datetime]
    due_before: Mapped[datetime]  # end of the limit when it was asked for
    due_after: Mapped[datetime | None]
    state: Mapped[ExtensionState]
    decided_by: Mapped[str | None]
    decided_by_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    opinion: Mapped[str] = mapped_column(LongText, default="")
    letter_number: Mapped[str | None]


class Breach(Base):
    """A limit that passed: it stays, whatever is done late afterwards.

    Written set-wise by the hundred thousand, so its case is not checked by a key: the row that it is
    made from has one.
    """

    __tablename__ = "breach"
    __table_args__ = (
        UniqueConstraint("subject_id", "kind", "due_at"),
        Index(None, "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    subject_id: Mapped[UUID]  # the task, wait or clock
    kind: Mapped[str]  # step | promised | statutory
    clock_key: Mapped[str | None]
    process_id: Mapped[str | None]
    element_id: Mapped[str | None]
    department: Mapped[str | None]
    holder: Mapped[str | None]  # username, where somebody had claimed it
    whose: Mapped[str]
    due_at: Mapped[datetime]
    marked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # when it was done after all
    lifted_at: Mapped[datetime | None]  # the limit was moved: it had not passed
    lifted_by: Mapped[str] = mapped_column(LongText, default="")


class Parameter(Base):
    """A value that an administrator set, with its basis; the newest of a scope and key is in force."""

    __tablename__ = "parameter"
    __table_args__ = (Index(None, "scope", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(unique=True)
    scope: Mapped[str]  # "" the whole office, a procedure, or procedure:edition
    key: Mapped[str]
    value: Mapped[str]  # "" takes the setting back
    basis: Mapped[str] = mapped_column(LongText)
    set_by: Mapped[str]
    set_by_name: Mapped[str]
    set_at: Mapped[datetime]
