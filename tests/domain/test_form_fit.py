"""The quick answer to whether answers fit a form is the one that jsonschema gives."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.form_checker import Checker, checker

ROOT = Path(__file__).parents[2]
FORMS = sorted((ROOT / "workflows").glob("**/forms/*.json"))

#: What is near to right and near to wrong, and what only looks alike: True and 1, 1 and 1.0.
_PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.0, 1.0, 1.5, float("inf")]),
    st.text(max_size=3),
    st.sampled_from(["", "2020-03-02", "2020-02-30", "a@b.cn", "13800000000", "长" * 5000]),
)


def _likely(schema: Any) -> st.SearchStrategy[Any]:
    """Values that the schema might accept, and some that it does not."""
    if not isinstance(schema, dict):
        return _PLAIN
    chosen = [_PLAIN]
    if "enum" in schema:
        chosen.append(st.sampled_from(schema["enum"]))
    if "const" in schema:
        chosen.append(st.just(schema["const"]))
    if schema.get("type") == "string":
        chosen.append(st.text(min_size=schema.get("minLength", 0), max_size=60))
    if schema.get("type") == "array":
        chosen.append(st.lists(_likely(schema.get("items", True)), max_size=4))
    if "properties" in schema:
        known = {name: _likely(part) for name, part in schema["properties"].items()}
        chosen = [st.fixed_dictionaries({}, optional={**known, "unknown": _PLAIN})]
    return st.one_of(chosen)


def _checkers() -> list[Checker]:
    return [checker(json.loads(path.read_text("utf-8"))) for path in FORMS]


def test_every_shipped_form_has_a_quick_answer() -> None:
    slow = [path.name for path, each in zip(FORMS, _checkers(), strict=True) if each.fits is None]
    assert FORMS
    assert not slow


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_the_quick_answer_on_a_shipped_form_is_the_one_of_jsonschema(data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(_CHECKERS))
    answers = data.draw(_likely(found.validator.schema))
    assert found.fits is not None
    assert found.fits(answers) == found.validator.is_valid(answers), answers


@pytest.mark.parametrize(
    "part",
    [
        {"type": "integer", "minimum": 1, "maximum": 2},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1.5},
        {"type": "boolean", "const": True},
        {"enum": ["a", None, False]},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "email", "maxLength": 6},
        {"type": "string", "pattern": "^1[0-9]{2,}$"},
        {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True, "maxItems": 2},
        {"type": "array", "items": {"type": "string"}, "contains": {"const": "a"}, "minItems": 1},
        {"not": {"const": "a"}},
        {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 2}]},
        {"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": "null"}},
        {
            "properties": {"x": {"enum": ["yes", "no"]}, "y": {"type": "string"}},
            "additionalProperties": False,
            "allOf": [{"if": {"properties": {"x": {"const": "yes"}}}, "then": {"required": ["y"]}}],
        },
        False,
        True,
    ],
    ids=str,
)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_each_keyword_answers_as_jsonschema_does(part: Any, data: st.DataObject) -> None:
    found = checker({"properties": {"asked": part}})
    answers = {"asked": data.draw(_likely(part))}
    assert found.fits is not None
    assert found.fits(answers) == found.validator.is_valid(answers), answers


@pytest.mark.parametrize(
    "part",
    [
        {"multipleOf": 2},
        {"const": 1},
        {"type": ["string", "null"]},
        {"type": "array", "items": {"type": "object"}, "uniqueItems": True},
        {"additionalProperties": {"type": "string"}},
        {"properties": {"a": {"$ref": "#/x"}}},
    ],
    ids=str,
)
def test_what_is_not_known_here_is_left_to_jsonschema(part: dict[str, Any]) -> None:
    assert checker({"properties": {"asked": part}}).fits is None


_CHECKERS = _checkers()
