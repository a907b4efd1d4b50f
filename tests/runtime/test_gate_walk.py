"""The walk: what is drawn soundly and still stalls, lies or leaves something behind; and that no more does."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.runtime import gate, stepper
from engine.runtime.gate.rules import rules
from tests.runtime.hostile import WORDS, checked, one
from tests.runtime.sketches import Sketch, endless, errand, folder, rework
from tests.runtime.straying import STRAYING, marking
from tests.runtime.worlds import World


@pytest.mark.parametrize("code", STRAYING)
def test_what_only_a_walk_can_find_is_said_of_the_element_where_it_happens(code: str) -> None:
    straying = STRAYING[code]
    report = checked(straying.files())
    found = [each for each in report.findings if each.code == code]
    assert found, [(each.code, each.place) for each in report.findings]
    assert straying.at in {each.element_id for each in found}
    assert {each.severity for each in found} == {rules()[code].severity}
    assert report.walks


@pytest.mark.parametrize("sketch", [errand, endless, rework], ids=lambda each: each.__name__)
def test_a_sound_diagram_is_walked_to_its_end_over_every_element(sketch: type[Sketch]) -> None:
    report = checked(one(sketch()))
    (walk,) = report.walks
    assert (walk.is_complete, walk.reached) == (True, walk.drawn)
    assert walk.ends == 1
    assert not [each for each in report.findings if each.code.startswith("walk-")]


def test_a_finding_tells_the_way_that_led_there() -> None:
    report = checked(STRAYING["walk-dead-end"].files())
    (stuck,) = [each for each in report.findings if each.code == "walk-dead-end"]
    assert "look（colour=red）" in stuck.zh or "look（colour=green）" in stuck.zh


def test_what_is_undone_on_every_path_is_not_complained_of() -> None:
    report = checked(
        marking(
            ("raise", "mark", {"flag": "'red'"}),
            ("begin", "wind", {"clock": "'handling'"}),
            ("draft", "write", {"letter": "'farewell'"}),
            ("lower", "unmark", {"flag": "'red'"}),
            ("hand_over", "serve", {}),
            ("stop", "close", {}),
        )
    )
    assert report.refusals == ()


def test_what_is_undone_on_one_path_alone_is() -> None:
    sketch = (
        Sketch().start().service("it", "mark", flag="'red'").task("look")
        .asks("look", colour=["red", "green"]).exclusive("which", default="undo")
        .service("undo", "unmark", flag="'red'").end().end("other")
        .flow("start > it > look > which > undo > end").flow("which > other", when='colour == "red"')
    )  # fmt: skip
    (finding,) = checked(one(sketch)).refusals
    assert (finding.code, finding.element_id) == ("walk-record-left", "other")


def test_every_answer_of_an_operation_is_followed() -> None:
    sketch = (
        Sketch().start().service("toss", "guess", result="side").exclusive("which", default="tails")
        .task("heads", "tails").end().flow("start > toss > which > tails > end")
        .flow("which > heads", when='side == "heads"').flow("heads > end")
    )  # fmt: skip
    report = checked(one(sketch))
    assert report.refusals == ()
    assert report.walks[0].reached == report.walks[0].drawn


def withdrawable(awaits: str, *, interrupting: bool) -> Sketch:
    inner = (
        Sketch("withdrawal").start("begin", awaits, interrupting=interrupting).task("confirm")
        .end("over").flow("begin > confirm > over")
    )  # fmt: skip
    outer = Sketch().start().task("work", "more").end().flow("start > work > more > end")
    return outer.inside("withdrawal", inner, triggered=True)


@pytest.mark.parametrize("awaits", ["message:withdrawn", "signal:revoked", "timer:long"])
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_sub_process_is_let_in_and_walked(awaits: str, interrupting: bool) -> None:
    report = checked(one(withdrawable(awaits, interrupting=interrupting)))
    assert report.refusals == ()
    (walk,) = report.walks
    assert (walk.is_complete, walk.reached) == (True, walk.drawn)


def test_a_parallel_join_inside_a_rework_loop_is_let_in() -> None:
    assert checked(one(rework())).is_accepted


def test_a_sub_process_with_an_interrupting_event_is_let_in_and_walked() -> None:
    inner = Sketch("inner").start("begin").task("work").end("done").flow("begin > work > done")
    sketch = (
        Sketch().start().inside("box", inner).boundary("late", "box", "timer:step").end()
        .end("over").flow("start > box > end").flow("late > over")
    )  # fmt: skip
    report = checked(one(sketch))
    assert report.refusals == ()
    assert report.walks[0].reached == report.walks[0].drawn


def test_of_two_timers_armed_together_the_shorter_comes_first() -> None:
    sketch = (
        Sketch().start().task("look").boundary_timer("soon", "look", "step")
        .boundary_timer("late", "look", "long").end().end("a").end("b")
        .flow("start > look > end").flow("soon > a").flow("late > b")
    )  # fmt: skip
    unreached = {e.element_id for e in checked(one(sketch)).warnings if e.code == "walk-unreached"}
    assert unreached == {"b", "late"}


def test_of_two_timers_armed_one_after_the_other_either_may_come_first() -> None:
    inner = (
        Sketch("inner").start("begin").task("work", "again").boundary_timer("soon", "again", "step")
        .end("done").end("gone").flow("begin > work > again > done").flow("soon > gone")
    )  # fmt: skip
    outer = (
        Sketch().start().call("inside", "inner").boundary_timer("late", "inside", "long")
        .end().end("over").flow("start > inside > end").flow("late > over")
    )  # fmt: skip
    report = checked(folder(outer, inner))
    assert not [each for each in report.findings if each.code == "walk-unreached"]


def test_the_walk_is_the_same_each_time() -> None:
    files = one(withdrawable("message:withdrawn", interrupting=False))
    assert checked(files) == checked(files)


# ── what is let in, runs ────────────────────────────────────────────────────────────────────────

CHOICES = ["red", "green", "blue"]


@st.composite
def small_diagrams(draw: st.DrawFn) -> Sketch:
    """Tasks, gateways and flows thrown together: most are nonsense, many are sound."""
    sketch, keys = Sketch().start().end(), list[str]()
    kinds = st.sampled_from(["task", "task", "task", "service", "exclusive", "parallel", "timer"])
    for number in range(draw(st.integers(2, 7))):
        key, kind = f"n{number}", draw(kinds)
        keys.append(key)
        if kind == "task":
            sketch.task(key).asks(key, colour=CHOICES)
        elif kind == "service":
            sketch.service(key, "applaud")
        elif kind == "timer":
            sketch.task(key).asks(key, colour=CHOICES)
            sketch.boundary_timer(f"{key}_t", key, "step", interrupting=draw(st.booleans()))
            sketch.flow(f"{key}_t > {draw(st.sampled_from([*keys, 'end']))}")
        elif kind == "parallel":
            sketch.parallel(key)
        else:
            sketch.exclusive(key, default="?")
    _connect(draw, sketch, keys)
    return sketch


def _connect(draw: st.DrawFn, sketch: Sketch, keys: list[str]) -> None:
    sketch.flow(f"start > {keys[0]}")
    for place, key in enumerate(keys):
        later = [*keys[place + 1 :], "end"]
        drawn = next(each for each in sketch.nodes if f'id="{key}"' in each)
        targets = [later[0]]
        if "Gateway" in drawn:
            more = st.lists(st.sampled_from([*keys, "end"]), max_size=2)
            targets = list(dict.fromkeys([*targets, *draw(more)]))
        decides = "exclusiveGateway" in drawn and len(targets) > 1
        if "exclusiveGateway" in drawn:
            default = f'default="{key}_to_{targets[0]}"' if decides else ""
            place_of = sketch.nodes.index(drawn)
            sketch.nodes[place_of] = drawn.replace(f'default="{key}_to_?"', default)
        for number, target in enumerate(targets):
            colour = draw(st.sampled_from(CHOICES))
            when = f'colour == "{colour}"' if decides and number else ""
            sketch.flow(f"{key} > {target}", when=when)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_diagrams(), st.randoms(use_true_random=False))
def test_a_small_diagram_that_is_let_in_never_stalls_whatever_happens_in_it(
    sketch: Sketch, chance: random.Random
) -> None:
    verdict = gate.examine(folder(sketch), "sample", WORDS)
    if verdict.procedure is None or not verdict.report.is_accepted:
        return
    world = World()
    live, step = stepper.start(verdict.procedure, "sample", {}, world)
    for _ in range(40):
        if step.finished:
            return
        acts = [("user", each) for each in live.waits]
        acts += [("timer", each) for each in live.timers]
        assert acts, "it stands still"
        kind, key = chance.choice(acts)
        if kind == "timer":
            fired = stepper.fire(live, key, world)
            assert fired is not None
            step = fired
        else:
            step = stepper.complete(live, key, {"colour": chance.choice(CHOICES)}, world)
