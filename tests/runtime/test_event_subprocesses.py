"""Event sub-processes: armed with their scope, started by their event, gone with their scope."""

from __future__ import annotations

from typing import Any

import pytest

from engine.domain.errors import Invalid, TaskNotOpen
from engine.runtime import catalog, stepper
from tests.runtime.sketches import Sketch, folder
from tests.runtime.worlds import Errand, World, begin, closed, opened

STARTS = ("message:withdrawn", "signal:withdrawn", "timer:step", "duration:P3D")


@pytest.fixture(params=[False, True], ids=["live", "stored"])
def is_stored(request: pytest.FixtureRequest) -> bool:
    """Whether the instance is stored and loaded again before every act."""
    return bool(request.param)


def aside(awaits: str, *, interrupting: bool = True, key: str = "aside") -> Sketch:
    """What an event sub-process does: a task, a question, an operation."""
    return (
        Sketch(key)
        .start(f"{key}_begin", awaits, interrupting=interrupting)
        .task(f"{key}_confirm")
        .exclusive(f"{key}_which", default=f"{key}_end")
        .service(f"{key}_note", "applaud", loudness="1")
        .end(f"{key}_end")
        .flow(f"{key}_begin > {key}_confirm > {key}_which > {key}_end")
        .flow(f"{key}_which > {key}_note", when='verdict == "note"')
        .flow(f"{key}_note > {key}_end")
    )


def inner() -> Sketch:
    """A called process: a task with a timer, beside another one that calls on."""
    return (
        Sketch("inner")
        .start()
        .parallel("inner_fork", "inner_join")
        .task("deep", "deep_late")
        .boundary_timer("deep_overdue", "deep", "step", interrupting=False)
        .call("innermost_call", "innermost")
        .end()
        .end("deep_aside")
        .flow("start > inner_fork > deep > inner_join > end")
        .flow("inner_fork > innermost_call > inner_join")
        .flow("deep_overdue > deep_late > deep_aside")
    )


def innermost() -> Sketch:
    return Sketch("innermost").start().task("deepest").end().flow("start > deepest > end")


def busy(awaits: str, *, interrupting: bool = True) -> Sketch:
    """A process with much that is open: a task with a timer, a wait, a call within a call."""
    return (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("work", "late", "after")
        .boundary_timer("overdue", "work", "step")
        .call("call", "inner")
        .catch_message("letter", "letter")
        .end()
        .inside("aside", aside(awaits, interrupting=interrupting), triggered=True)
        .exclusive("met", default="join")
        .flow("start > fork > work > met > join > after > end")
        .flow("fork > call > join")
        .flow("fork > letter > join")
        .flow("overdue > late > met")
    )


def begin_busy(awaits: str, *, interrupting: bool = True, is_stored: bool = False) -> Errand:
    sketch = busy(awaits, interrupting=interrupting)
    return begin(sketch, inner(), innermost(), is_stored=is_stored)


def happen(told: Errand, awaits: str, element_id: str = "aside_begin") -> Any:
    kind = awaits.split(":", maxsplit=1)[0]
    if kind == "message":
        return told.deliver("withdrawn")
    return told.signal("withdrawn") if kind == "signal" else told.fire(element_id)


@pytest.mark.parametrize("awaits", STARTS)
def test_an_interrupting_one_ends_all_that_is_open_in_its_scope_at_once(
    awaits: str, is_stored: bool
) -> None:
    told = begin_busy(awaits, is_stored=is_stored)
    assert told.open_now == ["deep", "deepest", "letter", "work"]
    step = happen(told, awaits)
    assert closed(step) == ["deep", "deepest", "letter", "work"]
    assert opened(step) == ["aside_confirm"]
    assert told.armed == []
    assert not stepper.waits_for(told.live, "letter")
    assert told.complete("aside_confirm", verdict="note").finished
    assert told.world.asked == [("applaud", {"loudness": 1})]


@pytest.mark.parametrize("awaits", STARTS)
def test_one_that_does_not_interrupt_goes_on_beside(awaits: str, is_stored: bool) -> None:
    told = begin_busy(awaits, interrupting=False, is_stored=is_stored)
    step = happen(told, awaits)
    assert (closed(step), opened(step)) == ([], ["aside_confirm"])
    for key in ("work", "deep", "deepest"):
        told.complete(key)
    told.deliver("letter")
    assert not told.complete("after").finished  # the scope ends when all in it has ended
    assert told.open_now == ["aside_confirm"]
    assert told.complete("aside_confirm", verdict="").finished


def test_one_that_does_not_interrupt_may_be_started_again_and_again(is_stored: bool) -> None:
    told = begin_busy("message:withdrawn", interrupting=False, is_stored=is_stored)
    for number in range(1, 4):
        told.deliver("withdrawn")
        assert told.open_now.count("aside_confirm") == number
    for _ in range(3):
        told._store()
        first = next(key for key, w in told.live.waits.items() if w.element.id == "aside_confirm")
        told.last = stepper.complete(told.live, first, {"verdict": "note"}, told.world)
    assert [operation for operation, _ in told.world.asked] == ["applaud"] * 3
    told.deliver("withdrawn")
    assert told.open_now.count("aside_confirm") == 1


