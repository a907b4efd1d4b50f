"""Shapes of emergency responses and of the acts that begin, change and end them."""

from marshmallow import Schema, fields
from marshmallow.validate import Length

from engine.domain.emergency import Act, EmergencyKind, Level
from engine.domain.emergency_views import EmergencyEntryView, EmergencyView
from web.api.schemas.mirror import mirror, page_of
from web.api.schemas.values import Day

EmergencyAct = mirror(
    EmergencyEntryView,
    "EmergencyAct",
    notes={
        "on": "First day of the response or level; of an end, the last day of the response.",
        "document": "What the act rests on.",
        "state": "proposed, confirmed or rejected.",
    },
)
Emergency = mirror(
    EmergencyView,
    "Emergency",
    notes={
        "ends_on": "The last day; null while no end is known.",
        "state": "proposed, rejected, coming, in_force or ended, as of today.",
        "level": "The level today; null when the response is not in force.",
        "entries": "Its acts, the newest first; empty for those who do not administer the office.",
    },
)
EmergencyPage = page_of(Emergency, "EmergencyPage")


class ProposeAct(Schema):
    """One act, for a second person to confirm."""

    act = fields.Enum(Act, by_value=True, required=True)
    on = Day(required=True)
    document = fields.String(required=True, validate=Length(1, 200))
    reason = fields.String(required=True, validate=Length(1, 2000))
    level = fields.Enum(Level, by_value=True, load_default=None, allow_none=True)
    emergency_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The response; not with `declare`."},
    )
    kind = fields.Enum(EmergencyKind, by_value=True, load_default=EmergencyKind.PUBLIC_HEALTH)
    title = fields.String(load_default="", validate=Length(0, 200))


class Proposed(Schema):
    """The act that waits."""

    id = fields.UUID(required=True)


class DecideAct(Schema):
    """What the second person says."""

    confirmed = fields.Boolean(required=True)
    note = fields.String(load_default="", validate=Length(0, 2000))
