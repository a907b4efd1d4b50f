"""Rows of bearer tokens, for tests that come in through the API as somebody of their cast."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from engine.persistence import models


def row_of(text: str, person_id: UUID | None, now: datetime) -> models.Token:
    """A token that opens whatever its holder may do, for a day; `now`: real time."""
    return models.Token(
        hash=sha256(text.encode()).hexdigest(),
        id=uuid4(),
        person_id=person_id,
        title="",
        prefix=text[:4],
        scopes=None,
        created_at=now,
        created_by="",
        expires_at=now + timedelta(days=1),
    )
