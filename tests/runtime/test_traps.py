"""The fifteen known traps of SpiffWorkflow, by number: made right here, or refused by the gate.

What the bare library does in each is shown by tests/runtime/bare.py.
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from time import process_time
from typing import Any

import orjson
import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import Conflict, EngineError, StepLimitExceeded, TaskNotOpen
from engine.runtime import stepper
from engine.runtime.expressions import ExpressionRefused
from engine.runtime.packing import unpack
from engine.runtime.script import Script
from tests.runtime import golden
from tests.runtime.hostile import HOSTILE, checked, one
from tests.runtime.situations.joins import nested, three_branches
from tests.runtime.sketches import Sketch, endless, errand, nearer_of_two, rework
from tests.runtime.worlds import World, begin, opened


def refused(sketch: Sketch, *called: Sketch) -> set[str]:
    """The codes of what the gate refuses in a sketch."""
    return {each.code for each in checked(one(sketch, *called)).refusals}


def is_refused(code: str) -> bool:
    """Whether the gate refuses the folder that stands for this fault, and for it."""
    return code in {each.code for each in checked(HOSTILE[code].files()).refusals}


# ── 1: joins in rework loops ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_stored", [False, True], ids=["live", "stored"])
@pytest.mark.parametrize("order", list(itertools.permutations(("one", "two", "three"))))
def test_trap_1_a_join_waits_for_all_three_branches_in_every_round(
    order: tuple[str, ...], is_stored: bool
) -> None:
    told = begin(three_branches(), is_stored=is_stored)
    for _ in range(3):
        for number, key in enumerate(order, 1):
            told.complete(key)
            assert told.open_now == (sorted(order[number:]) or ["sign"])
        told.complete("sign", verdict="again")
    assert told.open_now == ["one", "three", "two"]


@pytest.mark.parametrize("is_stored", [False, True], ids=["live", "stored"])
@pytest.mark.parametrize("inner_rounds", [1, 2, 3])
def test_trap_1_a_join_in_a_loop_in_a_branch_of_a_join_in_a_loop(
    inner_rounds: int, is_stored: bool
) -> None:
    told = begin(nested(), is_stored=is_stored)
    for _ in range(3):
        for number in range(1, inner_rounds + 1):
            told.complete("right")
            assert told.open_now == (["beside", "left"] if number < 2 else ["left"])
            told.complete("left")
            if number == 1:
                told.complete("beside")
            assert told.open_now == ["check"]
            told.complete("check", inner="again" if number < inner_rounds else "enough")
        assert told.open_now == ["sign"]
        told.complete("sign", verdict="again")
    assert told.open_now == ["beside", "left", "right"]


def test_trap_1_an_inclusive_join_in_a_loop_is_refused() -> None:
    assert is_refused("inclusive-join-in-loop")


# ── 2: event sub-processes; all of tests/runtime/test_event_subprocesses.py ─────────────────────


def test_trap_2_a_message_starts_an_event_sub_process_that_interrupts() -> None:
    aside = (
        Sketch("aside")
        .start("begin", "message:withdrawn")
        .task("confirm", waiting_en="waits")
        .end("over")
        .flow("begin > confirm > over")
    )
    sketch = Sketch().start().task("work", waiting_en="waits").end()
    sketch.inside("aside", aside, triggered=True).flow("start > work > end")
    told = begin(sketch)
    assert opened(told.deliver("withdrawn")) == ["confirm"]


def test_trap_2_ad_hoc_and_multi_instance_which_change_the_shared_diagram_too_are_refused() -> None:
    assert is_refused("ad-hoc")
    assert is_refused("multi-instance")


# ── 3: the last writer of each answer ───────────────────────────────────────────────────────────


def side_by_side() -> Sketch:
    return (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("first", "one", "two", "after", "agreed")
        .exclusive("which", default="end")
        .end()
        .flow("start > first > fork > one > join > after > which > end")
        .flow("fork > two > join")
        .flow("which > agreed", when="verdict == other")
        .flow("agreed > end")
    )


@pytest.mark.parametrize("is_stored", [False, True], ids=["live", "stored"])
@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
@pytest.mark.parametrize("after", [[3], {"b": 2}, "new", None, 0])
def test_trap_3_an_answer_changed_in_one_branch_is_not_put_back_by_the_other(
    order: tuple[str, str], after: Any, is_stored: bool
) -> None:
    told = begin(side_by_side(), is_stored=is_stored)
    told.complete("first", verdict=[1, 2], other={"a": 1})
    for key in order:
        told.complete(key, **({"verdict": after} if key == "one" else {}))
    assert told.known("after") == {"verdict": after, "other": {"a": 1}}


@pytest.mark.parametrize("is_stored", [False, True], ids=["live", "stored"])
def test_trap_3_of_two_branches_in_called_processes_the_later_answer_stays(
    is_stored: bool,
) -> None:
    def called(key: str) -> Sketch:
        tasks = (f"{key}_answer", f"{key}_close")
        return Sketch(key).start().task(*tasks).end().flow(f"start > {tasks[0]} > {tasks[1]} > end")

    main = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .call("call_one", "one")
        .call("call_two", "two")
        .exclusive("which", default="other")
        .task("other", "last")
        .end()
        .flow("start > fork > call_one > join > which > other > end")
        .flow("fork > call_two > join")
        .flow("which > last", when='verdict == "later"')
        .flow("last > end")
    )
    told = begin(main, called("one"), called("two"), is_stored=is_stored, verdict="given")
    told.complete("two_answer", verdict="earlier")
    told.complete("one_answer", verdict="later")
    told.complete("one_close")
    assert opened(told.complete("two_close")) == ["last"]  # the call that ends last said it first


# ── 4: more than a thousand tasks ───────────────────────────────────────────────────────────────


def test_trap_4_a_case_of_two_thousand_tasks_is_seen_joined_stored_and_ended_in_good_time() -> None:
    told = begin(rework())
    while len(told.live.workflow.tasks) < 2_000:
        told.complete("left")
        told.complete("right")
        told.complete("sign", verdict="again")
    told.reload()
    assert not told.live.workflow.is_completed()
    assert told.open_now == ["left", "right"]
    began = process_time()
    told.complete("left", verdict="kept")
    assert told.open_now == ["right"]
    told.complete("right")
    assert told.known("sign")["verdict"] == "kept"
    step = told.complete("sign", verdict="enough")
    assert step.finished
    assert told.live.workflow.is_completed()
    assert process_time() - began < 3


def test_trap_4_open_tasks_are_found_by_the_library_itself_however_deep_they_lie() -> None:
    told = begin(endless())
    for _ in range(500):
        told.complete("work", verdict="more")
    found = told.live.workflow.get_tasks(state=TaskState.READY, manual=True)
    assert [task.task_spec.bpmn_id for task in found] == ["work"]


# ── 5: the order of keys is data ────────────────────────────────────────────────────────────────


def test_trap_5_a_state_is_bytes_that_no_database_sorts() -> None:
    told = begin(errand(), zebra=1, apple=2, mango=3)
    raw = told.live.dump()
    assert isinstance(raw, bytes)
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(raw)
    names = list(orjson.loads(unpack(raw))["t"][0][7])
    assert names == ["zebra", "apple", "mango"]


# ── 6: two timers at one gateway; all of tests/runtime/test_timers.py ───────────────────────────


def test_trap_6_two_timers_of_one_gateway_have_two_moments() -> None:
    told = begin(nearer_of_two())
    moments = sorted(timer.due_at for timer in told.live.timers.values())
    assert moments[1] - moments[0] == timedelta(hours=1)
    told.reload()
    told.fire("late")
    assert told.open_now == ["overdue"]


# ── 7: the script engine of a restored case ─────────────────────────────────────────────────────


def test_trap_7_a_loaded_instance_has_our_script_engine_in_every_part() -> None:
    told, _ = golden.read(2)
    assert len(told.live.workflow.subprocesses) > 1
    for part in (told.live.workflow, *told.live.workflow.subprocesses.values()):
        assert type(part.script_engine) is Script
    with pytest.raises(ExpressionRefused):
        told.live.script.evaluate(told.live.workflow.task_tree, "__import__('os').getcwd()")


# ── 8: masked errors ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "cause",
    [KeyError(404), OSError(28, "disk full"), ZeroDivisionError(), Conflict("不行。", "no")],
)
def test_trap_8_what_made_an_operation_fail_comes_out_as_it_was(cause: Exception) -> None:
    def fail(loudness: int) -> None:
        raise cause

    told = begin(errand(), world=World(answers={"applaud": fail}))
    with pytest.raises(type(cause)) as caught:
        told.complete("look", verdict="good")
    assert caught.value is cause


@pytest.mark.parametrize("cause", [KeyError(404), ValueError(), OSError(28, "disk full")])
def test_trap_8_the_library_explains_any_exception_with_its_own_name(cause: Exception) -> None:
    engine = PythonScriptEngine()
    task = begin(errand()).live.workflow.task_tree
    explained = engine.create_task_exec_exception(task, "", cause)
    assert type(cause).__name__ in str(explained)


# ── 9: silently ignored ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "code",
    [
        "signal-end",
        "link-event",
        "compensation",
        "flow-condition-ignored",
        "script-task",
        "script-in-extension",
        "send-task",
        "message-missing",
        "timer-invalid",
        "decision-task-empty",
        "unreachable",
        "id-doubled",
        "standard-loop",
        "token-quantity",
        "complex-gateway",
    ],
)
def test_trap_9_what_the_library_ignores_in_silence_is_refused(code: str) -> None:
    assert is_refused(code)


def test_trap_9_an_unquoted_time_is_mended() -> None:
    assert "timer-quoted" in {
        each.code for each in checked(HOSTILE["timer-quoted"].files()).findings
    }


# ── 10: run() asks nothing ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["COMPLETED", "FUTURE", "CANCELLED", "WAITING"])
def test_trap_10_a_task_that_is_not_ready_is_not_run(state: str) -> None:
    told = begin(errand())
    task = told.live.workflow.get_task_from_id(told.wait("look"))
    task._set_state(TaskState.get_value(state))
    with pytest.raises(WorkflowException, match=f"look is {state}"):
        task.run()


def test_trap_10_a_double_click_is_refused_and_changes_nothing() -> None:
    told = begin(errand())
    task, raw = told.wait("look"), None
    told.complete("look", verdict="bad")
    raw = told.live.dump()
    with pytest.raises(TaskNotOpen):
        stepper.complete(told.live, task, {"verdict": "good"}, told.world)
    assert told.live.dump() == raw


# ── 11: without a limit ─────────────────────────────────────────────────────────────────────────


def test_trap_11_an_automatic_loop_ends_in_a_refusal_and_soon() -> None:
    sketch = (
        Sketch()
        .start()
        .exclusive("begin", default="note")
        .service("note", "applaud", loudness="1")
        .exclusive("enough", default="begin")
        .end()
        .flow("start > begin > note > enough > begin")
        .flow("enough > end", when='verdict == "enough"')
    )
    began = process_time()
    with pytest.raises(StepLimitExceeded):
        begin(sketch, verdict="more")
    assert process_time() - began < 3
    assert "loop-without-wait" in refused(sketch)


def test_trap_11_a_fork_that_feeds_itself_ends_in_a_refusal_and_soon() -> None:
    sketch = (
        Sketch()
        .start()
        .exclusive("begin", default="fork")
        .parallel("fork")
        .end()
        .flow("start > begin > fork > begin")
        .flow("fork > end")
    )
    sketch.exclusive("second", default="begin").flow("fork > second > begin")
    began = process_time()
    with pytest.raises(StepLimitExceeded):
        begin(sketch)
    assert process_time() - began < 5


def test_trap_11_a_process_that_calls_itself_ends_in_a_refusal() -> None:
    sketch = Sketch().start().call("again", "sample").end().flow("start > again > end")
    with pytest.raises(StepLimitExceeded):
        begin(sketch)
    assert is_refused("call-recursive")


# ── 12: after an exception ──────────────────────────────────────────────────────────────────────


def test_trap_12_a_failed_step_leaves_nothing_behind_but_the_stored_state() -> None:
    def fail(loudness: int) -> None:
        raise Conflict("不行。", "no")

    world = World(answers={"applaud": fail})
    told = begin(errand(), world=world)
    raw = told.live.dump()
    with pytest.raises(Conflict):
        told.complete("look", verdict="good")
    with pytest.raises(RuntimeError):
        told.live.dump()
    told.live = stepper.load(told.drawn, "sample", raw)
    assert told.open_now == ["look"]
    assert told.known("look") == {}
    world.answers.clear()
    assert told.complete("look", verdict="good").finished


# ── 13: timers; all of tests/runtime/test_timers.py ─────────────────────────────────────────────


def test_trap_13_a_timer_without_a_time_zone_or_without_a_time_is_refused() -> None:
    for moment in ('"2030-01-01T00:00:00"', '"tomorrow"', "1"):
        sketch = (
            Sketch()
            .start()
            .task("look")
            .node(
                "intermediateCatchEvent",
                "wait",
                '<bpmn:timerEventDefinition id="wait_timer">'
                f"<bpmn:timeDate>{moment}</bpmn:timeDate></bpmn:timerEventDefinition>",
            )
            .end()
            .flow("start > look > wait > end")
        )
        with pytest.raises(EngineError, match="wait"):
            begin(sketch).complete("look")


def test_trap_13_a_cycle_that_interrupts_interrupts() -> None:
    sketch = (
        Sketch()
        .start()
        .task("slow", "after")
        .boundary("again", "slow", "cycle:R/P1D")
        .end()
        .flow("start > slow > end")
        .flow("again > after > end")
    )
    told = begin(sketch)
    told.fire("again")
    assert (told.open_now, told.armed) == (["after"], [])


# ── 14: multi-instance ──────────────────────────────────────────────────────────────────────────


def test_trap_14_multi_instance_is_refused() -> None:
    assert is_refused("multi-instance")


# ── 15: serializers of other versions ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [1, 2])
def test_trap_15_states_of_every_format_so_far_are_read_with_their_called_processes(
    number: int,
) -> None:
    told, expected = golden.read(number)
    golden.go_on(told, expected["moves"])
    assert told.last.finished
