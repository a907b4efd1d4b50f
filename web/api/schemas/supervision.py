"""Shapes of what a supervisor sees."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from engine.domain.chart_views import Charts
from engine.domain.event_log import Form
from engine.domain.states import SupervisionState, words_of
from engine.domain.supervision_views import (
    Board,
    HeatMap,
    NoticeView,
    Standing,
    SupervisionNoticeView,
)
from web.api.schemas.mirror import mirror, page_of
from web.api.schemas.values import Day

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
        "whose_days": "Working days since filing by whose they were; they sum up.",
        "supervision_number": "督办单 already issued.",
    },
    choices={"light": ("red", "yellow", "green", "blue", "provisional")},
)
PlacePage = page_of(Place, "PlacePage")
Heat = mirror(
    HeatMap,
    "HeatMap",
    notes={
        "diagrams": "Process id -> BPMN XML.",
        "near": "Share of the limit from which on an element is yellow.",
        "over": "Share of the limit from which on an element is red.",
    },
)
ChartsSchema = mirror(Charts, "Charts")


class PeriodQuery(Schema):
    """Days, both included; by default the last ones until today."""

    since = Day()
    until = Day()


class HeatQuery(PeriodQuery):
    department = fields.String(metadata={"description": "Key of a department."})


class ChartQuery(PeriodQuery):
    procedure = fields.String(metadata={"description": "Key of a procedure."})


class EventLogQuery(ChartQuery):
    """Cases by the day on which they were filed; without days the last 91."""

    form = fields.Enum(Form, by_value=True, metadata={"description": "`ocel` if left out."})
    language = fields.String(
        validate=OneOf(("zh", "en")),
        metadata={"description": "Of the names of activities; `zh` if left out."},
    )


Notice = mirror(
    SupervisionNoticeView,
    "SupervisionNotice",
    notes={"over_days": "Working days over when it was issued."},
    choices={"origin": ("diagram", "breach", "complaint", "order")},
)
WholeNotice = mirror(
    NoticeView,
    "WholeSupervisionNotice",
    notes={
        "lines": "The ledger it rests on, as it stood when it was issued.",
        "task_id": "What is to be done now; null when nothing is, or by others.",
        "step": "answer, answer_again, decide_contest, check_answer or handle.",
    },
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

    task = fields.UUID(required=True, metadata={"description": "The task or wait it is about."})
    ground = fields.String(required=True, validate=Length(1, 2000))
    origin = fields.String(load_default="breach", validate=OneOf(("breach", "complaint", "order")))


class NoticeQuery(Schema):
    """Which notices."""

    state = fields.String(validate=OneOf(("unsettled", *words_of(SupervisionState))))
    unit = fields.String(metadata={"description": "Key of the responsible department."})
    cursor = fields.String(metadata={"description": "Where the last page ended."})
    limit = fields.Integer(load_default=50, validate=Range(1, 200))


class AnswerNotice(Schema):
    """The responsible unit's answer."""

    delay_cause = fields.String(
        required=True,
        validate=OneOf(("workload", "complex", "waiting", "oversight", "system", "other")),
    )
    reply = fields.String(required=True, validate=Length(2, 2000))
    measures = fields.String(required=True, validate=Length(2, 2000))
    finish_by = Day(required=True)


class ContestNotice(Schema):
    """申辩: why the notice is wrong."""

    ground = fields.String(required=True, validate=Length(2, 2000))


class DecideNotice(Schema):
    """What is to be decided now.

    On a contest: accepted, rejected. On an answer: settled, open. Escalated: talk, reassign,
    criticise, none, with `finish_by`.
    """

    finding = fields.String(
        required=True,
        validate=OneOf(
            ("accepted", "rejected", "settled", "open", "talk", "reassign", "criticise", "none")
        ),
    )
    opinion = fields.String(required=True, validate=Length(2, 2000))
    finish_by = Day()
