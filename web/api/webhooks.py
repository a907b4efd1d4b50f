"""Webhooks: where messages go, what was sent, and sending it again."""

from uuid import UUID

from engine.domain.views import Page
from engine.domain.webhook import DeliveryView, WebhookView
from engine.services import webhooks
from engine.services.webhooks import Told
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.webhook import (
    DeliveryPage,
    MadeWebhook,
    Secret,
    TellWebhook,
    Webhook,
    WebhookPage,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("webhooks", "Messages to programs elsewhere, signed and tried again")
ONE = "/webhooks/<uuid:webhook_id>"


@noun.call(Call("GET", "/webhooks", answer=WebhookPage))
def index() -> Page[WebhookView]:
    """Every webhook with what waits and what failed"""
    return Page(webhooks.listed(current_office(), current_actor()))


@noun.call(
    Call(
        "POST",
        "/webhooks",
        body=TellWebhook,
        answer=MadeWebhook,
        status=201,
        at="/api/v1/webhooks/{id}",
        keyed=True,
        told_once=frozenset({"secret"}),
    )
)
def add(body: Body) -> dict[str, object]:
    """A new webhook; its secret is shown now and never again

    Sent again under its Idempotency-Key it is the same webhook, and `secret` is empty.
    """
    made, secret = webhooks.add(current_office(), current_actor(), _told(body))
    return {"id": made, "secret": secret}


@noun.call(Call("GET", ONE, answer=Webhook, refuses=(404,)))
def show(webhook_id: UUID) -> WebhookView:
    """One webhook"""
    return webhooks.get(current_office(), current_actor(), webhook_id)[0]


@noun.call(Call("PUT", ONE, body=TellWebhook, refuses=(404,)))
def change(body: Body, webhook_id: UUID) -> None:
    """Another address, title or choice of events"""
    webhooks.change(current_office(), current_actor(), webhook_id, _told(body))


@noun.call(Call("POST", f"{ONE}/secret", answer=Secret, refuses=(404,)))
def rotate(webhook_id: UUID) -> dict[str, str]:
    """A new secret; for a day messages are signed with the old one too"""
    return {"secret": webhooks.rotate(current_office(), current_actor(), webhook_id)}


@noun.call(Call("POST", f"{ONE}/disable", refuses=(404,)))
def disable(webhook_id: UUID) -> None:
    """Nothing is sent there any more"""
    webhooks.enable(current_office(), current_actor(), webhook_id, is_enabled=False)


@noun.call(Call("POST", f"{ONE}/enable", refuses=(404,)))
def enable(webhook_id: UUID) -> None:
    """Messages are sent from now on; what was missed is sent by hand"""
    webhooks.enable(current_office(), current_actor(), webhook_id, is_enabled=True)


@noun.call(Call("POST", f"{ONE}/test", refuses=(404, 409)))
def test(webhook_id: UUID) -> None:
    """Send a message that says nothing but that it is a test"""
    webhooks.test(current_office(), current_actor(), webhook_id)


@noun.call(Call("GET", f"{ONE}/deliveries", answer=DeliveryPage, refuses=(404,)))
def deliveries(webhook_id: UUID) -> Page[DeliveryView]:
    """The newest hundred messages to it: what became of each, and what was answered"""
    return Page(webhooks.get(current_office(), current_actor(), webhook_id)[1])


@noun.call(
    Call("POST", f"{ONE}/deliveries/<uuid:delivery_id>/resend", status=204, refuses=(404, 409))
)
def resend(webhook_id: UUID, delivery_id: UUID) -> None:
    """Send a message once more under the id it had: a receiver that has it knows it"""
    webhooks.redeliver(current_office(), current_actor(), webhook_id, delivery_id)


def _told(body: Body) -> Told:
    return Told(body["title"], body["url"], tuple(body["events"]))
