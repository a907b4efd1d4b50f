"""Shapes of tasks and of the inbox."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.views import CaseView, Completed, InboxCounts, NoticeInHand, TaskView
from web.api.schemas.case import LIGHTS
from web.api.schemas.listing import KeysetQuery
from web.api.schemas.mirror import members_of, mirror, page_of, schema_for
from web.api.schemas.values import Moment, Pairs, WordsField

NOTES = {
    "case_title": "Name of whom the case is about.",
    "line": "A line of case data.",
    "why": "Why the task stands where it stands in the inbox.",
    "assignee": "Who holds it; null while anybody of the group may claim it.",
    "due_at": "By when the step should be done.",
    "days_left": "Working days until the step's due day; 0 is today, less is over.",
    "provisional": "Whether it is due in a year whose holidays are not announced: the date may move.",
    "whose": "Whose time is running.",
    "reason_not": "Why the reader may not take it.",
    "version": "Send it with `complete` to be refused if somebody changed the task meanwhile.",
}

Task = mirror(TaskView, "Task", notes=NOTES)
Inbox = page_of(Task, "Inbox")
Counts = mirror(InboxCounts, "InboxCounts")
CompletedTask = mirror(
    Completed,
    "CompletedTask",
    notes={"next_task_id": "The reader's next task; null when the inbox is empty."},
)


class Fact(Schema):
    """What the system checked for this step."""

    label = WordsField(required=True)
    value = WordsField(required=True)


class TaskDetailExtras(Schema):
    """What the page of a task adds to the task of the inbox."""

    form = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "JSON Schema of the answers."}
    )
    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "The draft; of a completed task, what was answered."},
    )
    draft_saved_at = Moment(required=True, allow_none=True)
    facts = Pairs(Fact, required=True)
    notice = fields.Nested(
        schema_for(NoticeInHand),
        required=True,
        allow_none=True,
        metadata={"description": "In a supervision: the notice it is about."},
    )
    case = fields.Nested(schema_for(CaseView), required=True)


TaskDetail = TaskDetailExtras.from_dict(
    members_of(TaskView, within="task", notes=NOTES), name="TaskDetail"
)


class TaskQuery(KeysetQuery):
    """Which tasks."""

    scope = fields.String(
        load_default="mine",
        validate=OneOf(["mine", "group", "all", "done", "upcoming"]),
        metadata={"description": "Held by me, offered to my groups, both, done by me, to come."},
    )
    procedure = fields.String(metadata={"description": "Key of a procedure."})
    light = fields.String(validate=OneOf(LIGHTS))
    q = fields.String(metadata={"description": "Number, name or code."})
    sort = fields.String(load_default="slack", metadata={"description": "Least time left first."})


class Answers(Schema):
    """Answers to the form of a task."""

    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "As `GET /tasks/{task_id}/form` asks for them.",
            "example": {"acceptance": "accept"},
        },
    )


class CompleteTask(Answers):
    """Answers that finish a task."""

    version = fields.Integer(
        allow_none=True,
        metadata={"description": "The version that was read; 409 if it is another by now."},
    )


class HandOver(Schema):
    """To whom a task goes, and why."""

    to = fields.String(required=True, metadata={"description": "Username."})
    reason = fields.String(validate=Length(max=2000))


class DraftSaved(Schema):
    """When the draft was kept."""

    saved_at = Moment(required=True)
