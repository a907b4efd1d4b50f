"""Shapes of numbers of people that are read whole."""

from marshmallow import Schema, fields
from marshmallow.validate import Length

from engine.domain.personal_reading import LONGEST, HeldText
from web.api.schemas.mirror import mirror

PersonalText = mirror(
    HeldText,
    "PersonalText",
    notes={"key": "Its place: answers.handler_phone, record.ID.content, history.3."},
)


class PersonalTexts(Schema):
    """The texts asked for, whole."""

    items = fields.List(fields.Nested(PersonalText), required=True)


class ReadWhole(Schema):
    """What is to be read, and why."""

    fields_ = fields.List(
        fields.String(validate=Length(1, 200)),
        data_key="fields",
        attribute="fields",
        load_default=None,
        allow_none=True,
        validate=Length(1, 100),
        metadata={"description": "Keys of texts; none given asks for all of them."},
    )
    reason = fields.String(
        load_default="",
        validate=Length(0, LONGEST),
        metadata={"description": "What it is needed for; an official must say so."},
    )
