"""Shapes of incidents, of their repair, of versions compared and cases migrated."""

from marshmallow import Schema, fields
from marshmallow.validate import Length

from engine.domain.views import (
    FileView,
    IncidentDetail,
    IncidentView,
    MigrationReport,
    MigrationView,
    RepairPlan,
    VersionDiff,
)
from web.api.schemas.mirror import members_of, mirror, page_of, schema_for

NOTES = {
    "number": "What people call it.",
    "kind": "What failed: step, timer, message, job, stray, filing.",
    "act": "The answers, message or arguments that were tried.",
    "attempts": "How often the same failure was met.",
    "story": "What was done about it, oldest first; it stays when the incident is resolved.",
    "resolution": "retried, answered, moved, or passed: the case went on past it.",
}
IncidentInList = mirror(IncidentView, "IncidentInList", notes=NOTES)
IncidentPage = page_of(IncidentInList, "IncidentPage")
_DETAIL = {
    "form": "JSON Schema of the answers that broke the step; empty when there is none.",
    "variables": "Process variables where the case stands.",
    "waits": "Where the case stands.",
    "targets": "Wait id -> where its token could be put.",
    "actions": "What may be done: retry, answer, move.",
}
_REST = members_of(IncidentDetail, notes=_DETAIL)
_REST.pop("incident")
Incident = Schema.from_dict(
    {
        **members_of(IncidentView, within="incident", notes=NOTES),
        **_REST,
    },
    name="Incident",
)
Plan = mirror(
    RepairPlan,
    "RepairPlan",
    notes={
        "is_applied": "False: this is what would be.",
        "lines": "What is closed, opened, armed, disarmed; clocks that move; letters.",
    },
)


class PreviewQuery(Schema):
    """Whether to act or only to show."""

    preview = fields.Boolean(load_default=False)


class Answer(Schema):
    """What is put right before the act is tried again."""

    answers = fields.Dict(
        keys=fields.String(),
        metadata={"description": "All answers of the task, or the message's payload; else kept."},
    )
    variables = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "Process variables to be set before."},
    )
    case_number = fields.String(
        load_default="", metadata={"description": "For a message that fitted no case."}
    )
    reason = fields.String(load_default="", validate=Length(max=2000))


class MoveToken(Schema):
    """From where the case stands to another element."""

    wait_id = fields.UUID(required=True)
    process_id = fields.String(required=True)
    element_id = fields.String(required=True)
    reason = fields.String(load_default="", validate=Length(max=2000))
    alone = fields.Boolean(
        load_default=False,
        metadata={"description": "Whether all else at work in that process is cancelled."},
    )


# ── versions ────────────────────────────────────────────────────────────────────────────────────

FilePage = page_of(schema_for(FileView), "VersionFilePage")
Diff = mirror(VersionDiff, "VersionDiff")
Report = mirror(
    MigrationReport,
    "MigrationReport",
    notes={
        "counts": "Verdict (fits, loses, needs_mapping, breaks) -> cases.",
        "unmatched": "Elements at which cases stand and that the other version does not draw.",
    },
)
Migration = mirror(
    MigrationView,
    "Migration",
    notes={"counts": "State (waiting, migrated, left, undone) -> cases."},
)
MigrationPage = page_of(Migration, "MigrationPage")


class DiffQuery(Schema):
    """With which version."""

    to = fields.UUID(required=True, metadata={"description": "Id of the other version."})


class MigrationWanted(Schema):
    """Onto which version, and how."""

    target = fields.UUID(required=True, metadata={"description": "Id of the version."})
    mapping = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        load_default=dict,
        metadata={"description": "Old element id (or process:element) -> new element id."},
    )


class MigrationOrder(MigrationWanted):
    """What is to be carried out."""

    reason = fields.String(required=True, validate=Length(1, 2000))
    accepts_losses = fields.Boolean(
        load_default=False,
        metadata={"description": "Whether cases that lose a timer or an answer go as well."},
    )


class UndoOrder(Schema):
    """Which cases go back."""

    cases = fields.List(fields.String(), required=True, validate=Length(1, 1000))
    reason = fields.String(required=True, validate=Length(1, 2000))


class Undone(Schema):
    """Case number -> `undone`, or why not."""

    cases = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
