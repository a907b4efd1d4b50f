"""Interruptions, errors, escalations, conditions: at once, and to the right one."""

from __future__ import annotations

from time import process_time

import pytest

from engine.domain.errors import StepLimitExceeded, UndecidableGateway
from engine.runtime import stepper
from engine.runtime.patches.walks import DEEPEST
from tests.runtime.sketches import Sketch
from tests.runtime.worlds import World, begin, closed, opened, passed


@pytest.fixture(params=[False, True], ids=["live", "stored"])
def is_stored(request: pytest.FixtureRequest) -> bool:
    """Whether the instance is stored and loaded again before every act."""
    return bool(request.param)


def called() -> Sketch:
    """A task with a timer, and beside it a further call."""
    return (
        Sketch("called")
        .start("called_start")
        .parallel("called_fork", "called_join")
        .task("deep", "deep_late")
        .boundary_timer("deep_overdue", "deep", "step", interrupting=False)
        .call("further", "innermost")
        .end("called_end")
        .end("deep_aside")
        .flow("called_start > called_fork > deep > called_join > called_end")
        .flow("called_fork > further > called_join")
        .flow("deep_overdue > deep_late > deep_aside")
    )


def innermost() -> Sketch:
    return (
        Sketch("innermost")
        .start()
        .task("deepest")
        .catch_message("wait", "letter")
        .end()
        .flow("start > deepest > wait > end")
    )


def embedded() -> Sketch:
    """The same as `called`, drawn inside its caller."""
    sketch = called()
    sketch.process_id = "inside"
    return sketch


def host(awaits: str, *, is_embedded: bool, interrupting: bool = True) -> list[Sketch]:
    main = Sketch().start().task("after", "stopped").end().end("aside")
    main = main.inside("inside", embedded()) if is_embedded else main.call("inside", "called")
    main.boundary("stop", "inside", awaits, interrupting=interrupting)
    main.flow("start > inside > after > end").flow("stop > stopped > aside")
    return [main, innermost()] if is_embedded else [main, called(), innermost()]


@pytest.mark.parametrize("is_embedded", [False, True], ids=["call", "sub-process"])
@pytest.mark.parametrize("awaits", ["message:halt", "signal:halt", "timer:step", "cycle:R/P1D"])
def test_an_interrupting_boundary_event_leaves_nothing_open_inside(
    awaits: str, is_embedded: bool, is_stored: bool
) -> None:
    told = begin(*host(awaits, is_embedded=is_embedded), is_stored=is_stored)
    assert told.open_now == ["deep", "deepest"]
    told.fire("deep_overdue")
    step = _happen(told, awaits)
    assert closed(step) == ["deep", "deep_late", "deepest"]
    assert opened(step) == ["stopped"]
    assert told.armed == []
    assert told.states()["inside"] == "cancelled"
    assert told.complete("stopped").finished


@pytest.mark.parametrize("is_embedded", [False, True], ids=["call", "sub-process"])
@pytest.mark.parametrize("awaits", ["message:halt", "signal:halt", "timer:step"])
def test_a_boundary_event_that_does_not_interrupt_leaves_all_open_inside(
    awaits: str, is_embedded: bool, is_stored: bool
) -> None:
    sketches = host(awaits, is_embedded=is_embedded, interrupting=False)
    told = begin(*sketches, is_stored=is_stored)
    step = _happen(told, awaits)
    assert (closed(step), opened(step)) == ([], ["stopped"])
    told.complete("stopped")
    told.complete("deep")
    told.complete("deepest")
    told.deliver("letter")
    assert told.complete("after").finished


def _happen(told: object, awaits: str) -> stepper.Step:
    kind = awaits.split(":", maxsplit=1)[0]
    if kind in ("message", "signal"):
        step = told.deliver("halt") if kind == "message" else told.signal("halt")  # type: ignore[attr-defined]
    else:
        step = told.fire("stop")  # type: ignore[attr-defined]
    assert isinstance(step, stepper.Step)
    return step


