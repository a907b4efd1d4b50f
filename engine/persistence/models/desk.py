"""What a caseworker arranged for its own desk, and who stands before a task at this moment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base


class SavedFilter(Base):
    """A list of the inbox that somebody comes back to."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("person.username"))
    name: Mapped[str]
    query: Mapped[dict[str, Any]]  # scope, light, procedure, q, sort; what is as usual is left out
    created_at: Mapped[datetime]


class DeskChoice(Base):
    """Which columns somebody's inbox has, in their order, and whether it is a table."""

    __tablename__ = "desk_choice"

    owner: Mapped[str] = mapped_column(ForeignKey("person.username"), primary_key=True)
    columns: Mapped[list[Any]]
    is_table: Mapped[bool] = mapped_column(
        default=False
    )  # over the whole width, sorted by its heads


class Presence(Base):
    """Who has a task open: told by its page now and then, forgotten when it stops telling."""

    __tablename__ = "presence"
    __table_args__ = (Index(None, "seen_at"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    username: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    wrote_at: Mapped[datetime | None]  # real time: when something was last typed
    seen_at: Mapped[datetime]  # real time
