"""Shapes of what is done to clocks by hand: pauses, extensions, corrections, parameters."""

from marshmallow import Schema, fields
from marshmallow.validate import Length

from engine.domain.views import ClockChoices, ParameterView
from web.api.schemas.mirror import mirror, page_of
from web.api.schemas.values import Day

REASON = Length(1, 2000)

Choices = mirror(ClockChoices, "ClockChoices")
Parameter = mirror(
    ParameterView,
    "Parameter",
    notes={
        "scope": "Where it stands: empty for the whole office, a procedure, or procedure:edition.",
        "usual": "What stands where nothing is set.",
        "value": "What is set; null where nothing is.",
    },
)
ParameterPage = page_of(Parameter, "ParameterPage")


class PauseClock(Schema):
    """中止计时."""

    ground = fields.String(
        required=True, metadata={"description": "A lawful ground, of GET /cases/{number}/pauses."}
    )
    reason = fields.String(required=True, validate=REASON)
    expected_on = Day(
        required=True,
        metadata={"description": "The last day of the pause, as the applicant is told."},
    )


class ResumeClock(Schema):
    """恢复计时."""

    reason = fields.String(required=True, validate=REASON)
    ground = fields.String(
        load_default="", metadata={"description": "Which pause ends; else the last that began."}
    )


class AskForExtension(Schema):
    """延长办理时限."""

    amount = fields.Integer(required=True, metadata={"description": "Days, up to the cap."})
    reason = fields.String(required=True, validate=REASON)


class Asked(Schema):
    """A request for an extension."""

    id = fields.UUID(required=True)


class DecideExtension(Schema):
    """A leader's decision on a request."""

    approved = fields.Boolean(required=True)
    opinion = fields.String(required=True, validate=REASON)


class CorrectEntry(Schema):
    """Which line of the ledger was a mistake, and why."""

    sequence = fields.Integer(required=True)
    reason = fields.String(required=True, validate=REASON)


class AllowCorrection(Schema):
    """Why a second correction request is allowed."""

    ground = fields.String(required=True, validate=REASON)


class SetParameter(Schema):
    """A value and what it rests on."""

    scope = fields.String(load_default="")
    value = fields.String(required=True, metadata={"description": "Empty takes it back."})
    basis = fields.String(required=True, validate=REASON)
