"""Shapes of the office itself: people, departments, procedures, calendars, jobs, incidents."""

from typing import Any

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range

from engine.domain.calendar import CalendarDay
from engine.domain.calendar_views import CalendarChangeView, CaseMoved, ChangePreview
from engine.domain.views import DepartmentView, JobView, PersonView, ProcedureView
from web.api.schemas.mirror import mirror, page_of, schema_for
from web.api.schemas.values import Day, Moment

PersonPage = page_of(schema_for(PersonView), "PersonPage")
DepartmentPage = page_of(schema_for(DepartmentView), "DepartmentPage")
Procedure = mirror(
    ProcedureView,
    "Procedure",
    notes={
        "basis": "The articles it rests on.",
        "promised_days": "Promised limit in working days.",
        "is_open": "Whether an edition is in force today.",
        "closed": "Why nothing may be filed today all the same: no emergency response is in force.",
    },
)
ProcedurePage = page_of(Procedure, "ProcedurePage")
JobPage = page_of(schema_for(JobView), "JobPage")
CalendarPage = page_of(schema_for(CalendarDay), "CalendarPage")


CalendarChange = mirror(
    CalendarChangeView,
    "CalendarChange",
    notes={
        "edition": "Which edition of the calendar it made; null until it is approved.",
        "remaining": "Running instances that it has not reached yet.",
        "why_not": "Why you may not decide; null when you may, or when it is decided.",
    },
)
CalendarChangePage = page_of(CalendarChange, "CalendarChangePage")
CaseMovedPage = page_of(schema_for(CaseMoved), "CaseMovedPage")


class MovedQuery(Schema):
    """Which part of the list."""

    cursor = fields.String(metadata={"description": "Where the last page ended."})
    limit = fields.Integer(load_default=50, validate=Range(1, 200))


class CalendarRequest(Schema):
    """A wish to change the calendar: prose of a notice, a CSV, or one more day off."""

    source = fields.String(required=True, validate=OneOf(("notice", "file", "day")))
    text = fields.String(metadata={"description": "The notice, or the CSV."})
    on = Day(metadata={"description": "Of `day`: the day off."})
    name = fields.String(validate=Length(1, 40))
    document = fields.String(validate=Length(0, 200))
    reason = fields.String(validate=Length(0, 500))
    tells_by_letter = fields.Boolean()
    acknowledged = fields.Boolean(
        metadata={"description": "I have read the clauses that were not understood."}
    )


class PreviewQuery(Schema):
    """Whether only to look."""

    preview = fields.Boolean(metadata={"description": "true: nothing is stored."})


class CalendarAnswer(Schema):
    """What a change would do, and the proposal that now waits for a second person."""

    preview = fields.Nested(schema_for(ChangePreview), required=True)
    change = fields.Nested(CalendarChange, required=True, allow_none=True)


class Note(Schema):
    """A remark on a decision."""

    note = fields.String(load_default="", validate=Length(0, 500))


class Reason(Schema):
    """Why."""

    reason = fields.String(required=True, validate=Length(1, 500))


class FormSchema(Schema):
    """A JSON Schema, handed on as it is."""

    class Meta:
        unknown = INCLUDE

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        return obj


class SetClock(Schema):
    """Where the clock of a training installation shall stand."""

    now = Moment(required=True)


class SandboxClock(Schema):
    """The clock of a training installation."""

    enabled = fields.Boolean(required=True)
    now = Moment(required=True)
