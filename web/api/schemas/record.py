"""Shapes of credit records, their import and their eligibility."""

from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from engine.domain.listing import DEFAULT_FIELDS
from engine.domain.record import Grade, Publication
from engine.domain.record_kind import RecordKind
from engine.domain.sheet_columns import Required
from engine.domain.views import (
    EligibilityView,
    ImportLine,
    ImportReport,
    PublicEligibility,
    RecordEventView,
    RecordView,
)
from web.api.schemas.listing import KeysetQuery
from web.api.schemas.mirror import members_of, mirror, page_of, schema_for
from web.api.schemas.values import Pairs, WordsField

NOTES = {
    "kind": "penalty, court_default (法院失信被执行人) or default_event (待上报失信信息).",
    "number": "处罚决定书文号, 执行案号 or 信息编号, as printed.",
    "fine": "In 万元.",
    "earliest_on": "The first day on which it may be repaired; null for never.",
    "ends_on": "The last day on which it may be shown.",
    "deferred_until": "Last day of a hold or deferral of its report.",
    "open_case": "Number of the case that acts on it now.",
    "eligibility": "Set in answers of `GET /eligibility`.",
}
KINDS = tuple(kind.value for kind in RecordKind)
CHOICES = {"grade": tuple(each.value for each in Grade), "kind": KINDS}
OUTCOMES = (
    *("eligible", "not_yet", "never", "not_shown", "other_kind", "elsewhere"),
    *("objection_first", "repair_pending", "objection_pending", "expired"),
    *("pending", "not_open"),
)


class Detail(Schema):
    """A further field of its kind, as it was reported."""

    title = WordsField(required=True)
    text = fields.String(required=True)


#: Whose pending list it is: the department of who enters it, unless they say otherwise.
DEPARTMENT = ("DS_DW", "DS_DWDM")
INSTEAD = {"details": Pairs(Detail, required=True)}
WITHIN = {"details": Pairs(Detail, required=True, attribute="record.details")}

Eligibility = mirror(
    EligibilityView,
    "Eligibility",
    choices={"outcome": OUTCOMES},
    notes={
        "earliest_on": "The first day on which an application can succeed.",
        "rule": "The row of the decision table that decided, e.g. A-01.",
        "article": "The article that the row rests on.",
        "missing": "Papers still to bring.",
        "routes": "Other ways.",
    },
)
Record = mirror(RecordView, "Record", notes=NOTES, choices=CHOICES, instead=INSTEAD)
RecordPage = page_of(Record, "RecordPage")


class LineProblem(Schema):
    """What was wrong with one field of the line."""

    field = fields.String(required=True)
    sentence = WordsField(required=True)


Line = mirror(
    ImportLine,
    "ImportLine",
    choices={"outcome": ("taken", "known", "refused")},
    notes={"known": "It was there already: nothing was added."},
    instead={"problems": Pairs(LineProblem, required=True)},
)
Report = mirror(ImportReport, "ImportReport", choices={"kind": KINDS})
ReportPage = page_of(Report, "ImportReportPage")


class RecordHistory(Schema):
    """What the page of a record adds."""

    history = fields.List(fields.Nested(schema_for(RecordEventView)), required=True)


RecordDetail = RecordHistory.from_dict(
    members_of(RecordView, within="record", notes=NOTES, choices=CHOICES, instead=WITHIN),
    name="RecordDetail",
)


class RecordQuery(KeysetQuery):
    """Which records."""

    subject = fields.String(metadata={"description": "统一社会信用代码."})
    q = fields.String(metadata={"description": "Name, code or number."})
    kind = fields.String(validate=OneOf(KINDS))
    publication = fields.String(validate=OneOf([each.value for each in Publication]))
    grade = fields.String(validate=OneOf(CHOICES["grade"]))


class PublishedQuery(KeysetQuery):
    """Which of the records that are shown to the public."""

    q = fields.String(load_default="", metadata={"description": "Name, code or number."})


class EligibilityQuery(Schema):
    """Whose records, and repaired by which procedure."""

    subject = fields.String(required=True, metadata={"description": "统一社会信用代码."})
    procedure = fields.String(load_default="credit_repair")


class PublicEligibilityQuery(Schema):
    """Which decision."""

    number = fields.String(required=True, metadata={"description": "行政处罚决定书文号."})


PublicAnswer = mirror(
    PublicEligibility,
    "PublicEligibility",
    notes={"told": "Under the edition in force on the day; whether a repair is open is not told."},
)


class ImportFile(Schema):
    """A file of records of one kind: 双公示, the court's list, a department's pending list."""

    kind = fields.String(load_default="penalty", validate=OneOf(KINDS))

    file = Upload(
        required=True,
        metadata={"description": "CSV (UTF-8, with or without mark, or GB18030) or XLSX."},
    )


DefaultEvent = Schema.from_dict(
    {
        field.code: fields.String(
            metadata={"description": f"{field.name} ({field.english})"},
            required=field.required is Required.ALWAYS and field.code not in DEPARTMENT,
        )
        for field in DEFAULT_FIELDS
    },
    name="DefaultEvent",
)


class Entered(Schema):
    """The default that was entered."""

    id = fields.UUID(required=True)
