"""Webhooks: what is told to programs elsewhere, how it is signed, and how often it is tried."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.domain.choice import Choice
from engine.domain.errors import Invalid
from engine.domain.states import WebhookState
from engine.domain.words import Words


class WebhookEvent(Choice):
    """What may be told. The message names the case; who wants more asks the API with a token."""

    CASE_FILED = "case.filed", "办件提交", "a case was filed"
    CASE_DECIDED = "case.decided", "作出决定", "a case was decided"
    CASE_CLOSED = "case.closed", "办件办结", "a case was closed"
    TASK_CREATED = "task.created", "产生任务", "a task was reached"
    TASK_COMPLETED = "task.completed", "任务办完", "a task was completed"
    LETTER_ISSUED = "letter.issued", "制发文书", "a letter was issued"
    MESSAGE_RECEIVED = "message.received", "收到外部消息", "a message came for a case"
    TEST = "webhook.test", "测试", "a test, asked for by an administrator"


#: Line of a case's history -> what is told of it, and which of its members go along.
OF_HISTORY: Mapping[str, tuple[WebhookEvent, tuple[str, ...]]] = {
    "filed": (WebhookEvent.CASE_FILED, ()),
    "decided": (WebhookEvent.CASE_DECIDED, ("outcome",)),
    "closed": (WebhookEvent.CASE_CLOSED, ("outcome",)),
    "task_completed": (WebhookEvent.TASK_COMPLETED, ()),
    "letter_issued": (WebhookEvent.LETTER_ISSUED, ("letter", "number")),
    "message_received": (WebhookEvent.MESSAGE_RECEIVED, ()),
}
#: Waits between attempts: eight within about 21 hours.
WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
#: So many messages in a row that never arrived, and the webhook is disabled.
MOST_FAILURES = 5
#: After a new secret was made, messages are signed with the one before as well for so long.
OVERLAP = timedelta(hours=24)
#: A receiver refuses what was signed longer ago, or later, than this.
TOLERANCE = timedelta(minutes=5)
MARK = "whsec_"


@dataclass(frozen=True, slots=True)
class WebhookView:
    id: UUID
    title: str
    url: str
    events: tuple[str, ...]
    is_enabled: bool
    failures: int
    disabled_why: Words | None
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A message to one webhook. state: waiting, delivered, failed. `status`: HTTP, 0 none came."""

    id: UUID
    event: str
    what: Words
    case_number: str
    state: WebhookState
    attempts: int
    status: int
    told: str
    created_at: datetime
    last_at: datetime | None
    next_at: datetime | None


def new_secret() -> str:
    """256 random bits, written as Standard Webhooks does."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(
    message_id: str, moment: datetime, body: bytes, signing: Iterable[str]
) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret that is in force."""
    at = str(int(moment.timestamp()))
    signatures = " ".join(f"v1,{_signature(secret, message_id, at, body)}" for secret in signing)
    return {"webhook-id": message_id, "webhook-timestamp": at, "webhook-signature": signatures}


def _signature(secret: str, message_id: str, at: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(MARK))
    signed = b".".join((message_id.encode(), at.encode(), body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def is_genuine(sent: Mapping[str, str], body: bytes, secret: str, *, now: datetime) -> bool:
    """What a receiver checks: the signature, and that it is fresh. `sent`: headers in lower case."""
    message_id, at = sent.get("webhook-id", ""), sent.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(now.timestamp() - int(at)) > TOLERANCE.total_seconds():
        return False
    expected = _signature(secret, message_id, at, body)
    given = (each.partition(",") for each in sent.get("webhook-signature", "").split())
    return any(v == "v1" and hmac.compare_digest(found, expected) for v, _, found in given)


def next_wait(attempts: int) -> timedelta | None:
    """How long after the attempt of that number the next one comes; None: it was the last."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def read_events(given: Iterable[str]) -> list[str]:
    """The events of these names. Invalid for none, or an unknown one."""
    known = [each.value for each in WebhookEvent if each is not WebhookEvent.TEST]
    names = frozenset(given)
    if not names or not names <= frozenset(known):
        why = Words("请选要告知的事件。", "choose what is to be told")
        raise Invalid(why.zh, why.en, fields={"events": why})
    return [name for name in known if name in names]


def message(event: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": event, "timestamp": at.isoformat(), "data": dict(data)}