def test_one_that_interrupts_is_started_once() -> None:
    told = begin_busy("message:withdrawn")
    told.deliver("withdrawn")
    assert not stepper.waits_for(told.live, "withdrawn")
    with pytest.raises(TaskNotOpen):
        told.deliver("withdrawn")


def test_a_moment_comes_once(is_stored: bool) -> None:
    told = begin_busy("timer:step", interrupting=False, is_stored=is_stored)
    told.fire("aside_begin")
    assert "aside_begin" not in told.armed


@pytest.mark.parametrize("awaits", STARTS)
def test_a_process_ends_without_waiting_for_what_never_came(awaits: str, is_stored: bool) -> None:
    told = begin_busy(awaits, is_stored=is_stored)
    for key in ("work", "deep", "deepest"):
        told.complete(key)
    told.deliver("letter")
    step = told.complete("after")
    assert step.finished
    assert told.armed == []
    assert not stepper.waits_for(told.live, "withdrawn")
    assert {part.spec.name for part in told.live.workflow.subprocesses.values()} == {
        "inner",
        "innermost",
    }


def test_cases_that_share_a_diagram_do_not_feel_one_another() -> None:
    sketch = busy("message:withdrawn", interrupting=False)
    drawn = catalog.load(folder(sketch, inner(), innermost()), "sample")
    before = {
        name: (list(spec._inputs), list(spec._outputs))
        for name, spec in drawn.runnables["sample"].spec.task_specs.items()
    }

    def another() -> Errand:
        world = World()
        live, step = stepper.start(drawn, "sample", {}, world)
        return Errand(world, drawn, live, step)

    first, second = another(), another()
    first.deliver("withdrawn")
    third = another()
    for told in (second, third):
        assert told.open_now == ["deep", "deepest", "letter", "work"]
        for key in ("work", "deep", "deepest"):
            told.complete(key)
        told.deliver("letter")
        assert told.complete("after").finished
    assert first.open_now == ["aside_confirm", "deep", "deepest", "letter", "work"]
    after = {
        name: (list(spec._inputs), list(spec._outputs))
        for name, spec in drawn.runnables["sample"].spec.task_specs.items()
    }
    assert after == before


# ── in a called process ─────────────────────────────────────────────────────────────────────────


def caller(awaits: str, *, interrupting: bool = True) -> tuple[Sketch, Sketch]:
    called = (
        Sketch("called")
        .start()
        .task("inside", "more")
        .end()
        .inside("aside", aside(awaits, interrupting=interrupting), triggered=True)
        .flow("start > inside > more > end")
    )
    outer = (
        Sketch()
        .start()
        .task("before")
        .call("call", "called")
        .exclusive("which", default="after")
        .task("after", "noted")
        .end()
        .flow("start > before > call > which > after > end")
        .flow("which > noted", when='verdict == "note"')
        .flow("noted > end")
    )
    return outer, called


@pytest.mark.parametrize("awaits", STARTS)
def test_in_a_called_process_it_is_armed_for_as_long_as_that_is_at_work(
    awaits: str, is_stored: bool
) -> None:
    told = begin(*caller(awaits), is_stored=is_stored)
    is_timer = awaits.startswith(("timer", "duration"))
    assert told.armed == []
    told.complete("before")
    assert told.armed == (["aside_begin"] if is_timer else [])
    told.complete("inside")
    step = told.complete("more", verdict="")
    assert (opened(step), told.armed) == (["after"], [])
    assert len(step.disarmed) == is_timer


@pytest.mark.parametrize("awaits", STARTS)
def test_in_a_called_process_it_ends_that_process_and_the_caller_goes_on(
    awaits: str, is_stored: bool
) -> None:
    told = begin(*caller(awaits), is_stored=is_stored)
    told.complete("before")
    step = happen(told, awaits)
    assert (closed(step), opened(step)) == (["inside"], ["aside_confirm"])
    assert opened(told.complete("aside_confirm", verdict="note")) == ["noted"]
    assert told.complete("noted").finished


def test_in_a_called_process_it_may_outlive_the_main_path(is_stored: bool) -> None:
    told = begin(*caller("message:withdrawn", interrupting=False), is_stored=is_stored)
    told.complete("before")
    told.deliver("withdrawn")
    told.complete("inside")
    assert opened(told.complete("more")) == []
    assert opened(told.complete("aside_confirm", verdict="note")) == ["noted"]


def test_an_embedded_sub_process_has_its_own(is_stored: bool) -> None:
    embedded = (
        Sketch("embedded")
        .start("in")
        .task("inside")
        .end("out")
        .inside("aside", aside("message:withdrawn"), triggered=True)
        .flow("in > inside > out")
    )
    sketch = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("beside", "after")
        .inside("embedded", embedded)
        .end()
        .flow("start > fork > embedded > join > after > end")
        .flow("fork > beside > join")
    )
    told = begin(sketch, is_stored=is_stored)
    step = told.deliver("withdrawn")
    assert (closed(step), opened(step)) == (["inside"], ["aside_confirm"])
    told.complete("aside_confirm", verdict="")
    assert opened(told.complete("beside")) == ["after"]


