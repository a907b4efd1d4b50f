"""marshmallow speaks English; readers of Chinese get Chinese."""

import pytest
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

from web.api.schemas.values import Moment
from web.api.sentences import by_field, in_chinese

GENERAL = in_chinese("something the library has never said")


class Everything(Schema):
    text = fields.String(required=True)
    short = fields.String(validate=Length(1, 3))
    long = fields.String(validate=Length(max=3))
    least = fields.String(validate=Length(min=3))
    number = fields.Integer(validate=Range(1, 9))
    from_one = fields.Integer(validate=Range(1))
    choice = fields.String(validate=OneOf(["a", "b"]))
    id = fields.UUID()
    moment = Moment()
    day = fields.Date()
    flag = fields.Boolean()
    items = fields.List(fields.UUID())
    answers = fields.Dict()


WRONG: tuple[object, ...] = (None, 0, "", "xxxx", [], {}, ["x"], True)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        [],
        {"unheard_of": 1},
        *[{name: value} for name in Everything().fields for value in WRONG],
        {"moment": "2020-03-02T09:00:00"},
    ],
    ids=str,
)
def test_whatever_the_schemas_refuse_is_said_in_chinese(sent: object) -> None:
    try:
        Everything().load(sent)  # type: ignore[arg-type]
    except ValidationError as refused:
        for _, sentence in by_field(refused.messages):
            assert in_chinese(sentence) != GENERAL, sentence


def test_a_sentence_keeps_its_numbers() -> None:
    assert in_chinese("Longer than maximum length 200.") == "不能超过 200 个字符。"


def test_a_member_of_a_member_is_named_by_its_path() -> None:
    nested = {"lines": {0: {"number": ["Not a valid string."]}}, "_schema": ["Invalid input type."]}
    assert list(by_field(nested)) == [
        ("lines.0.number", "Not a valid string."),
        ("body", "Invalid input type."),
    ]