def test_what_waits_inside_for_the_same_message_does_not_go_on_after_the_interruption(
    is_stored: bool,
) -> None:
    inner = (
        Sketch("inner")
        .start()
        .catch_message("wait", "halt")
        .service("note", "applaud", loudness="1")
        .end()
        .flow("start > wait > note > end")
    )
    outer = (
        Sketch()
        .start()
        .call("inside", "inner")
        .boundary("stop", "inside", "message:halt")
        .task("stopped")
        .end()
        .flow("start > inside > end")
        .flow("stop > stopped > end")
    )
    told = begin(outer, inner, is_stored=is_stored)
    assert opened(told.deliver("halt")) == ["stopped"]
    assert told.world.asked == []


# ── terminate ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_embedded", [False, True], ids=["call", "sub-process"])
def test_a_terminate_event_ends_its_own_scope_and_no_other(
    is_embedded: bool, is_stored: bool
) -> None:
    inside = (
        Sketch("inside" if is_embedded else "called")
        .start("inner_start")
        .parallel("inner_fork")
        .task("decide", "linger")
        .boundary_timer("linger_overdue", "linger", "step")
        .call("further", "innermost")
        .end("all_over", terminate=True)
        .flow("inner_start > inner_fork > decide > all_over")
        .flow("inner_fork > linger > all_over")
        .flow("inner_fork > further > all_over")
        .flow("linger_overdue > all_over")
    )
    main = Sketch().start("begin").parallel("fork", "join").task("beside", "after").end("done")
    main = main.inside("inside", inside) if is_embedded else main.call("inside", "called")
    main.boundary_timer("too_long", "inside", "long")
    main.task("hurry").flow("begin > fork > inside > join > after > done")
    main.flow("fork > beside > join").flow("too_long > hurry > done")
    called_too = [] if is_embedded else [inside]
    told = begin(main, *called_too, innermost(), is_stored=is_stored)
    assert told.open_now == ["beside", "decide", "deepest", "linger"]
    step = told.complete("decide", verdict="x")
    assert closed(step) == ["decide", "deepest", "linger"]
    assert (told.open_now, told.armed) == (["beside"], [])
    assert opened(told.complete("beside")) == ["after"]
    assert told.complete("after").finished


def test_a_terminate_event_ends_more_than_a_thousand_tasks_deep() -> None:
    sketch = (
        Sketch()
        .start()
        .parallel("fork")
        .exclusive("begin", default="work")
        .task("work", "stop")
        .exclusive("enough", default="begin")
        .end(terminate=True)
        .flow("start > fork > begin > work > enough > begin")
        .flow("fork > stop > end")
        .flow("enough > end", when='verdict == "enough"')
    )
    told = begin(sketch)
    for _ in range(400):
        told.complete("work", verdict="more")
    step = told.complete("stop")
    assert step.finished
    assert told.open_now == []


# ── errors and escalations ──────────────────────────────────────────────────────────────────────


def failing(kind: str = "error", name: str = "broken") -> Sketch:
    return (
        Sketch("failing")
        .start()
        .parallel("failing_fork")
        .task("fail", "linger")
        .end_with("failed", kind, name)
        .end()
        .flow("start > failing_fork > fail > failed")
        .flow("failing_fork > linger > end")
    )


def between() -> Sketch:
    """Calls what fails, and catches another error."""
    return (
        Sketch("between")
        .start()
        .call("call_failing", "failing")
        .boundary("other", "call_failing", "error:other")
        .task("mend_other")
        .end()
        .flow("start > call_failing > end")
        .flow("other > mend_other > end")
    )


def guarded(calls: str, awaits: str, *, interrupting: bool = True) -> Sketch:
    return (
        Sketch()
        .start()
        .call("call", calls)
        .boundary("caught", "call", awaits, interrupting=interrupting)
        .task("mend", "after")
        .end()
        .end("mended")
        .flow("start > call > after > end")
        .flow("caught > mend > mended")
    )


