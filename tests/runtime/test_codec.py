"""An instance as bytes, and back: the same instance, whatever it has been through."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SpiffWorkflow.util.task import TaskState

from engine.runtime import codec, stepper
from engine.runtime.codec import FORMAT, READABLE, StateNotReadable
from engine.runtime.packing import unpack
from engine.runtime.places import parts
from engine.runtime.stepper import Instance
from engine.runtime.task_rows import DEEPEST, StateNotWritable
from tests.runtime import golden, walks
from tests.runtime.sketches import errand, rework
from tests.runtime.walks import Move, known_answers, make, moves, shape, shipped, started, told
from tests.runtime.worlds import World, begin

WORLD: dict[str, Callable[..., Any]] = {
    "accept_case": lambda mode: "accepted",
    "refuse_case": lambda reason: "not_accepted",
    "deem_withdrawn": lambda: "deemed_withdrawn",
    "check_eligibility": lambda: {"eligible": True, "rules": ["A-01", None, 0.5]},
    "record_reconsideration": lambda result_is: result_is,
    "find_pending_letter": lambda: "outcome",
}


# ── random walks through what is shipped ────────────────────────────────────────────────────────


@pytest.mark.parametrize(("key", "process"), started())
@given(
    choices=st.lists(st.integers(0, 997), max_size=30), way=st.sampled_from(["electronic", "post"])
)
@settings(max_examples=100)
def test_a_walk_through_a_shipped_diagram_is_the_same_with_and_without_storing(
    key: str, process: str, choices: list[int], way: str
) -> None:
    drawn = shipped(key)
    answers = {**WORLD, "issue_letter": lambda letter="": way}
    kept, stored = World(answers=answers), World(answers=answers)
    live, _ = stepper.start(drawn, process, walks.given(Random(len(choices)), key), kept)  # noqa: S311
    copy = stepper.load(drawn, process, live.dump())
    kept.asked.clear()
    for choice in choices:
        raw = copy.dump()
        copy = stepper.load(drawn, process, raw)
        assert copy.dump() == raw
        assert shape(copy) == shape(live)
        possible = moves(live)
        if not possible:
            break
        move = possible[choice % len(possible)]
        assert told(make(copy, move, stored)) == told(make(live, move, kept))
        live.dump()
    assert stored.asked == kept.asked
    assert live.dump() == _without_kept_rows(live)
    ended = codec.ended(live.dump())
    after = stepper.load(drawn, process, ended)
    assert stepper.element_states(after) == stepper.element_states(live)
    assert stepper.is_finished(after.workflow) == stepper.is_finished(live.workflow)
    assert not any(task.data for part in parts(after.workflow) for task in part.tasks.values())


def test_an_instance_that_has_ended_takes_half_of_what_it_took() -> None:
    raw = _half_way().dump()
    assert len(codec.ended(raw)) < len(codec.without_data(raw)) / 2


def _without_kept_rows(live: Instance) -> bytes:
    """The state as it is written when nothing of what was written before is known."""
    for part in parts(live.workflow):
        vars(part).pop("written_down", None)
        for task in part.tasks.values():
            vars(task).pop("kept_row", None)
    return live.dump()


def test_a_finished_task_is_written_down_once_until_something_in_it_changes() -> None:
    live = _half_way()
    live.dump()
    finished = [t for t in live.workflow.tasks.values() if "kept_row" in vars(t)]
    assert finished
    kept = [vars(task)["kept_row"].row for task in finished]
    live.dump()
    again = [vars(task)["kept_row"].row for task in finished]
    assert all(one is another for one, another in zip(kept, again, strict=True))
    last = next(task for task in reversed(finished) if task.data)
    last._state, last.internal_data = TaskState.CANCELLED, {"why": "withdrawn"}
    assert live.dump() == _without_kept_rows(live)
    last.internal_data = {}
    live.dump()
    last.data = {**last.data, next(iter(last.data)): "something else"}
    assert live.dump() == _without_kept_rows(live)


def test_a_case_half_way_takes_less_than_four_kilobytes() -> None:
    assert len(_half_way().dump()) < 4096


def _half_way() -> Instance:
    drawn, world = shipped("credit_repair"), World(answers={**WORLD})
    live, _ = stepper.start(drawn, "credit_repair", {"grade": "general"}, world)
    for element in ("review_filing", "give_opinion", "first_review"):
        process = next(w.element.process_id for w in live.waits.values())
        make(
            live,
            Move("task", (process, element), known_answers("credit_repair")[element][0]),
            world,
        )
    return live


# ── data ────────────────────────────────────────────────────────────────────────────────────────

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(before=VALUES, after=VALUES)
def test_every_json_value_comes_back_as_it_was(before: Any, after: Any) -> None:
    live = begin(errand(), verdict=before, other=before).live
    (wait,) = live.waits.values()
    live.workflow.get_task_from_id(wait.id).data["verdict"] = after
    (again,) = stepper.load(live.procedure, "sample", live.dump()).waits.values()
    assert repr(dict(again.data)) == repr({"verdict": after, "other": before})


@pytest.mark.parametrize(
    ("before", "after"), [([1], [True]), ({"a": 1}, {"a": 1.0}), ([[0]], [[False]]), (1, True)]
)
def test_a_value_that_only_looks_like_the_one_before_is_told_apart(before: Any, after: Any) -> None:
    live = begin(errand(), verdict=before).live
    (wait,) = live.waits.values()
    live.workflow.get_task_from_id(wait.id).data["verdict"] = after
    (again,) = stepper.load(live.procedure, "sample", live.dump()).waits.values()
    assert repr(again.data["verdict"]) == repr(after)


def test_a_variable_that_was_taken_away_stays_away() -> None:
    live = begin(errand(), verdict="good", other=1).live
    (wait,) = live.waits.values()
    del live.workflow.get_task_from_id(wait.id).data["verdict"]
    (again,) = stepper.load(live.procedure, "sample", live.dump()).waits.values()
    assert dict(again.data) == {"other": 1}


def test_a_list_of_one_round_is_not_changed_by_what_is_done_to_it_in_the_next() -> None:
    told = begin(rework())
    told.complete("left")
    told.complete("right")
    task = told.live.workflow.get_task_from_id(told.wait("sign"))
    task.data["verdict"] = ["again"]
    told.reload()
    task = told.live.workflow.get_task_from_id(told.wait("sign"))
    task.data["verdict"].append("more")
    told.reload()
    task = told.live.workflow.get_task_from_id(told.wait("sign"))
    assert task.data["verdict"] == ["again", "more"]
    assert "verdict" not in task.parent.data


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [
        datetime(2020, 3, 2, tzinfo=UTC),
        date(2020, 3, 2),
        {1, 2},
        b"raw",
        object(),
        (1, 2),
        Decimal("1.5"),
        UUID(int=4),
        Colour.RED,
        Move("task", ("", ""), {}),
        math.nan,
        math.inf,
        2**64,
        "\ud83d",
        {1: "a number for a name"},
    ],
    ids=lambda value: f"{type(value).__name__} {value!a:.20}",
)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [{"inside": [v]}]], ids=["bare", "inside"])
def test_what_is_no_json_is_refused_loudly(wrap: Callable[[Any], Any], value: object) -> None:
    live = begin(errand()).live
    (wait,) = live.waits.values()
    live.workflow.get_task_from_id(wait.id).data["verdict"] = wrap(value)
    with pytest.raises(StateNotWritable):
        live.dump()


def test_what_is_no_json_is_refused_at_the_start_of_a_case_too() -> None:
    with pytest.raises(StateNotWritable):
        begin(errand(), verdict=(1, 2)).live.dump()


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"in": v}], ids=["lists", "objects"])
def test_nesting_has_a_limit_and_is_kept_up_to_it(wrap: Callable[[Any], Any]) -> None:
    def nested(depth: int) -> Any:
        value: Any = "core"
        for _ in range(depth):
            value = wrap(value)
        return value

    assert again(nested(DEEPEST - 1)) == nested(DEEPEST - 1)
    for depth in (DEEPEST + 2, 100_000):
        with pytest.raises(StateNotWritable, match=str(DEEPEST)):
            again(nested(depth))


def again(value: Any) -> Any:
    """The value of an answer after the instance was stored and loaded."""
    live = begin(errand()).live
    (wait,) = live.waits.values()
    live.workflow.get_task_from_id(wait.id).data["verdict"] = value
    (wait,) = stepper.load(live.procedure, "sample", live.dump()).waits.values()
    return wait.data["verdict"]


@pytest.mark.parametrize(
    "value",
    [
        {"typename": "datetime", "value": "2020-03-02T00:00:00"},
        {"typename": "no such type", "typename_": []},
        {"__class__": "os", "py/object": "os.system", "$type": "x"},
        [{"typename": {"typename": "set"}}],
    ],
)
def test_a_name_that_means_something_to_other_serializers_means_nothing(value: Any) -> None:
    assert again(value) == value


@pytest.mark.parametrize("text", ["𠮷野家 😀 👩‍👩‍👧", "\x00\x1f\u2028", "é" * 3, "\U0010ffff", ""])
def test_every_character_survives_in_values_and_in_names(text: str) -> None:
    assert again({text: [text]}) == {text: [text]}


def test_an_answer_of_a_megabyte_survives_and_is_stored_once() -> None:
    noise = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(350_000))
    told = begin(errand())
    told.complete("look", verdict=noise)
    told.reload()
    is_same, size = told.known("again")["verdict"] == noise, len(told.live.dump())
    assert is_same
    assert size < 1.1 * len(zlib.compress(noise.encode(), 6))


# ── what is stored ──────────────────────────────────────────────────────────────────────────────


def test_the_script_engine_is_in_place_before_anything_runs() -> None:
    live = begin(errand()).live
    again = stepper.load(live.procedure, "sample", live.dump())
    assert again.workflow.script_engine is again.script
    assert again.script is not live.script


def test_the_order_of_keys_survives() -> None:
    live = begin(errand(), zebra=1, apple=2, mango=3).live
    (wait,) = stepper.load(live.procedure, "sample", live.dump()).waits.values()
    assert list(wait.data) == ["zebra", "apple", "mango"]


def test_a_state_of_another_format_is_refused() -> None:
    live = begin(errand()).live
    stored = orjson.loads(unpack(live.dump()))
    raw = zlib.compress(orjson.dumps({**stored, "format": FORMAT + 1}))
    with pytest.raises(StateNotReadable, match=str(FORMAT + 1)):
        stepper.load(live.procedure, "sample", raw)


@pytest.mark.parametrize(
    "raw", [b"", b"nothing of ours", zlib.compress(b"not json"), zlib.compress(b"[]")]
)
def test_bytes_that_are_no_state_are_refused(raw: bytes) -> None:
    drawn = begin(errand()).drawn
    with pytest.raises(StateNotReadable):
        stepper.load(drawn, "sample", raw)


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_a_state_written_by_an_earlier_release_is_still_read_and_goes_on(number: int) -> None:
    told, expected = golden.read(number)
    assert golden.standing(told.live) == {key: expected[key] for key in ("waits", "timers")}
    assert golden.go_on(told, expected["moves"]) == expected["passed"]
    assert told.last.finished


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_a_state_of_an_earlier_release_is_written_in_the_present_format(number: int) -> None:
    told, _ = golden.read(number)
    raw = told.live.dump()
    assert orjson.loads(unpack(raw))["format"] == FORMAT
    assert stepper.load(told.drawn, "sample", raw).dump() == raw


def test_the_present_format_has_its_golden_state() -> None:
    numbers = {path.name for path in golden.STATES.iterdir()}
    assert numbers == {f"format_{number}" for number in READABLE}
