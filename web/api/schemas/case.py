"""Shapes of cases, their clocks, history and diagrams."""

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.clock import ClockEntry, Light
from engine.domain.views import (
    CaseRow,
    CaseView,
    ClockView,
    DiagramView,
    EventView,
    Filed,
    StageView,
    TrackView,
    WaitingCard,
)
from web.api.schemas.listing import KeysetQuery
from web.api.schemas.mirror import members_of, mirror, page_of
from web.api.schemas.values import DaysByWhose

LIGHTS = tuple(light.value for light in Light)

Milestone = mirror(
    StageView,
    "Milestone",
    notes={"key": "The statutory stage: 收件, 补正, 受理, 审查, 决定 or 送达/同步."},
)
Waiting = mirror(
    WaitingCard,
    "Waiting",
    notes={
        "sentence": "Who has the case, since when, for what, until when, whose time is running.",
        "until": "By when; null where no term runs.",
        "whose": "Whose time is running.",
        "task_id": "The task that is waited for; null when no task of the office is.",
    },
)
LedgerEntry = mirror(
    ClockEntry, "LedgerEntry", notes={"effective_at": "From when it counts, which may lie back."}
)
Clock = mirror(ClockView, "Clock", notes={"reading": "What the law's count gives on this day."})
CaseInList = mirror(
    CaseRow,
    "CaseInList",
    notes={
        "holder": "Which department or party has it now.",
        "days_left": "Working days until the due day; 0 is today, less is over.",
        "provisional": "Whether it is due in a year whose holidays are not announced: the date may move.",
    },
)
Case = mirror(
    CaseView,
    "Case",
    rename={"stages": "milestones"},
    choices={"channel": ("web", "window", "credit_china")},
    instead={
        "whose_days": DaysByWhose(
            keys=fields.String(),
            values=fields.Float(),
            required=True,
            metadata={"description": "Working days since filing by whose they were; they sum up."},
        )
    },
    notes={
        "query_code": "With the number it lets anybody follow the case without an account.",
        "outcome": "How it ended; null while it is open.",
        "decide_by": "The decision at the latest.",
        "waiting": "Every place the case waits at, the main one first; empty when closed.",
        "clocks": "The first is the one shown as the clock strip.",
        "tasks": "Open and done, oldest first.",
        "answers": "The application as it was filed.",
        "actions": "What the reader may do with the case now.",
        "follow_ups": "What the reader may begin on the closed case, each with its form.",
        "contact": "Whom to ask about it, as its letters say.",
        "follow_up": "For what the closed case was taken up again; null when it was not.",
        "followed_up": "What followed on the closed case last, and when it ended.",
    },
)
Event = mirror(EventView, "Event", notes={"hash": "Chained over this entry and the one before."})
Track = mirror(TrackView, "Track", rename={"stages": "milestones"})
FiledCase = mirror(
    Filed,
    "FiledCase",
    notes={"counted_from": "The day on which it counts as received."},
)

CasePage = page_of(CaseInList, "CasePage")
EventPage = page_of(Event, "EventPage")
ClockPage = page_of(Clock, "ClockPage")
DIAGRAM_NOTES = {
    "xml": "BPMN 2.0 with its drawing.",
    "elements": "Element id -> done, active, late or cancelled; what is missing was not reached.",
}
Diagram = mirror(DiagramView, "ProcessDiagram", notes=DIAGRAM_NOTES)
DiagramPage = page_of(Diagram, "ProcessDiagramPage")
CaseDiagram = Schema.from_dict(
    {
        **members_of(DiagramView, within="current", notes=DIAGRAM_NOTES),
        "others": fields.List(fields.Nested(Diagram), required=True),
    },
    name="CaseDiagram",
)


class CaseQuery(KeysetQuery):
    """Which cases."""

    state = fields.String(validate=OneOf(["open", "closed"]))
    procedure = fields.String(metadata={"description": "Key of a procedure."})
    light = fields.String(validate=OneOf(LIGHTS))
    q = fields.String(metadata={"description": "Number, name or code."})


class FileCase(Schema):
    """An application."""

    procedure = fields.String(required=True, metadata={"description": "Key of the procedure."})
    subject = fields.String(
        required=True, metadata={"description": "统一社会信用代码 of whom the case is about."}
    )
    records = fields.List(
        fields.UUID(), load_default=list, metadata={"description": "Records it concerns."}
    )
    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "As `GET /procedures/{key}/form` asks for them.",
            "example": {"representative": "legal_representative", "handler_name": "陈一苇"},
        },
    )


class WithdrawCase(Schema):
    """Why an application is taken back."""

    reason = fields.String(required=True, validate=Length(1, 2000))


class BeginFollowUp(Schema):
    """The form of the follow-up."""

    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "As the form of the follow-up asks for them."},
    )


class TrackQuery(Schema):
    """The code on the receipt."""

    code = fields.String(required=True)


class RateByCode(TrackQuery):
    """A rating, by who holds the receipt."""

    rating = fields.String(
        required=True,
        validate=OneOf(
            (
                *("very_satisfied", "satisfied", "fairly_satisfied"),
                *("dissatisfied", "very_dissatisfied"),
            )
        ),
    )
    comment = fields.String(validate=Length(0, 1000))


class Message(Schema):
    """What the outside body says; its members are the process's to read."""

    class Meta:
        unknown = INCLUDE
