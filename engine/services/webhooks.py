"""Webhooks as administrators keep them: where, which events, the secret, what arrived."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.account import Happening
from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.webhook import (
    OVERLAP,
    DeliveryView,
    WebhookEvent,
    WebhookView,
    message,
    new_secret,
    read_events,
)
from engine.domain.words import Words
from engine.persistence import models
from engine.services import account_log, webhook_delivery, webhook_telling
from engine.services.office import Office

MOST_DELIVERIES = 100
_WHY = {
    "failures": Words("连续多条消息都没有送到", "several messages in a row never arrived"),
    "gone": Words("对方答复地址已不用（410）", "the other side says the address is gone (410)"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What an administrator tells of a webhook."""

    title: str
    url: str
    events: tuple[str, ...]


def listed(office: Office, actor: Actor) -> tuple[WebhookView, ...]:
    actor.must(Permission.ADMINISTER)
    hook = models.Webhook
    with office.uow.read() as session:
        counted = _counts(session)
        rows = session.scalars(select(hook).order_by(hook.created_at)).all()
        return tuple(_view(office, row, counted) for row in rows)


def get(
    office: Office, actor: Actor, webhook_id: UUID
) -> tuple[WebhookView, tuple[DeliveryView, ...]]:
    """A webhook and the newest messages to it."""
    actor.must(Permission.ADMINISTER)
    row = models.WebhookDelivery
    newest = (
        select(row)
        .where(row.webhook_id == webhook_id)
        .order_by(row.created_at.desc(), row.id)
        .limit(MOST_DELIVERIES)
    )
    with office.uow.read() as session:
        hook = _found(session, webhook_id)
        sent = tuple(_delivery(each) for each in session.scalars(newest))
        return _view(office, hook, _counts(session)), sent


def add(office: Office, actor: Actor, told: Told) -> tuple[UUID, str]:
    """A new webhook; its id and its secret, which is told only now.

    Errors: Invalid by field, CallRefused for an address to which nothing may be sent.
    """
    actor.must(Permission.ADMINISTER)
    events, secret, real = _checked(office, told), new_secret(), office.real_now()
    hook = models.Webhook(
        id=uuid4(),
        title=told.title.strip(),
        url=told.url.strip(),
        events=events,
        secret=office.sealer.seal(secret),
        old_secret="",
        old_secret_until=None,
        is_enabled=True,
        failures=0,
        disabled_why="",
        created_at=real,
        created_by=actor.username,
    )
    with office.uow.begin() as session:
        session.add(hook)
        _note(office, session, Happening.WEBHOOK_ADDED, actor, hook)
    office.webhooks.forget()
    return hook.id, secret


def _checked(office: Office, told: Told) -> list[str]:
    if not 1 <= len(told.title.strip()) <= 60:
        why = Words("写明给谁，最多 60 个字。", "say for whom, in 60 characters")
        raise Invalid(why.zh, why.en, fields={"title": why})
    if len(told.url) > 2000:
        why = Words("网址太长。", "the address is too long")
        raise Invalid(why.zh, why.en, fields={"url": why})
    office.outgoing.check(told.url.strip())
    return read_events(told.events)


def change(office: Office, actor: Actor, webhook_id: UUID, told: Told) -> None:
    """Another address, title or choice of events. Errors as `add`."""
    actor.must(Permission.ADMINISTER)
    events = _checked(office, told)
    with office.uow.begin() as session:
        hook = _found(session, webhook_id, lock=True)
        hook.title, hook.url, hook.events = told.title.strip(), told.url.strip(), events
        _note(office, session, Happening.WEBHOOK_CHANGED, actor, hook)
    office.webhooks.forget()


def rotate(office: Office, actor: Actor, webhook_id: UUID) -> str:
    """A new secret, told only now; for a day messages are signed with the old one too."""
    actor.must(Permission.ADMINISTER)
    secret = new_secret()
    with office.uow.begin() as session:
        hook = _found(session, webhook_id, lock=True)
        hook.old_secret, hook.secret = hook.secret, office.sealer.seal(secret)
        hook.old_secret_until = office.real_now() + OVERLAP
        _note(office, session, Happening.WEBHOOK_CHANGED, actor, hook)
    return secret


