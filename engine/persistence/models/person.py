"""People and the tokens of their programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base


class Person(Base):
    """Somebody who may sign in: staff of a department, or an enterprise's handler."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    name: Mapped[str]
    department: Mapped[str | None]
    groups: Mapped[list[Any]]
    subject_code: Mapped[str | None]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    notice_channels: Mapped[list[Any]] = mapped_column(default=lambda: ["email"])
    language: Mapped[str] = mapped_column(default="zh")  # of what is sent outside
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Token(Base):
    """A bearer token; only its hash is kept."""

    __tablename__ = "token"

    hash: Mapped[str] = mapped_column(primary_key=True)  # SHA-256, hexadecimal
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]  # real time, also in a training installation
    expires_at: Mapped[datetime]
