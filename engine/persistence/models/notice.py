"""What people were told: one row for each recipient, event and channel."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import NoticeState
from engine.persistence.declarative import Base, LongText
from engine.persistence.packed import PackedText

_OLD = text("old_id IS NOT NULL")
_TO_SEND = text("state IN ('waiting', 'sending')")


class Notice(Base):
    """A notice to one person by one channel. Its id is made of both and of the event: told once."""

    __tablename__ = "notice"
    __table_args__ = (
        Index(None, "recipient", "channel", "created_at"),
        Index(None, "next_at", postgresql_where=_TO_SEND, sqlite_where=_TO_SEND),
        Index(
            "ix_notice_unread",
            "recipient",
            postgresql_where=text("state = 'unread'"),
            sqlite_where=text("state = 'unread'"),
        ),
        Index(None, "old_id", unique=True, postgresql_where=_OLD, sqlite_where=_OLD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # engine/domain/notice.py
    recipient: Mapped[str]  # username
    kind: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    case_number: Mapped[str | None]
    channel: Mapped[str]
    state: Mapped[NoticeState]
    title: Mapped[str] = mapped_column(PackedText)
    title_en: Mapped[str] = mapped_column(PackedText)
    body: Mapped[str] = mapped_column(PackedText)
    body_en: Mapped[str] = mapped_column(PackedText)
    address: Mapped[str]
    language: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(LongText, default="")
    created_at: Mapped[datetime]  # of the office's clock
    next_at: Mapped[datetime | None]  # real time: when to try, or since when it is being sent
    sent_at: Mapped[datetime | None]  # real time
    read_at: Mapped[datetime | None]
    old_id: Mapped[UUID | None]  # of earlier releases: e-mails of theirs name it
