"""Trying a table without a case: which variables it asks for, and values as they are typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.domain.errors import Invalid
from engine.runtime.decisions.trying import Variable, asked_variables, context_of
from engine.runtime.feel import Kind
from tests.runtime.dmn_samples import decision, read

INNER = decision(["> 3 | 1", "- | 2"], inputs=["staff: number"], decision_id="size", hit="FIRST")
OUTER = decision(
    ['1 | "a" | > limit | 1'],
    inputs=["size: number", 'grade: string = "a", "b"', "firm.fine: number"],
    requires=["size"],
)
TABLES = read(
    INNER, OUTER, more='<inputData id="l" name="limit"><variable name="limit"/></inputData>'
)


def asked(**answers: str) -> dict[str, Variable]:
    return {each.name: each for each in asked_variables(TABLES, "d", answers)}


def test_a_decision_asks_for_what_it_and_those_it_requires_read() -> None:
    assert list(asked()) == ["grade", "firm.fine", "limit", "staff"]
    assert asked()["grade"].choices == ("a", "b")
    assert asked()["firm.fine"].kind is Kind.NUMBER
    assert asked()["limit"].kind is None


def test_what_the_forms_offer_are_choices_where_the_table_has_none() -> None:
    tables = read(decision(['"x" | 1'], inputs=["word: string"]))
    (word,) = asked_variables(tables, "d", {"word": '"x", "y"'})
    assert word.choices == ("x", "y")


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("grade", "a", "a"),
        ("grade", "", None),
        ("firm.fine", "12.5", Decimal("12.5")),
        ("firm.fine", " ", None),
        ("limit", "12", Decimal(12)),
        ("limit", "true", True),
        ("limit", '"text"', "text"),
        ("limit", "just text", "just text"),
        ("limit", "word", "word"),
        ("limit", "9**9**9", "9**9**9"),
        ("limit", "null", None),
        ("limit", 5, 5),
    ],
)
def test_what_is_typed_becomes_a_value_of_its_kind(name: str, typed: Any, value: Any) -> None:
    found: Any = context_of(TABLES, "d", {name: typed})
    for key in name.split("."):
        found = found[key]
    assert found == value
    assert type(found) is type(value)


def test_a_name_that_no_table_reads_is_refused() -> None:
    with pytest.raises(Invalid, match="weather"):
        context_of(TABLES, "d", {"weather": "fine"})


def test_dates_and_durations_are_typed_as_they_are_written_in_data() -> None:
    tables = read(decision(["- | - | 1"], inputs=["day: date", "length: yearMonthDuration"]))
    typed = {"day": "2020-03-02", "length": "P3M"}
    assert context_of(tables, "d", typed) == typed
    assert tables.decide("d", context_of(tables, "d", typed)).value == {"y": 1}
