"""What a creating POST answered, so that the same POST again answers the same."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.errors import Conflict
from engine.persistence import models
from engine.services.office import Office


def remembered(
    office: Office, actor: Actor, key: str, route: str, body_hash: str, *, now: datetime
) -> tuple[int, dict[str, Any]] | None:
    """(status, body) of the first POST under this key. Conflict when it was another request."""
    answer = models.IdempotentAnswer
    with office.uow.read() as session:
        found = session.scalar(
            select(answer).where(answer.actor == actor.username, answer.key == key)
        )
    if found is None:
        return None
    if (found.route, found.body_hash) != (route, body_hash):
        raise Conflict(
            "这个 Idempotency-Key 已用于另一个请求。", "this key was used for another request"
        )
    return found.status, orjson.loads(found.body)


def remember(
    office: Office,
    actor: Actor,
    key: str,
    route: str,
    body_hash: str,
    status: int,
    body: dict[str, Any],
    *,
    now: datetime,
) -> None:
    with office.uow.begin() as session:
        session.add(
            models.IdempotentAnswer(
                id=uuid4(),
                actor=actor.username,
                key=key,
                route=route,
                body_hash=body_hash,
                status=status,
                body=orjson.dumps(body).decode(),
                created_at=now,
            )
        )
