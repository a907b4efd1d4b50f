"""Whether answers fit a form, yes or no: what is asked at every step, compiled once.

The keywords that forms use, as JSON Schema 2020-12 has them, each as a function of the value. What
does not fit is then looked at by jsonschema, which names it; a form that uses anything else is
looked at by jsonschema alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any

from jsonschema import FormatChecker

Fits = Callable[[Any], bool]
Schema = Mapping[str, Any]


class NotCompiled(Exception):
    """A keyword, or a use of one, that this module leaves to jsonschema."""


def compiled(schema: Any, formats: FormatChecker) -> Fits:
    """Whether a value fits the schema. Raises NotCompiled."""
    if isinstance(schema, bool):
        return lambda value: schema
    parts = [_part(keyword, wanted, schema, formats) for keyword, wanted in schema.items()]
    return _all([part for part in parts if part is not None])


def _all(parts: list[Fits]) -> Fits:
    if len(parts) == 1:
        return parts[0]

    def fits(value: Any) -> bool:
        for part in parts:  # noqa: SIM110 - a generator would cost as much as the checks
            if not part(value):
                return False
        return True

    return fits


def _part(keyword: str, wanted: Any, schema: Schema, formats: FormatChecker) -> Fits | None:
    """The check of one keyword; None where it belongs to another one's."""
    if keyword in _OF_OTHERS:
        return None
    if (plain := _PLAIN.get(keyword)) is not None:
        return plain(wanted)
    if (nested := _NESTED.get(keyword)) is not None:
        return nested(wanted, schema, lambda part: compiled(part, formats))
    if keyword == "format":
        return lambda value: formats.conforms(value, wanted)
    raise NotCompiled(keyword)


# ── single values ───────────────────────────────────────────────────────────────────────────────


def _is_integer(value: Any) -> bool:
    return type(value) is int or (isinstance(value, float) and value.is_integer())


_TYPES: Mapping[str, Fits] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def _type(wanted: Any) -> Fits:
    if not isinstance(wanted, str) or wanted not in _TYPES:
        raise NotCompiled("type")
    return _TYPES[wanted]


def _among(choices: Iterable[Any]) -> Fits:
    """One of some texts and answers to yes or no. Numbers compare in ways of their own."""
    accepted = {(type(each), each) for each in _comparable(choices)}
    kinds = {kind for kind, _ in accepted}
    return lambda value: type(value) in kinds and (type(value), value) in accepted


def _comparable(choices: Iterable[Any]) -> Iterable[Any]:
    for each in choices:
        if not isinstance(each, str | bool) and each is not None:
            raise NotCompiled("const")
        yield each


def _pattern(wanted: str) -> Fits:
    search = re.compile(wanted).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _length(kind: type[Sized], is_enough: Callable[[int, Any], bool]) -> Callable[[Any], Fits]:
    return lambda limit: lambda value: not isinstance(value, kind) or is_enough(len(value), limit)


def _size(is_enough: Callable[[Any, Any], bool]) -> Callable[[Any], Fits]:
    is_number = _TYPES["number"]
    return lambda limit: lambda value: not is_number(value) or is_enough(value, limit)


def _required(names: Any) -> Fits:
    wanted = tuple(names)
    return lambda value: not isinstance(value, dict) or all(name in value for name in wanted)


_PLAIN: Mapping[str, Callable[[Any], Fits]] = {
    "type": _type,
    "enum": _among,
    "const": lambda wanted: _among([wanted]),
    "pattern": _pattern,
    "required": _required,
    "minLength": _length(str, lambda length, limit: length >= limit),
    "maxLength": _length(str, lambda length, limit: length <= limit),
    "minItems": _length(list, lambda length, limit: length >= limit),
    "maxItems": _length(list, lambda length, limit: length <= limit),
    "minimum": _size(lambda value, limit: value >= limit),
    "maximum": _size(lambda value, limit: value <= limit),
    "exclusiveMinimum": _size(lambda value, limit: value > limit),
    "exclusiveMaximum": _size(lambda value, limit: value < limit),
}

# ── what is made of parts ───────────────────────────────────────────────────────────────────────

_Compile = Callable[[Any], Fits]


def _properties(wanted: Mapping[str, Any], schema: Schema, compile_: _Compile) -> Fits:
    parts = [(name, compile_(part)) for name, part in wanted.items()]

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return all(part(value[name]) for name, part in parts if name in value)

    return fits


def _additional(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    if wanted is not False or "patternProperties" in schema:
        raise NotCompiled("additionalProperties")
    known = frozenset(schema.get("properties", ()))
    return lambda value: not isinstance(value, dict) or known.issuperset(value)


def _items(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    if "prefixItems" in schema:
        raise NotCompiled("prefixItems")
    part = compile_(wanted)
    return lambda value: not isinstance(value, list) or all(map(part, value))


def _contains(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    if "minContains" in schema or "maxContains" in schema:
        raise NotCompiled("contains")
    part = compile_(wanted)
    return lambda value: not isinstance(value, list) or any(map(part, value))


def _unique(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    items = schema.get("items", {})
    is_of_texts = items.get("type") == "string" or all(
        isinstance(each, str) for each in items.get("enum", (None,))
    )
    if wanted is not True or not is_of_texts:  # others than texts do not fit `items` anyway
        raise NotCompiled("uniqueItems")
    return lambda value: not isinstance(value, list) or len(set(map(repr, value))) == len(value)


def _all_of(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    return _all([compile_(each) for each in wanted])


def _any_of(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    parts = [compile_(each) for each in wanted]
    return lambda value: any(part(value) for part in parts)


def _not(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    part = compile_(wanted)
    return lambda value: not part(value)


def _if(wanted: Any, schema: Schema, compile_: _Compile) -> Fits:
    asked = compile_(wanted)
    then, otherwise = compile_(schema.get("then", True)), compile_(schema.get("else", True))
    return lambda value: then(value) if asked(value) else otherwise(value)


_NESTED: Mapping[str, Callable[[Any, Schema, _Compile], Fits]] = {
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "contains": _contains,
    "uniqueItems": _unique,
    "allOf": _all_of,
    "anyOf": _any_of,
    "not": _not,
    "if": _if,
}
#: Read together with `if`; and what only says what a schema is.
_OF_OTHERS = frozenset({"then", "else", "$schema", "$id", "$comment", "default"})
