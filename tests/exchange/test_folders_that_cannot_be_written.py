"""A disk that is full or may only be read: what was to be written is written later, and nobody is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.domain.errors import Unavailable
from engine.exchange.credit_platform import ExchangeFolder
from engine.exchange.mail import MailFolder, NotSent
from engine.exchange.outbox import OutboxFolder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Something in the way of a folder."""
    (tmp_path / "taken").write_text("no folder")
    return tmp_path / "taken"


def test_a_notice_was_certainly_not_sent(place: Path) -> None:
    with pytest.raises(NotSent):
        OutboxFolder(place).send("1", {"to": "13800000000"})
    with pytest.raises(NotSent):
        MailFolder(place, "office@example").send(
            "1", "clerk@example", "标题", "内容", datetime(2026, 11, 26, tzinfo=UTC)
        )


def test_the_platform_is_out_of_reach_for_now(place: Path) -> None:
    with pytest.raises(Unavailable):
        ExchangeFolder(place).send("1", {})