@pytest.mark.parametrize("awaits", ["error:broken", "error:"], ids=["by its code", "all"])
def test_an_error_of_a_called_process_is_caught_by_its_caller(awaits: str, is_stored: bool) -> None:
    told = begin(guarded("failing", awaits), failing(), is_stored=is_stored)
    step = told.complete("fail")
    assert (closed(step), opened(step)) == (["fail", "linger"], ["mend"])
    assert passed(step)[:3] == ["fail", "failed", "caught"]
    assert told.complete("mend").finished


def test_an_error_goes_outwards_until_somebody_catches_it(is_stored: bool) -> None:
    told = begin(guarded("between", "error:broken"), between(), failing(), is_stored=is_stored)
    step = told.complete("fail")
    assert (closed(step), opened(step)) == (["fail", "linger"], ["mend"])


def test_who_names_the_error_goes_before_who_catches_all() -> None:
    main = guarded("failing", "error:")
    main.boundary("named", "call", "error:broken").task("mend_named")
    main.flow("named > mend_named > mended")
    told = begin(main, failing())
    assert opened(told.complete("fail")) == ["mend_named"]


def test_an_error_that_nobody_catches_stops_the_step_and_says_where(is_stored: bool) -> None:
    told = begin(guarded("failing", "error:other"), failing(), is_stored=is_stored)
    with pytest.raises(UndecidableGateway, match=r"failed.*broken"):
        told.complete("fail")


def test_an_error_starts_an_event_sub_process_of_its_scope(is_stored: bool) -> None:
    mending = (
        Sketch("mending")
        .start("mending_begin", "error:broken")
        .task("mend_inside")
        .end("mending_end")
        .flow("mending_begin > mend_inside > mending_end")
    )
    main = failing()
    main.process_id = "sample"
    main.inside("mending", mending, triggered=True)
    told = begin(main, is_stored=is_stored)
    step = told.complete("fail")
    assert (closed(step), opened(step)) == (["fail", "linger"], ["mend_inside"])
    assert told.complete("mend_inside").finished


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_of_a_called_process_reaches_its_caller(
    interrupting: bool, is_stored: bool
) -> None:
    main = guarded("failing", "escalation:late", interrupting=interrupting)
    told = begin(main, failing("escalation", "late"), is_stored=is_stored)
    step = told.complete("fail")
    assert opened(step) == ["mend"]
    assert told.open_now == (["mend"] if interrupting else ["linger", "mend"])


def test_an_escalation_that_nobody_catches_is_let_pass(is_stored: bool) -> None:
    main = guarded("failing", "escalation:other")
    told = begin(main, failing("escalation", "late"), is_stored=is_stored)
    told.complete("fail")
    assert opened(told.complete("linger")) == ["after"]


# ── conditions ──────────────────────────────────────────────────────────────────────────────────


def watched(interrupting: bool = True) -> list[Sketch]:
    """A boundary condition on one branch; answers come from the other, and from a called process."""
    inner = Sketch("inner").start().task("inside").end().flow("start > inside > end")
    main = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("work", "after", "alarm")
        .exclusive("met", default="join")
        .boundary("watch", "work", 'condition:verdict == "bad"', interrupting=interrupting)
        .call("call", "inner")
        .end()
        .end("alarmed")
        .flow("start > fork > work > met > join > after > end")
        .flow("fork > call > join")
        .flow("watch > alarm > met" if interrupting else "watch > alarm > alarmed")
    )
    return [main, inner]


def test_a_condition_is_woken_by_what_a_called_process_answers(is_stored: bool) -> None:
    told = begin(*watched(), is_stored=is_stored)
    assert told.open_now == ["inside", "work"]  # nobody has answered: it does not hold
    step = told.complete("inside", verdict="bad")
    assert (closed(step), opened(step)) == (["inside", "work"], ["alarm"])
    assert told.known("alarm")["verdict"] == "bad"
    assert opened(told.complete("alarm")) == ["after"]


