"""Forms as answers are checked against them: compiled once, without what is only shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker, SchemaError, ValidationError

from engine.domain.form_days import FIRST, LAST
from engine.domain.form_fit import Fits, NotCompiled, compiled

Schema = Mapping[str, Any]

_FORMATS = FormatChecker(formats=("date", "email", "regex"))
_is_day = _FORMATS.checkers["date"][0]


@_FORMATS.checks("date", raises=ValueError)
def _is_day_of_an_office(value: object) -> bool:
    """A day with which calendars and clocks can reckon: a timer of the year 9999 would never be armed."""
    return bool(_is_day(value)) and (
        not isinstance(value, str) or FIRST <= date.fromisoformat(value) <= LAST
    )


_SHOWN = frozenset({"title", "description"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_SINGLE = frozenset({"items", "contains", "if", "then", "else", "not"})


@dataclass(frozen=True, slots=True)
class Checker:
    """`fits`: the same as `validator` finds, yes or no, at a tenth of the cost; None where it cannot
    be said so."""

    validator: Draft202012Validator
    fits: Fits | None

    def errors(self, answers: Mapping[str, Any]) -> Iterable[ValidationError]:
        if self.fits is not None and self.fits(answers):
            return ()
        found: Iterable[ValidationError] = self.validator.iter_errors(answers)
        return found


def checker(schema: Schema) -> Checker:
    """Checks answers against all of the form but the questions that must be answered: which are
    asked depends on other answers."""
    return _compiled(orjson.dumps(schema))


@lru_cache(maxsize=256)
def _compiled(raw: bytes) -> Checker:
    checked = _checked(orjson.loads(raw))
    checked.pop("required", None)
    validator = Draft202012Validator(checked, format_checker=_FORMATS)
    try:
        return Checker(validator, compiled(checked, _FORMATS))
    except NotCompiled:
        return Checker(validator, None)


def _checked(schema: Any) -> Any:
    """The schema without titles, helps and widgets; choices as a list of values, which is checked
    at a third of the cost."""
    if not isinstance(schema, dict):
        return schema  # true or false: everything or nothing fits
    kept: dict[str, Any] = {}
    for keyword, value in schema.items():
        if _is_shown(keyword):
            continue
        if keyword == "oneOf" and all(_is_choice(each) for each in value):
            kept["enum"] = [each["const"] for each in value]
        elif keyword == "properties":
            kept[keyword] = {name: _checked(each) for name, each in value.items()}
        elif keyword in _LISTS:
            kept[keyword] = [_checked(each) for each in value]
        else:
            kept[keyword] = _checked(value) if keyword in _SINGLE else value
    return kept


def _is_shown(keyword: str) -> bool:
    return keyword in _SHOWN or keyword.startswith("x-")


def _is_choice(schema: Schema) -> bool:
    return [keyword for keyword in schema if not _is_shown(keyword)] == ["const"]


def unsound(schema: Mapping[str, Any]) -> str:
    """What keeps this from being a JSON Schema, in the checker's words; '' when nothing does."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as problem:
        return problem.message
    return ""
