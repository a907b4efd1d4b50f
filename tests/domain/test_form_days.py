"""Days in a form that must have come, and days that must be still to come."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.domain.form import validate
from engine.domain.form_days import DAY, DAYS, KNOWN, NOT_BEFORE

WORKFLOWS = Path(__file__).parents[2] / "workflows"
TODAY = date(2020, 3, 2)


def asked(kind: str | None, **more: Any) -> dict[str, Any]:
    day = {"type": "string", "format": "date", "title": "送达日期", "x-title-en": "Served on"}
    return {"properties": {"on": {**day, DAY: kind, **more}, "way": {"type": "string"}}}


def wrong(schema: dict[str, Any], on: str, today: date | None = TODAY, **more: Any) -> str:
    found = validate(schema, {"on": on, **more}, today=today)
    return found["on"].zh if found else ""


@pytest.mark.parametrize("on", ["2019-12-31", "2020-03-01", "2020-03-02"])
def test_what_has_happened_lies_behind_or_is_today(on: str) -> None:
    assert wrong(asked("past"), on) == ""


def test_what_has_happened_cannot_lie_ahead() -> None:
    assert wrong(asked("past"), "2020-03-03") == "送达日期不能晚于今天"


def test_what_is_promised_cannot_lie_behind() -> None:
    assert wrong(asked("future"), "2020-03-02") == wrong(asked("future"), "2021-01-01") == ""
    assert wrong(asked("future"), "2020-03-01") == "送达日期不能早于今天"


def test_a_day_that_is_none_is_said_to_be_none() -> None:
    assert "2020-03-02 这样的日期" in wrong(asked("future"), "2020-02-30")


@pytest.mark.parametrize("on", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_with_which_nothing_can_be_reckoned_is_none(on: str) -> None:
    for kind in ("past", "future", None):
        assert "2020-03-02 这样的日期" in wrong(asked(kind), on)


def test_a_day_that_is_not_asked_or_without_a_today_is_not_judged() -> None:
    hidden = asked("past", **{"x-show-if": {"field": "way", "in": ["post"]}})
    assert wrong(hidden, "2020-03-03", way="electronic") == ""
    assert wrong(hidden, "2020-03-03", way="post")
    assert wrong(asked("past"), "2020-03-03", today=None) == ""


def test_what_was_done_follows_on_the_day_it_rests_on() -> None:
    held = asked("past", **{"x-not-before": "record.decided_on"})
    known = {"record.decided_on": date(2019, 11, 8)}

    def told(on: str) -> list[str]:
        found = validate(held, {"on": on}, today=TODAY, known=known)
        return [text for words in found.values() for text in (words.zh, words.en)]

    assert told("2019-11-08") == told("2020-03-02") == []
    assert told("2019-11-07") == [
        "送达日期不能早于处罚决定作出之日（2019年11月8日）",
        "Served on cannot be earlier than the day of the decision (8 November 2019)",
    ]
    assert told("2020-03-03") == ["送达日期不能晚于今天", "Served on cannot be later than today"]
    assert validate(held, {"on": "2019-11-07"}, today=TODAY) == {}  # no decision is known


def test_an_end_is_not_before_its_beginning() -> None:
    both = {
        "properties": {
            "from": {"type": "string", "format": "date", "title": "起日", "x-title-en": "From"},
            "to": {
                "type": "string",
                "format": "date",
                "title": "止日",
                "x-title-en": "To",
                "x-not-before": "from",
            },
        }
    }
    assert validate(both, {"from": "2020-01-25", "to": "2020-01-25"}, today=TODAY) == {}
    assert validate(both, {"to": "2020-01-24"}, today=TODAY) == {}
    found = validate(both, {"from": "2020-01-25", "to": "2020-01-24"}, today=TODAY)
    assert found["to"].zh == "止日不能早于起日（2020年1月25日）"
    assert found["to"].en == "To cannot be earlier than From (25 January 2020)"


def test_every_day_of_what_was_done_or_is_promised_says_so() -> None:
    told = {
        (name, part.get(DAY))
        for file in WORKFLOWS.glob("**/forms/*.json")
        for name, part in json.loads(file.read_text("utf-8")).get("properties", {}).items()
        if part.get("format") == "date"
    }
    assert {kind for _, kind in told} <= {None, *DAYS}
    done = {"served_on", "received_on", "visited_on", "performed_on", "checked_on", "met_on"}
    assert {(name, "past") for name in done} <= told
    assert not {(name, None) for name in done | {"finish_by", "until"}} & told


def test_what_a_form_says_was_done_follows_on_the_decision_the_filing_or_the_letter() -> None:
    told = {
        (name, part.get(NOT_BEFORE))
        for file in WORKFLOWS.glob("**/forms/*.json")
        for name, part in json.loads(file.read_text("utf-8")).get("properties", {}).items()
        if part.get("format") == "date"
    }
    assert {kind for _, kind in told} <= {None, *KNOWN, *(name for name, _ in told)}
    assert ("performed_on", None) not in told
    assert {("served_on", "letter.issued_on"), ("checked_on", "case.filed_on")} <= told
