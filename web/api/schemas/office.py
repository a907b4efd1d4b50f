"""Shapes of the office itself: people, departments, procedures, calendars, jobs, incidents."""

from typing import Any

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import Length

from engine.domain.calendar import CalendarDay
from engine.domain.views import DepartmentView, IncidentView, JobView, PersonView, ProcedureView
from web.api.schemas.mirror import mirror, page_of, schema_for
from web.api.schemas.values import Moment

PersonPage = page_of(schema_for(PersonView), "PersonPage")
DepartmentPage = page_of(schema_for(DepartmentView), "DepartmentPage")
Procedure = mirror(
    ProcedureView,
    "Procedure",
    notes={
        "basis": "The articles it rests on.",
        "promised_days": "Promised limit in working days.",
        "is_open": "Whether a case can be filed today.",
    },
)
ProcedurePage = page_of(Procedure, "ProcedurePage")
JobPage = page_of(schema_for(JobView), "JobPage")
IncidentPage = page_of(schema_for(IncidentView), "IncidentPage")
CalendarPage = page_of(schema_for(CalendarDay), "CalendarPage")


class FormSchema(Schema):
    """A JSON Schema, handed on as it is."""

    class Meta:
        unknown = INCLUDE

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        return obj


class Credentials(Schema):
    """Who asks for a token."""

    username = fields.String(required=True, validate=Length(1, 200))
    password = fields.String(
        required=True, validate=Length(1, 1000), metadata={"format": "password"}
    )


class IssuedToken(Schema):
    """A bearer token; it is shown this once."""

    token = fields.String(required=True)
    expires_at = Moment(required=True)


class Me(Schema):
    """Who I am to the office."""

    username = fields.String(required=True)
    name = fields.String(required=True)
    department = fields.String(required=True, allow_none=True)
    groups = fields.List(fields.String(), required=True)
    subject = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "统一社会信用代码 of the enterprise I act for."},
    )
    permissions = fields.List(fields.String(), required=True)


class SetClock(Schema):
    """Where the clock of a training installation shall stand."""

    now = Moment(required=True)


class SandboxClock(Schema):
    """The clock of a training installation."""

    enabled = fields.Boolean(required=True)
    now = Moment(required=True)
