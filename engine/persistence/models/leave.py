"""Leave cover: who is away from when to when, and who stands in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class LeaveCover(Base):
    """One absence. It ends by itself after `ends_on`; `ended_at`: somebody ended it before."""

    __tablename__ = "leave_cover"
    __table_args__ = (Index(None, "ends_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("person.username"))
    substitute: Mapped[str | None] = mapped_column(ForeignKey("person.username"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(LongText)
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as the library asks
