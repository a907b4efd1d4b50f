"""Shapes of what a supervisor sees."""

from marshmallow import Schema, fields
from marshmallow.validate import Length

from engine.domain.supervision_views import Board, Breach, HeatMap, SupervisionNoticeView
from web.api.schemas.mirror import mirror, page_of

BoardSchema = mirror(
    Board,
    "Board",
    notes={"silent": "Open cases without a next event and a date: must be empty."},
)
LateStep = mirror(
    Breach,
    "Breach",
    notes={
        "over_days": "Working days over the limit.",
        "whose": "Whose time it was.",
        "supervision_number": "督办单 already issued.",
    },
)
BreachPage = page_of(LateStep, "BreachPage")
Heat = mirror(HeatMap, "HeatMap", notes={"diagrams": "Process id -> BPMN XML."})
Notice = mirror(
    SupervisionNoticeView,
    "SupervisionNotice",
    choices={"state": ("open", "answered", "escalated", "lifted", "upheld")},
)
NoticePage = page_of(Notice, "SupervisionNoticePage")


class BreachQuery(Schema):
    """Which breaches."""

    department = fields.String(metadata={"description": "Key of a department."})
    procedure = fields.String(metadata={"description": "Key of a procedure."})


class IssueNotice(Schema):
    """A supervision notice (督办单)."""

    task = fields.UUID(required=True, metadata={"description": "The task that is late."})
    ground = fields.String(required=True, validate=Length(1, 2000))
