"""What proves besides a password that it is somebody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class SecondFactor(Base):
    """The authenticator of a local account. Times are real time."""

    __tablename__ = "second_factor"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(LongText)  # sealed: engine/exchange/sealing.py
    confirmed_at: Mapped[datetime | None]  # None: shown, and no code has come yet
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # of the last code that was taken
    recovery: Mapped[list[Any]]  # hashes of the codes that are left, all with this salt
    salt: Mapped[bytes]
    created_at: Mapped[datetime]
