"""Days in a form that must have come, and days that must be still to come."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.domain.form import DAY, DAYS, validate

WORKFLOWS = Path(__file__).parents[2] / "workflows"
TODAY = date(2020, 3, 2)


def asked(kind: str, **more: Any) -> dict[str, Any]:
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


def test_a_day_that_is_not_asked_or_without_a_today_is_not_judged() -> None:
    hidden = asked("past", **{"x-show-if": {"field": "way", "in": ["post"]}})
    assert wrong(hidden, "2020-03-03", way="electronic") == ""
    assert wrong(hidden, "2020-03-03", way="post")
    assert wrong(asked("past"), "2020-03-03", today=None) == ""


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
