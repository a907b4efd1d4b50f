"""Schemas made from the frozen views that services return, so that an answer cannot drift from its view."""

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from marshmallow import Schema, fields

from engine.domain.words import Words
from web.api.schemas.values import Moment, Tally, WordsField

AnyField = fields.Field[Any]

PLAIN: dict[Any, Callable[..., AnyField]] = {
    str: fields.String,
    int: fields.Integer,
    float: fields.Float,
    bool: fields.Boolean,
    UUID: fields.UUID,
    date: fields.Date,
    datetime: Moment,
    Decimal: lambda **options: fields.Decimal(as_string=True, **options),
    Words: WordsField,
    Any: fields.Raw,
}

_CHOSEN: dict[type, type[Schema]] = {}


def mirror(
    view: type,
    name: str,
    *,
    notes: Mapping[str, str] | None = None,
    choices: Mapping[str, tuple[str, ...]] | None = None,
    rename: Mapping[str, str] | None = None,
    instead: Mapping[str, AnyField] | None = None,
) -> type[Schema]:
    """The schema that dumps `view`; other views that hold this one then refer to it.

    `notes` describes members in the OpenAPI document, `choices` lists the values a text may have,
    `rename` gives a member another name in JSON, `instead` a field of its own.
    """
    members = members_of(view, notes=notes, choices=choices, rename=rename, instead=instead)
    schema = Schema.from_dict(members, name=name)
    _CHOSEN[view] = schema
    return schema


def members_of(
    view: type,
    *,
    within: str = "",
    notes: Mapping[str, str] | None = None,
    choices: Mapping[str, tuple[str, ...]] | None = None,
    rename: Mapping[str, str] | None = None,
    instead: Mapping[str, AnyField] | None = None,
) -> dict[str, AnyField]:
    """Fields of `view`, read from the attribute `within` of what is dumped where that is given."""
    hints = get_type_hints(view)
    members: dict[str, AnyField] = {}
    for member in dataclasses.fields(view):
        key = (rename or {}).get(member.name, member.name)
        options = _options(member.name, within, notes or {}, choices or {})
        if key != member.name or within:
            options["attribute"] = f"{within}.{member.name}" if within else member.name
        ready = (instead or {}).get(member.name)
        members[key] = ready or field_for(hints[member.name], **options)
    return members


def _options(
    name: str, within: str, notes: Mapping[str, str], choices: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if name in notes:
        metadata["description"] = notes[name]
    if name in choices:
        metadata["enum"] = list(choices[name])
    return {"required": True, "metadata": metadata}


def field_for(hint: Any, **options: Any) -> AnyField:
    """The field that dumps a value of this annotation.

    Raises TypeError for an annotation nobody has thought of: better at start than in an answer.
    """
    if hint in PLAIN:
        return PLAIN[hint](**options)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return fields.Enum(hint, by_value=fields.String, **options)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return fields.Nested(partial(schema_for, hint), **options)
    return _generic_field(hint, options)


def _generic_field(hint: Any, options: dict[str, Any]) -> AnyField:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType) and inner[1:] == (types.NoneType,):
        return field_for(inner[0], allow_none=True, **options)
    if origin is Literal:
        options["metadata"] = {"enum": list(inner)} | options.get("metadata", {})
        return fields.String(**options)
    if origin is tuple and get_args(inner[0])[1:] == (int,):
        return Tally(keys=fields.String(), values=fields.Integer(), **options)
    if origin is tuple and inner[1:] == (Ellipsis,):
        return fields.List(field_for(inner[0]), **options)
    if origin is frozenset:
        return Sorted(field_for(inner[0]), **options)
    if origin in (dict, Mapping):
        return fields.Dict(
            keys=fields.String(), values=field_for(inner[1], allow_none=True), **options
        )
    raise TypeError(f"no field for {hint!r}")


class Sorted(fields.List[Any]):
    """A set, in an order that does not change between two answers."""

    def _serialize(
        self, value: Any, attr: str | None, obj: Any, **options: Any
    ) -> list[Any] | None:
        return super()._serialize(sorted(value or ()), attr, obj, **options)


@cache
def _plain_schema(view: type) -> type[Schema]:
    return Schema.from_dict(members_of(view), name=view.__name__.removesuffix("View"))


def schema_for(view: type) -> type[Schema]:
    """The schema chosen for this view with `mirror`, else one that dumps it as it is."""
    return _CHOSEN.get(view) or _plain_schema(view)


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """A list: `items`, and the cursor of what follows (null at the end)."""
    members: dict[str, AnyField] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(
            required=True,
            allow_none=True,
            metadata={"description": "Send it as `cursor` for the next items; null at the end."},
        ),
        "total": fields.Integer(
            required=True,
            allow_none=True,
            metadata={"description": "How many there are in all; null where that was not counted."},
        ),
    }
    return Schema.from_dict(members, name=name)