def test_a_condition_that_does_not_interrupt_is_answered_once(is_stored: bool) -> None:
    told = begin(*watched(interrupting=False), is_stored=is_stored)
    assert opened(told.complete("inside", verdict="bad")) == ["alarm"]
    assert opened(told.complete("work")) == ["after"]
    assert told.open_now == ["after", "alarm"]
    told.complete("alarm")
    assert told.complete("after").finished


def test_a_condition_starts_an_event_sub_process(is_stored: bool) -> None:
    recalled = (
        Sketch("recalled")
        .start("recalled_begin", 'condition:verdict == "bad"')
        .task("look_again")
        .end("recalled_end")
        .flow("recalled_begin > look_again > recalled_end")
    )
    main = (
        Sketch()
        .start()
        .task("first", "second")
        .end()
        .inside("recalled", recalled, triggered=True)
        .flow("start > first > second > end")
    )
    told = begin(main, is_stored=is_stored)
    assert opened(told.complete("first", verdict="good")) == ["second"]
    told = begin(main, is_stored=is_stored)
    assert opened(told.complete("first", verdict="bad")) == ["look_again"]
    assert told.complete("look_again").finished


def test_a_condition_of_an_intermediate_event_is_a_wait_of_its_own_kind() -> None:
    sketch = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("answer")
        .catch("wait", 'condition:verdict == "good"')
        .end()
        .flow("start > fork > answer > join > end")
        .flow("fork > wait > join")
    )
    told = begin(sketch)
    assert {wait.kind for wait in told.live.waits.values()} == {"user", "condition"}
    assert told.complete("answer", verdict="good").finished


# ── one after another ───────────────────────────────────────────────────────────────────────────


def test_a_sub_process_that_begins_in_the_step_in_which_another_ends_is_run(
    is_stored: bool,
) -> None:
    first = Sketch("first").start("f1").task("one").end("f2").flow("f1 > one > f2")
    second = Sketch("second").start("s1").task("two").end("s2").flow("s1 > two > s2")
    around = Sketch("around").start("a1").inside("first", first).inside("second", second)
    around.end("a2").flow("a1 > first > second > a2")
    main = Sketch().start().inside("around", around).end().flow("start > around > end")
    told = begin(main, is_stored=is_stored)
    assert opened(told.complete("one")) == ["two"]
    assert told.complete("two").finished


# ── without a limit ─────────────────────────────────────────────────────────────────────────────


def test_a_process_that_calls_itself_is_stopped_soon() -> None:
    sketch = Sketch().start().call("again", "sample").end().flow("start > again > end")
    began = process_time()
    with pytest.raises(StepLimitExceeded, match=f"{DEEPEST}.*again"):
        begin(sketch)
    assert process_time() - began < 2


def test_processes_that_call_one_another_are_stopped_behind_a_task_too() -> None:
    other = Sketch("other").start().call("back", "sample").end().flow("start > back > end")
    sketch = (
        Sketch()
        .start()
        .exclusive("which", default="there")
        .task("look")
        .call("there", "other")
        .end()
        .flow("start > which > there > end")
        .flow("which > look", when='verdict == "look"')
        .flow("look > there")
    )
    told = begin(sketch, other, verdict="look")

    def go_on() -> None:
        for _ in range(DEEPEST):
            told.complete("look")

    with pytest.raises(StepLimitExceeded):
        go_on()


def test_a_failed_step_spoils_the_instance() -> None:
    world = World(answers={"applaud": lambda loudness: 1 / 0})
    sketch = (
        Sketch()
        .start()
        .task("look")
        .service("note", "applaud", loudness="1")
        .end()
        .flow("start > look > note > end")
    )
    told = begin(sketch, world=world)
    raw = told.live.dump()
    with pytest.raises(ZeroDivisionError):
        told.complete("look")
    for act in (told.live.dump, lambda: told.complete("look")):
        with pytest.raises(RuntimeError, match="load it again"):
            act()
    told.live = stepper.load(told.drawn, "sample", raw)
    world.answers.clear()
    assert told.complete("look").finished
