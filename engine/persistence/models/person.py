"""People, what they sign in with, and the tokens of their programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class Person(Base):
    """Somebody who may sign in: staff of a department, an enterprise's handler, or a program of
    another body, which signs in by token only."""

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
    is_service: Mapped[bool] = mapped_column(default=False)
    #: Real time until which a temporary password opens; None: the password is their own.
    temporary_until: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]  # real time


class Token(Base):
    """A bearer token; only its hash is kept. Times are real time."""

    __tablename__ = "token"
    __table_args__ = (UniqueConstraint("id"), Index(None, "person_id"))

    hash: Mapped[str] = mapped_column(primary_key=True)  # SHA-256, hexadecimal
    id: Mapped[UUID]  # by which it is spoken of
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str]  # "" for one that a password was exchanged for
    prefix: Mapped[str]  # how it begins, to be recognised by
    scopes: Mapped[list[Any] | None]  # None: whatever its holder may do
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser that is signed in; only the hash of what it holds is kept. Times are real time."""

    __tablename__ = "web_session"
    __table_args__ = (UniqueConstraint("id"), Index(None, "person_id"), Index(None, "expires_at"))

    hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str]
    browser: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    id_token: Mapped[str] = mapped_column(LongText)  # of single sign-on, to sign out there too


class KnownPlace(Base):
    """A browser or address from which somebody has signed in with the right password."""

    __tablename__ = "known_place"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)  # engine/domain/sign_in.py
    seen_at: Mapped[datetime]


class SignInCount(Base):
    """Failures to sign in under one key of engine/domain/sign_in.py. Real time."""

    __tablename__ = "sign_in_count"
    __table_args__ = (Index(None, "last_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class LinkedIdentity(Base):
    """Who somebody is at the provider of single sign-on."""

    __tablename__ = "linked_identity"
    __table_args__ = (UniqueConstraint("person_id", "issuer"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[datetime]
    used_at: Mapped[datetime]


class AccountEvent(Base):
    """What happened to an account, its sessions and tokens; lines are added, never changed."""

    __tablename__ = "account_event"
    __table_args__ = (Index(None, "username", "at"), Index(None, "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]  # real time
    kind: Mapped[str]  # engine/domain/account.py
    username: Mapped[str]  # whose account
    actor: Mapped[str]  # who did it; "" nobody who was signed in
    address: Mapped[str]
    detail: Mapped[dict[str, Any]]
