"""Shapes of reports to the upper platform and of what other sites owe."""

from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.views import (
    DeferralRow,
    LateUnit,
    ObligationRow,
    ObligationView,
    RecordFile,
    ReportRow,
)
from engine.services.deferral_register import SHOWS as DEFERRAL_SHOWS
from engine.services.obligation_rows import Channel, Finding
from engine.services.report_lists import SHOWS as REPORT_SHOWS
from engine.services.site_lists import SHOWS as SITE_SHOWS
from engine.services.site_work import BY_HAND
from web.api.schemas.listing import KeysetQuery
from web.api.schemas.mirror import mirror, page_of
from web.api.schemas.values import Day

Report = mirror(
    ReportRow,
    "ReportToPlatform",
    notes={
        "late_by": "Working days after the end; 0 when in time.",
        "whose": "department: it came too late to be reported in time; office: the centre's delay.",
        "hold": "Why it waits although it could be sent.",
        "cause": "Why the upper platform refused it.",
    },
)
ReportToPlatformPage = page_of(Report, "ReportToPlatformPage")
Unit = mirror(
    LateUnit,
    "LateDepartment",
    notes={
        "over": "Not reported yet, and over.",
        "by_unit": "Of late and over: sent by the department after the end.",
        "running": "Not reported yet, still in time.",
    },
)
LatePage = page_of(Unit, "LateDepartmentPage")
Obligation = mirror(
    ObligationRow,
    "Obligation",
    notes={
        "number": "Of the record's document.",
        "duty": "remove, put_back or correct.",
        "recheck_at": "When it is to be looked at again.",
        "contests": "Open words of the enterprise that it is not done.",
    },
)
ObligationPage = page_of(Obligation, "ObligationPage")
WholeObligation = mirror(
    ObligationView,
    "WholeObligation",
    notes={
        "actions": "What I may do now.",
        "version": "Sent back with an act, it must be current.",
    },
)
File = mirror(RecordFile, "RecordFile")
Deferral = mirror(
    DeferralRow,
    "Deferral",
    notes={
        "number": "Of the decision.",
        "first_until": "As first granted; `until` is as it is now.",
        "days_left": "Calendar days until its last day; null when it is over.",
    },
)
DeferralPage = page_of(Deferral, "DeferralPage")


class ReportQuery(KeysetQuery):
    """Which reports."""

    show = fields.String(load_default="waiting", validate=OneOf(REPORT_SHOWS))
    unit = fields.String(metadata={"description": "Key of the department, or its own code."})


class DeferralQuery(KeysetQuery):
    """Which deferrals; `ending`: within 30 days."""

    show = fields.String(load_default="running", validate=OneOf(DEFERRAL_SHOWS))
    q = fields.String(metadata={"description": "Name, code or a number."})


class LateQuery(Schema):
    """Of penalties decided in which span."""

    since = Day()
    until = Day()


class PutRight(Schema):
    """What is corrected on a refused line, and why."""

    changes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    reason = fields.String(required=True, validate=Length(1, 200))


class LineAnswered(Schema):
    """The answer to one line."""

    line = fields.String(required=True)
    accepted = fields.Boolean(required=True)
    cause = fields.String(load_default="")


class NoticeAnswered(Schema):
    """The upper platform's answer to a notice, line by line."""

    lines = fields.List(fields.Nested(LineAnswered), required=True, validate=Length(1, 1000))


class Taken(Schema):
    """How many of the lines were news."""

    taken = fields.Integer(required=True)


class ObligationQuery(KeysetQuery):
    """Which obligations."""

    show = fields.String(load_default="to_do", validate=OneOf(SITE_SHOWS))
    site = fields.String(metadata={"description": "Key of the site."})
    q = fields.String(metadata={"description": "Name, code or number."})


class ActOnSite(Schema):
    """An act, with its proof."""

    act = fields.String(required=True, validate=OneOf([each.value for each in BY_HAND]))
    channel = fields.String(load_default="", validate=OneOf(["", *(e.value for e in Channel)]))
    note = fields.String(load_default="", validate=Length(max=2000))
    link = fields.String(load_default="", validate=Length(max=500))
    version = fields.Integer(load_default=None, allow_none=True)
    proof = Upload(metadata={"description": "PDF or image."})


class SayStillShown(Schema):
    """Where the record is still shown: a link, a picture, or both."""

    site = fields.String(required=True, metadata={"description": "Key of the site."})
    link = fields.String(load_default="", validate=Length(max=500))
    note = fields.String(load_default="", validate=Length(max=2000))
    proof = Upload(metadata={"description": "PDF or image."})


class Said(Schema):
    """The number of the word, and the record that it is about."""

    id = fields.UUID(required=True)
    record = fields.UUID(required=True)


class AnswerWord(Schema):
    """What was found, and the answer."""

    finding = fields.String(required=True, validate=OneOf([each.value for each in Finding]))
    answer = fields.String(required=True, validate=Length(1, 2000))
