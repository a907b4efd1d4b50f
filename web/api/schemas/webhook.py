"""Shapes of webhooks."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.webhook import DeliveryView, WebhookEvent, WebhookView
from web.api.schemas.mirror import mirror, page_of

#: What may be subscribed to.
_OFFERED = tuple(each.value for each in WebhookEvent if each is not WebhookEvent.TEST)

Webhook = mirror(
    WebhookView,
    "Webhook",
    notes={
        "failures": "Messages in a row that never arrived; after five it is disabled.",
        "disabled_why": "Null while it is enabled, or when somebody disabled it.",
        "old_secret_until": "Until then messages are signed with the secret before as well.",
        "waiting": "Messages that are still to be sent.",
    },
)
WebhookPage = page_of(Webhook, "WebhookPage")
Delivery = mirror(
    DeliveryView,
    "WebhookDelivery",
    notes={
        "id": "The `webhook-id` that the receiver is sent, the same each time.",
        "status": "HTTP status of the last answer; 0 when none came.",
        "told": "How the last attempt went.",
    },
)
DeliveryPage = page_of(Delivery, "WebhookDeliveryPage")


class TellWebhook(Schema):
    """Where messages go, and about what."""

    title = fields.String(required=True, validate=Length(1, 60))
    url = fields.Url(
        required=True,
        schemes={"https", "http"},
        require_tld=False,
        validate=Length(1, 2000),
        metadata={"description": "https, and public unless the installation allows it."},
    )
    events = fields.List(
        fields.String(validate=OneOf(_OFFERED)), required=True, validate=Length(1, len(_OFFERED))
    )


class Secret(Schema):
    """Shown now and never again; messages are signed with it (Standard Webhooks)."""

    secret = fields.String(required=True)


class MadeWebhook(Secret):
    """The new webhook with its secret."""

    id = fields.UUID(required=True)
