"""Webhooks and what was sent to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import WebhookState
from engine.persistence.declarative import Base, LongText


class Webhook(Base):
    """An address elsewhere that wants to be told. Times are real time."""

    __tablename__ = "webhook"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    url: Mapped[str] = mapped_column(LongText)
    events: Mapped[list[Any]]  # engine/domain/webhook.py
    secret: Mapped[str] = mapped_column(LongText)  # sealed: engine/exchange/sealing.py
    old_secret: Mapped[str] = mapped_column(LongText, default="")
    old_secret_until: Mapped[datetime | None]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)  # messages in a row that never arrived
    disabled_why: Mapped[str] = mapped_column(default="")  # failures | gone | "" by a person
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class WebhookDelivery(Base):
    """One message to one webhook, with what came of it. Times are real time."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index(None, "webhook_id", "created_at"), Index(None, "created_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)  # by which a receiver knows it again
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id"))
    event: Mapped[str]
    case_number: Mapped[str]
    message: Mapped[dict[str, Any]]
    state: Mapped[WebhookState]
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int] = mapped_column(default=0)  # of the last answer; 0: none came
    told: Mapped[str] = mapped_column(LongText, default="")  # how the answer begins, or why none
    created_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
