"""The one shape of every refusal (RFC 9457)."""

from marshmallow import Schema, fields


class ProblemSchema(Schema):
    """application/problem+json."""

    type = fields.String(
        required=True,
        metadata={
            "description": "Which refusal it is, for programs.",
            "examples": ["/problems/task-already-claimed"],
        },
    )
    title = fields.String(required=True)
    status = fields.Integer(required=True, metadata={"description": "The HTTP status again."})
    detail = fields.String(
        required=True,
        metadata={"description": "A sentence for people, in the language of Accept-Language."},
    )
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        data_key="fields",
        metadata={"description": "What was wrong with which member: its name and a sentence."},
    )
    incident = fields.String(
        metadata={"description": "Under which number an administrator looks after it."}
    )
    report = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "What the gate found in a folder that may not be deployed: the same as "
            "`kunxin check --json` prints."
        },
    )
