"""Shapes of what a supervisor sees."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from engine.domain.supervision_views import Board, HeatMap, Standing, SupervisionNoticeView
from web.api.schemas.mirror import mirror, page_of

BoardSchema = mirror(
    Board,
    "Board",
    notes={"silent": "Open cases without a next event and a date: must be empty."},
)
Place = mirror(
    Standing,
    "Standing",
    notes={
        "holder": "Key of the department, else of the group or the body outside.",
        "over_days": "Working days over the limit.",
        "over_since": "When the limit ended; null where it has not.",
        "cause": "Why it is late: what was late before, and what is now.",
        "whose": "Whose time runs now.",
        "whose_days": "Working days since receipt by whose they were; they sum up.",
        "supervision_number": "督办单 already issued.",
    },
    choices={"light": ("red", "yellow", "green", "blue", "provisional")},
)
PlacePage = page_of(Place, "PlacePage")
Heat = mirror(HeatMap, "HeatMap", notes={"diagrams": "Process id -> BPMN XML."})
Notice = mirror(
    SupervisionNoticeView,
    "SupervisionNotice",
    choices={"state": ("open", "answered", "escalated", "lifted", "upheld")},
)
NoticePage = page_of(Notice, "SupervisionNoticePage")


class BoardQuery(Schema):
    """What the board's rows are."""

    by = fields.String(validate=OneOf(("department", "procedure", "step", "person")))


class BreachQuery(Schema):
    """Which places."""

    department = fields.String(metadata={"description": "Key of a department, group or body."})
    procedure = fields.String(metadata={"description": "Key of a procedure."})
    step = fields.String(metadata={"description": "process:element"})
    person = fields.String(metadata={"description": "A username; - for what nobody has claimed."})
    stage = fields.String(metadata={"description": "Statutory stage of the case."})
    age = fields.String(metadata={"description": "Working days since receipt: 4-7, 21-."})
    whose = fields.String(metadata={"description": "Whose time runs."})
    cursor = fields.String(metadata={"description": "Where the last page ended."})
    limit = fields.Integer(load_default=50, validate=Range(1, 200))


class PlaceQuery(BreachQuery):
    """Which places, of any light."""

    light = fields.String(validate=OneOf(("red", "yellow", "green", "blue", "provisional")))
    due = fields.String(validate=OneOf(("today",)))


class IssueNotice(Schema):
    """A supervision notice (督办单)."""

    task = fields.UUID(required=True, metadata={"description": "The task that is late."})
    ground = fields.String(required=True, validate=Length(1, 2000))
