"""Sending to webhooks: signed, outside of any transaction, tried again by jobs, given up in the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from engine.domain.account import Happening
from engine.domain.errors import EngineError
from engine.domain.webhook import MOST_FAILURES, headers, next_wait
from engine.exchange.outgoing import Answer
from engine.persistence import models
from engine.services import account_log
from engine.services.casework import promise
from engine.services.office import Office

OPERATION = "deliver_webhook"
#: How much of an answer is kept: enough to see what a receiver complains about.
KEPT = 500
_GONE = 410


@dataclass(frozen=True, slots=True)
class _Letter:
    url: str
    message: dict[str, Any]
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of an attempt. `status` 0: no answer."""

    status: int
    told: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def deliver(office: Office, arguments: Mapping[str, Any]) -> None:
    """One attempt. A receiver knows the message again by its id: twice is no harm."""
    delivery_id = UUID(arguments["delivery"])
    letter = _open(office, delivery_id)
    if letter is not None:
        _record(office, delivery_id, _attempt(office, delivery_id, letter))


def _open(office: Office, delivery_id: UUID) -> _Letter | None:
    """What is to be sent; None when it has arrived, or nobody is told any more."""
    real = office.real_now()
    with office.uow.begin() as session:
        row = session.get_one(models.WebhookDelivery, delivery_id, with_for_update=True)
        hook = session.get_one(models.Webhook, row.webhook_id)
        if row.state == "delivered":
            return None
        if not hook.is_enabled:
            row.state, row.next_at, row.told = "failed", None, "disabled"
            return None
        is_double = hook.old_secret_until is not None and hook.old_secret_until > real
        sealed = (hook.secret, hook.old_secret) if is_double else (hook.secret,)
        return _Letter(hook.url, dict(row.message), tuple(map(office.sealer.open, sealed)))


def _attempt(office: Office, delivery_id: UUID, letter: _Letter) -> _Outcome:
    body = orjson.dumps(letter.message, option=orjson.OPT_SORT_KEYS)
    signed = headers(f"msg_{delivery_id.hex}", office.real_now(), body, letter.secrets)
    try:
        answer = office.outgoing.send(
            "POST",
            letter.url,
            headers={"Content-Type": "application/json", **signed},
            body=body,
        )
    except EngineError as problem:
        return _Outcome(0, str(problem)[:KEPT])
    return _Outcome(answer.status, _beginning(answer))


def _beginning(answer: Answer) -> str:
    return answer.body[: KEPT * 4].decode("utf-8", "replace").replace("\0", "")[:KEPT]


def _record(office: Office, delivery_id: UUID, outcome: _Outcome) -> None:
    real = office.real_now()
    with office.uow.begin() as session:
        row = session.get_one(models.WebhookDelivery, delivery_id, with_for_update=True)
        hook = session.get_one(models.Webhook, row.webhook_id, with_for_update=True)
        row.attempts += 1
        row.status, row.told, row.last_at, row.next_at = outcome.status, outcome.told, real, None
        if outcome.is_good:
            row.state, hook.failures = "delivered", 0
            return
        wait = next_wait(row.attempts)
        if outcome.status == _GONE:
            row.state = "failed"
            _disable(office, session, hook, "gone", real)
        elif wait is not None:
            row.state, row.next_at = "waiting", real + wait
            send_later(office, session, delivery_id, due_at=row.next_at)
        else:
            row.state, hook.failures = "failed", hook.failures + 1
            if hook.failures >= MOST_FAILURES:
                _disable(office, session, hook, "failures", real)


def send_later(
    office: Office, session: Session, delivery_id: UUID, *, due_at: datetime | None = None
) -> None:
    """Promise one attempt, now or at that real moment."""
    given = {"delivery": str(delivery_id)}
    promise(session, OPERATION, given, case_id=None, office=office, due_at=due_at)


def _disable(
    office: Office, session: Session, hook: models.Webhook, why: str, real: datetime
) -> None:
    if hook.is_enabled:
        hook.is_enabled, hook.disabled_why = False, why
        account_log.note(session, Happening.WEBHOOK_DISABLED, "", real=real, title=hook.title)
        office.webhooks.forget()