def enable(office: Office, actor: Actor, webhook_id: UUID, *, is_enabled: bool) -> None:
    """Told again from now on, or not any more. What was missed can be sent by hand."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        hook = _found(session, webhook_id, lock=True)
        hook.is_enabled, hook.failures, hook.disabled_why = is_enabled, 0, ""
        kind = Happening.WEBHOOK_CHANGED if is_enabled else Happening.WEBHOOK_DISABLED
        _note(office, session, kind, actor, hook)
    office.webhooks.forget()


def test(office: Office, actor: Actor, webhook_id: UUID) -> None:
    """Send a message that says nothing but that it is a test."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        hook = _found(session, webhook_id)
        _must_be_enabled(hook)
        whole = message(WebhookEvent.TEST.value, office.now(), {"by": actor.username})
        made = webhook_telling.new_row(office, session, hook.id, WebhookEvent.TEST, "", whole)
        webhook_delivery.send_later(office, session, made)


def redeliver(office: Office, actor: Actor, webhook_id: UUID, delivery_id: UUID) -> None:
    """Send a message once more, under the id it had."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        row = session.get(models.WebhookDelivery, delivery_id, with_for_update=True)
        if row is None or row.webhook_id != webhook_id:
            raise NotFound("没有这条消息。", "there is no such message")
        _must_be_enabled(_found(session, webhook_id))
        row.state, row.attempts, row.next_at = "waiting", 0, office.real_now()
        webhook_delivery.send_later(office, session, delivery_id)


def _must_be_enabled(hook: models.Webhook) -> None:
    if not hook.is_enabled:
        raise Conflict("这个推送地址已停用，请先恢复。", "it is disabled: enable it first")


def _found(session: Session, webhook_id: UUID, *, lock: bool = False) -> models.Webhook:
    hook = session.get(models.Webhook, webhook_id, with_for_update=lock or None)
    if hook is None:
        raise NotFound("没有这个推送地址。", "there is no such webhook")
    return hook


def _counts(session: Session) -> dict[tuple[UUID, str], int]:
    row = models.WebhookDelivery
    asked = select(row.webhook_id, row.state, func.count()).group_by(row.webhook_id, row.state)
    return {(webhook_id, state): number for webhook_id, state, number in session.execute(asked)}


def _view(office: Office, row: models.Webhook, counted: dict[tuple[UUID, str], int]) -> WebhookView:
    until = row.old_secret_until
    return WebhookView(
        id=row.id,
        title=row.title,
        url=row.url,
        events=tuple(row.events),
        is_enabled=row.is_enabled,
        failures=row.failures,
        disabled_why=_WHY.get(row.disabled_why),
        created_at=row.created_at,
        created_by=row.created_by,
        old_secret_until=until if until and until > office.real_now() else None,
        waiting=counted.get((row.id, "waiting"), 0),
        failed=counted.get((row.id, "failed"), 0),
    )


def _delivery(row: models.WebhookDelivery) -> DeliveryView:
    known = {each.value: each.words for each in WebhookEvent}
    return DeliveryView(
        id=row.id,
        event=row.event,
        what=known.get(row.event, Words(row.event)),
        case_number=row.case_number,
        state=row.state,
        attempts=row.attempts,
        status=row.status,
        told=row.told,
        created_at=row.created_at,
        last_at=row.last_at,
        next_at=row.next_at,
    )


def events() -> Iterable[WebhookEvent]:
    """What may be subscribed to."""
    return (each for each in WebhookEvent if each is not WebhookEvent.TEST)


def _note(
    office: Office, session: Session, kind: Happening, actor: Actor, hook: models.Webhook
) -> None:
    account_log.note(
        session, kind, "", real=office.real_now(), actor=actor.username, title=hook.title
    )
