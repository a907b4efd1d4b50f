"""Shapes of leave covers."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.leave_views import LeavePreview, LeaveView
from web.api.schemas.mirror import mirror, page_of
from web.api.schemas.values import Day

Leave = mirror(
    LeaveView,
    "Leave",
    notes={
        "acting": "Name of who really does the work, at the end of the chain of substitutes.",
        "in_hand": "Open tasks of the absent one.",
    },
    choices={"state": ("planned", "running", "over", "ended")},
)
LeavePage = page_of(Leave, "LeavePage")
LeavePreviewSchema = mirror(
    LeavePreview,
    "LeavePreview",
    notes={
        "in_hand": "What the person has in hand, the nearest limit first.",
        "breaching": "Of this, what falls due before the return or is over already.",
        "back_on": "The first working day after the absence.",
        "candidates": "Colleagues of the department, the least loaded first.",
        "problem": "Why it could not be entered like this; null when it could.",
    },
)


class LeaveQuery(Schema):
    """Whose absences."""

    scope = fields.String(load_default="mine", validate=OneOf(("mine", "all")))


class LeavePreviewQuery(Schema):
    """The absence that is thought of; both days included."""

    person = fields.String(metadata={"description": "A username; left out: myself."})
    starts_on = Day(required=True)
    ends_on = Day(required=True)
    substitute = fields.String(load_default=None, validate=Length(1, 200))


class EnterLeave(Schema):
    """An absence; both days included."""

    person = fields.String(metadata={"description": "A username; left out: myself."})
    starts_on = Day(required=True)
    ends_on = Day(required=True)
    substitute = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(1, 200),
        metadata={"description": "A username of the same department; null: nobody stands in."},
    )
    reason = fields.String(load_default="", validate=Length(0, 500))