# ── several ─────────────────────────────────────────────────────────────────────────────────────


def two() -> Sketch:
    """A reminder that may come again and again, and a withdrawal that ends all."""
    return (
        Sketch()
        .start()
        .task("work")
        .end()
        .inside(
            "remind",
            aside("message:reminded", interrupting=False, key="remind"),
            triggered=True,
        )
        .inside("aside", aside("message:withdrawn"), triggered=True)
        .flow("start > work > end")
    )


def test_the_one_that_interrupts_ends_the_others_begun_or_not(is_stored: bool) -> None:
    told = begin(two(), is_stored=is_stored)
    told.deliver("reminded")
    told.deliver("reminded")
    step = told.deliver("withdrawn")
    assert closed(step) == ["remind_confirm", "remind_confirm", "work"]
    assert not stepper.waits_for(told.live, "reminded")
    assert told.complete("aside_confirm", verdict="").finished


def test_one_inside_another_is_armed_when_the_other_begins(is_stored: bool) -> None:
    outer_aside = aside("message:withdrawn")
    outer_aside.inside("second", aside("message:regretted", key="second"), triggered=True)
    sketch = (
        Sketch()
        .start()
        .task("work")
        .end()
        .inside("aside", outer_aside, triggered=True)
        .flow("start > work > end")
    )
    told = begin(sketch, is_stored=is_stored)
    assert not stepper.waits_for(told.live, "regretted")
    told.deliver("withdrawn")
    step = told.deliver("regretted")
    assert (closed(step), opened(step)) == (["aside_confirm"], ["second_confirm"])
    assert told.complete("second_confirm", verdict="").finished


def test_a_terminate_event_inside_ends_only_the_event_sub_process(is_stored: bool) -> None:
    hasty = (
        Sketch("aside")
        .start("aside_begin", "message:withdrawn", interrupting=False)
        .parallel("aside_fork")
        .task("quick", "slow")
        .end("aside_end", terminate=True)
        .flow("aside_begin > aside_fork > quick > aside_end")
        .flow("aside_fork > slow > aside_end")
    )
    sketch = (
        Sketch()
        .start()
        .task("work")
        .end()
        .inside("aside", hasty, triggered=True)
        .flow("start > work > end")
    )
    told = begin(sketch, is_stored=is_stored)
    told.deliver("withdrawn")
    assert closed(told.complete("quick")) == ["quick", "slow"]
    assert told.open_now == ["work"]
    assert told.complete("work").finished


# ── what is known ───────────────────────────────────────────────────────────────────────────────


def test_what_has_been_answered_anywhere_is_known_when_it_begins(is_stored: bool) -> None:
    told = begin_busy("message:withdrawn", is_stored=is_stored)
    told.complete("deep", verdict="first")
    told.complete("work", verdict="last")
    told.deliver("withdrawn")
    assert told.known("aside_confirm")["verdict"] == "last"


def test_of_two_answers_beside_one_another_the_later_stays(is_stored: bool) -> None:
    outer, called = caller("message:withdrawn", interrupting=False)
    told = begin(outer, called, is_stored=is_stored)
    told.complete("before", verdict="old")
    told.deliver("withdrawn")
    told.complete("aside_confirm", verdict="of the side")
    told.complete("inside", verdict="note")
    assert opened(told.complete("more")) == ["noted"]
    told = begin(outer, called, is_stored=is_stored)
    told.complete("before", verdict="old")
    told.complete("inside", verdict="of the main path")
    told.deliver("withdrawn")
    told.complete("more")
    assert opened(told.complete("aside_confirm", verdict="note")) == ["noted"]


def test_what_it_only_read_does_not_overwrite_what_is_answered_meanwhile(is_stored: bool) -> None:
    told = begin(*caller("message:withdrawn", interrupting=False), is_stored=is_stored)
    told.complete("before", verdict="old")
    told.deliver("withdrawn")
    told.complete("inside")
    told.complete("more", verdict="note")
    assert opened(told.complete("aside_confirm")) == ["noted"]


# ── the diagram, and what is refused ────────────────────────────────────────────────────────────


def test_the_diagram_shows_it_once_it_has_begun() -> None:
    told = begin_busy("message:withdrawn")
    assert not {"aside", "aside_begin", "aside_confirm"} & told.states().keys()
    told.deliver("withdrawn")
    states = told.states()
    assert (states["aside"], states["aside_begin"]) == ("active", "done")
    assert (states["aside_confirm"], states["work"]) == ("active", "cancelled")
    assert states["aside_begin_to_aside_confirm"] == "done"
    told.complete("aside_confirm", verdict="")
    assert told.states()["aside"] == "done"


@pytest.mark.parametrize("awaits", ["", "cycle:R3/PT1H"])
def test_one_without_an_event_of_its_own_is_refused(awaits: str) -> None:
    sketch = (
        Sketch()
        .start()
        .task("work")
        .end()
        .inside("aside", aside(awaits), triggered=True)
        .flow("start > work > end")
    )
    with pytest.raises(Invalid, match="aside must start by"):
        catalog.load(folder(sketch), "sample")
