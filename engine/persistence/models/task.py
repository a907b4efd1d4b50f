"""Where cases rest: tasks of people, waits for others, and the timers that end them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.clock_reading import Light
from engine.domain.states import TaskState
from engine.persistence.declarative import Base, State

_OF_CLOCK = text("clock_key IS NOT NULL")
_DONE = text("completed_by IS NOT NULL")
_TO_MARK = text("mark_at IS NOT NULL")
_TO_TELL = text("completed_at IS NULL AND told <> light")


class Task(Base):
    """A BPMN user task that was reached: one unit of work, offered to one group."""

    __tablename__ = "task"
    __table_args__ = (
        # The inbox. Two narrow indexes that a task leaves when it is done: every entry of an index
        # is written to the log as well, for each task that is opened and again when it is completed.
        Index(
            None,
            "candidate_group",
            "due_at",
            postgresql_where=text("completed_at IS NULL"),
            sqlite_where=text("completed_at IS NULL"),
        ),
        Index(
            None,
            "assignee",
            postgresql_where=text("completed_at IS NULL AND assignee IS NOT NULL"),
            sqlite_where=text("completed_at IS NULL AND assignee IS NOT NULL"),
        ),
        # and what is coming: tasks by the place at which they rest
        Index(
            None,
            "element_id",
            "department",
            postgresql_where=text("completed_at IS NULL"),
            sqlite_where=text("completed_at IS NULL"),
        ),
        Index(None, "case_id"),
        Index(None, "mark_at", postgresql_where=_TO_MARK, sqlite_where=_TO_MARK),
        Index("ix_task_told", "due_at", postgresql_where=_TO_TELL, sqlite_where=_TO_TELL),
        # what somebody did, the latest first
        Index(None, "completed_by", "completed_at", postgresql_where=_DONE, sqlite_where=_DONE),
        # block ranges: next to nothing to write, and a period is found in whole blocks
        Index(None, "completed_at", postgresql_using="brin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the runtime's own task id
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    process_id: Mapped[str]
    element_id: Mapped[str]  # survives relabelling
    candidate_group: Mapped[str]
    department: Mapped[str | None]  # which department's members of the group, when that matters
    assignee: Mapped[str | None]  # username
    delegated_by: Mapped[str | None]
    state: Mapped[TaskState]
    whose: Mapped[str]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[str | None]
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]  # from when on the light is yellow
    amount: Mapped[int | None]  # the limit it was given, counted from its creation
    unit: Mapped[str | None]
    is_paused: Mapped[bool] = mapped_column(default=False)  # its clock is paused
    light: Mapped[str] = mapped_column(State(Light), default="green")  # as last marked
    mark_at: Mapped[datetime | None]  # when the mark changes next
    told: Mapped[str] = mapped_column(
        State(Light), default="green"
    )  # the light its officers were told of
    answers: Mapped[dict[str, Any] | None]
    draft: Mapped[dict[str, Any] | None]
    draft_at: Mapped[datetime | None]
    draft_by: Mapped[str | None]  # username
    version: Mapped[int] = mapped_column(default=1)

    @property
    def since(self) -> datetime:
        return self.created_at

    @property
    def until(self) -> datetime | None:
        return self.completed_at


class Wait(Base):
    """A place where the case waits for somebody who has no task: a message, a choice, a moment."""

    __tablename__ = "wait"
    __table_args__ = (
        Index(None, "case_id", "ended_at"),
        Index(None, "mark_at", postgresql_where=_TO_MARK, sqlite_where=_TO_MARK),
        Index("ix_wait_open", "due_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    process_id: Mapped[str]
    element_id: Mapped[str]
    kind: Mapped[str]  # message | choice | timer
    whose: Mapped[str]
    begun_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    amount: Mapped[int | None]  # the limit it was given, counted from its beginning
    unit: Mapped[str | None]
    is_paused: Mapped[bool] = mapped_column(default=False)  # its clock is paused
    light: Mapped[str] = mapped_column(State(Light), default="green")  # as last marked
    mark_at: Mapped[datetime | None]  # when the mark changes next
    ended_at: Mapped[datetime | None]

    @property
    def since(self) -> datetime:
        return self.begun_at

    @property
    def until(self) -> datetime | None:
        return self.ended_at


class Timer(Base):
    """An armed BPMN timer. This table is the truth: nothing is loaded before a row is due.

    A timer armed from a clock bears its key and event; it moves with the clock, and rests (it is
    due at NEVER) while the clock is paused, stopped or not started.
    """

    __tablename__ = "timer"
    __table_args__ = (
        Index(None, "due_at", postgresql_where=text("fired_at IS NULL")),
        Index(None, "instance_id"),
        Index(None, "case_id", postgresql_where=_OF_CLOCK, sqlite_where=_OF_CLOCK),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the runtime's own task id
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    process_id: Mapped[str]
    element_id: Mapped[str]
    armed_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)  # among the timers of its case, as armed
    amount: Mapped[int | None]  # the limit it was armed with, counted from the arming
    unit: Mapped[str | None]
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]
    case_id: Mapped[UUID | None]  # of a timer armed from a clock
    clock_key: Mapped[str | None]
    clock_event: Mapped[str | None]  # warning | breach | unlawful
