"""A POST sent again under its key answers as the first one did, which alone has acted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Conflict
from engine.persistence import models
from engine.persistence.claiming import claim
from engine.persistence.declarative import table_of
from engine.services.office import Office

_ANSWER = table_of(models.IdempotentAnswer)
Act = Callable[[], tuple[int, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its key stands for it: who, the key, the route, SHA-256 of what was sent.

    `told_once`: members of the answer that are not kept, and empty when it is told again.
    """

    actor: Actor
    key: str
    route: str
    body_hash: str
    told_once: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    is_replayed: bool


def once(office: Office, asked: Asked, act: Act, *, now: datetime) -> Answer:
    """The answer of `act`, kept in the transaction in which it acts; or the one kept before.

    Who comes with the same key meanwhile waits for that transaction. When it fails, the key is free.
    Errors: Conflict when the key came with another request before; those of the act.
    """
    with office.uow.together() as session:
        row = {
            "id": uuid4(),
            "actor": asked.actor.username,
            "key": asked.key,
            "route": asked.route,
            "body_hash": asked.body_hash,
            "status": 0,
            "body": "",
            "created_at": now,
        }
        if not claim(session, _ANSWER, row):
            return _kept(session, asked)
        status, body = act()
        kept = body | dict.fromkeys(asked.told_once & body.keys(), "")
        told = {"status": status, "body": orjson.dumps(kept).decode()}
        session.execute(update(_ANSWER).where(_ANSWER.c.id == row["id"]).values(told))
    return Answer(status, body, is_replayed=False)


def _kept(session: Session, asked: Asked) -> Answer:
    mine = (_ANSWER.c.actor == asked.actor.username, _ANSWER.c.key == asked.key)
    found = session.execute(select(_ANSWER).where(*mine)).one()
    if (found.route, found.body_hash) != (asked.route, asked.body_hash):
        raise Conflict(
            "这个 Idempotency-Key 已用于另一个请求。", "this key was used for another request"
        )
    return Answer(found.status, orjson.loads(found.body), is_replayed=True)
