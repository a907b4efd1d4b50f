"""Shape of a hand-over from the national platform."""

from marshmallow import Schema, fields
from marshmallow.validate import Length


class BroughtPaper(Schema):
    """A paper that comes along."""

    kind = fields.String(required=True, metadata={"description": "Key of the paper asked for."})
    filename = fields.String(required=True, validate=Length(1, 200))
    content = fields.String(
        required=True, metadata={"description": "The file, in Base64; all together 20 MB at most."}
    )


class HandOverCase(Schema):
    """What was applied for at the platform."""

    procedure = fields.String(required=True, metadata={"description": "Key of the procedure."})
    national_number = fields.String(
        required=True,
        validate=Length(1, 60),
        metadata={"description": "Under which the platform received it; files once."},
    )
    subject = fields.String(
        required=True, metadata={"description": "统一社会信用代码 of whom the case is about."}
    )
    decisions = fields.List(
        fields.String(validate=Length(1, 128)),
        load_default=list,
        metadata={"description": "Numbers of the penalty decisions (文号), in any spelling."},
    )
    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "As `GET /procedures/{key}/form` asks for them; `entrance` and"
            " `national_number` are filled in."
        },
    )
    papers = fields.List(fields.Nested(BroughtPaper), load_default=list)
