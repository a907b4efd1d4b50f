"""What a request brings, checked against a schema; whatever is wrong is named field by field."""

from typing import Any

import orjson
from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from engine.domain.errors import Invalid
from web.api.sentences import by_field, in_chinese
from web.keepable import must_keep
from web.locale import language

Body = dict[str, Any]


def json_body(schema: Schema) -> Body:
    """The JSON object of the request; no body at all counts as an empty object.

    Raises UnsupportedMediaType, BadRequest (not JSON), Invalid.
    """
    raw = request.get_data()
    if not raw:
        return checked(schema, {})
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{error}") from None
    if b"\\u0000" in raw:
        must_keep(told)
    return checked(schema, told)


def form_body(schema: Schema) -> Body:
    """The members and files of a multipart form. Raises UnsupportedMediaType, Invalid."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    return checked(schema, {**request.form.to_dict(), **request.files.to_dict()})


def query(schema: Schema) -> Body:
    """What stands behind the question mark; an empty value counts as not given."""
    return checked(schema, {key: value for key, value in request.args.items() if value})


def checked(schema: Schema, data: Any) -> Body:
    """`data` as the schema reads it.

    Raises Invalid with one sentence for each field, unknown ones included.
    """
    try:
        loaded: Body = schema.load(data)  # marshmallow refuses unknown members by itself
    except ValidationError as error:
        raise refusal(error.messages) from None
    return loaded


def refusal(messages: Any) -> Invalid:
    """marshmallow's messages as one refusal, each field's sentence in the reader's language."""
    say = in_chinese if language().startswith("zh") else str
    fields: dict[str, str] = {}
    for name, sentence in by_field(messages):
        fields[name] = f"{fields.get(name, '')} {say(sentence)}".strip()
    return Invalid(
        f"提交的内容有误，请核对：{'、'.join(fields)}。",
        f"Something sent cannot be taken as it is: {', '.join(fields)}.",
        fields=fields,
    )
