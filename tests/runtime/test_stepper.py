"""A step: an act in; what opened, closed, passed and ended out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from engine.domain.errors import Conflict, StepLimitExceeded, TaskNotOpen, UndecidableGateway
from engine.runtime import stepper
from tests.runtime.sketches import Sketch, endless, errand, rework
from tests.runtime.worlds import MONDAY, THREE_DAYS, World, begin, closed, opened, passed


def test_an_instance_runs_to_its_first_wait() -> None:
    told = begin(errand())
    assert opened(told.last) == ["look"]
    assert passed(told.last) == ["start"]
    assert not told.last.finished


def test_a_completed_task_leads_to_the_next_and_says_what_was_passed_on_the_way() -> None:
    told = begin(errand())
    step = told.complete("look", verdict="good")
    assert closed(step) == ["look"]
    assert passed(step) == ["look", "good", "praise", "end"]
    assert told.world.asked == [("applaud", {"loudness": 2})]
    assert step.finished
    assert told.open_now == []


def test_without_a_fitting_condition_the_default_flow_is_taken() -> None:
    told = begin(errand())
    assert opened(told.complete("look", verdict="bad")) == ["again"]


def test_only_answers_that_a_diagram_reads_become_data_of_the_process() -> None:
    told = begin(errand())
    told.complete("look", verdict="bad", opinion="a long text that belongs into the tables")
    (wait,) = told.live.waits.values()
    assert dict(wait.data) == {"verdict": "bad"}


def test_a_task_is_completed_once() -> None:
    told = begin(errand())
    task = told.wait("look")
    told.complete("look", verdict="bad")
    with pytest.raises(TaskNotOpen):
        stepper.complete(told.live, task, {"verdict": "good"}, told.world)
    assert told.open_now == ["again"]


def test_a_task_that_is_not_there_is_not_completed() -> None:
    told = begin(errand())
    with pytest.raises(TaskNotOpen):
        stepper.complete(told.live, uuid4(), {}, told.world)


def test_a_wait_that_is_no_task_is_not_completed() -> None:
    told = begin(messenger())
    with pytest.raises(TaskNotOpen):
        stepper.complete(told.live, told.wait("wait"), {}, told.world)


def test_what_an_operation_answers_is_what_the_flow_goes_by() -> None:
    sketch = (
        Sketch()
        .start()
        .service("ask", "colour", result="colour")
        .exclusive("which", default="other")
        .task("red", "other")
        .end()
        .flow("start > ask > which > other > end")
        .flow("which > red", when='colour == "red"')
        .flow("red > end")
    )
    world = World(answers={"colour": lambda: "red"})
    assert begin(sketch, world=world).open_now == ["red"]


def test_the_refusal_of_an_operation_arrives_as_it_was_meant() -> None:
    def refuse(loudness: int) -> None:
        raise Conflict("不行。", "no")

    told = begin(errand(), world=World(answers={"applaud": refuse}))
    with pytest.raises(Conflict, match="不行"):
        told.complete("look", verdict="good")


def test_a_decision_that_nothing_fits_names_its_gateway() -> None:
    sketch = (
        Sketch()
        .start()
        .task("look")
        .exclusive("which")
        .task("red", "blue")
        .end()
        .flow("start > look > which")
        .flow("which > red", when='colour == "red"')
        .flow("which > blue", when='colour == "blue"')
        .flow("red > end")
        .flow("blue > end")
    )
    told = begin(sketch)
    with pytest.raises(UndecidableGateway, match="which"):
        told.complete("look", colour="green")
    told = begin(sketch)
    with pytest.raises(UndecidableGateway, match=r"which.*colour"):
        told.complete("look")


def test_a_diagram_that_never_waits_is_stopped() -> None:
    sketch = (
        Sketch()
        .start()
        .task("look")
        .exclusive("begin", default="note")
        .service("note", "applaud", loudness="1")
        .exclusive("enough", default="begin")
        .end()
        .flow("start > look > begin > note > enough > begin")
        .flow("enough > end", when='verdict == "enough"')
    )
    told = begin(sketch)
    with pytest.raises(StepLimitExceeded, match=str(stepper.MOST_STEPS)):
        told.complete("look", verdict="more")
    assert len(told.world.asked) < stepper.MOST_STEPS


def test_nothing_is_asked_of_the_world_outside_a_step() -> None:
    told = begin(late_at_night())
    with pytest.raises(RuntimeError, match="outside a step"):
        told.live.script.now()
    told.fire("overdue")
    with pytest.raises(RuntimeError, match="outside a step"):
        told.live.script.now()


# ── timers ──────────────────────────────────────────────────────────────────────────────────────


def late_at_night(*, interrupting: bool = True) -> Sketch:
    return (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("slow", "other", "remind")
        .boundary_timer("overdue", "slow", "step", interrupting=interrupting)
        .end()
        .end("aside")
        .flow("start > fork > slow > join > end")
        .flow("fork > other > join")
        .flow("overdue > remind > aside" if not interrupting else "overdue > remind > join")
    )


def test_a_timer_is_armed_for_the_end_of_its_limit() -> None:
    told = begin(late_at_night())
    (timer,) = told.last.armed
    assert (timer.element.id, timer.due_at) == ("overdue", MONDAY + THREE_DAYS)


def test_a_timer_fires_when_it_is_told_to_and_never_by_itself() -> None:
    told = begin(late_at_night())
    told.world.moment += timedelta(days=30)
    told.complete("other")
    assert told.open_now == ["slow"]
    step = told.fire("overdue")
    assert step is not None
    assert (closed(step), opened(step)) == (["slow"], ["remind"])


def test_a_timer_fires_once() -> None:
    told = begin(late_at_night())
    timer = told.timer("overdue")
    assert stepper.fire(told.live, timer, told.world) is not None
    assert stepper.fire(told.live, timer, told.world) is None
    assert told.open_now == ["other", "remind"]


def test_an_interrupting_timer_ends_the_task_and_another_one_does_not() -> None:
    told = begin(late_at_night(interrupting=False))
    step = told.fire("overdue")
    assert step is not None
    assert (closed(step), opened(step)) == ([], ["remind"])
    assert told.open_now == ["other", "remind", "slow"]


def test_a_timer_of_a_completed_task_is_disarmed() -> None:
    told = begin(late_at_night())
    timer = told.timer("overdue")
    assert told.complete("slow").disarmed == (timer,)
    assert told.live.timers == {}
    assert stepper.fire(told.live, timer, told.world) is None


def test_a_due_moment_survives_being_stored() -> None:
    told = begin(late_at_night())
    told.world.moment += timedelta(days=1)
    told.reload()
    (timer,) = told.live.timers.values()
    assert timer.due_at == MONDAY + THREE_DAYS


# ── messages ────────────────────────────────────────────────────────────────────────────────────


def messenger() -> Sketch:
    """A choice between a message and a timer."""
    return (
        Sketch()
        .start()
        .choice("wait")
        .catch_message("came", "letter")
        .catch_timer("never_came", "step")
        .task("read", "ask")
        .end()
        .flow("start > wait > came > read > end")
        .flow("wait > never_came > ask > end")
    )


def test_a_message_goes_to_whoever_waits_for_it() -> None:
    told = begin(messenger())
    assert stepper.waits_for(told.live, "letter")
    assert opened(told.deliver("letter")) == ["read"]
    assert told.live.timers == {}
    assert not stepper.waits_for(told.live, "letter")


def test_a_message_that_nobody_waits_for_is_refused() -> None:
    told = begin(messenger())
    with pytest.raises(TaskNotOpen, match="parcel"):
        told.deliver("parcel")
    assert told.open_now == ["wait"]


def test_of_a_choice_the_timer_ends_the_wait_for_the_message() -> None:
    told = begin(messenger())
    step = told.fire("wait")
    assert step is not None
    assert opened(step) == ["ask"]
    assert not stepper.waits_for(told.live, "letter")


def called() -> Sketch:
    return (
        Sketch("inner").start().task("first", "second").end().flow("start > first > second > end")
    )


def caller(*, interrupting: bool = True) -> Sketch:
    return (
        Sketch()
        .start()
        .call("inside", "inner")
        .boundary_message("stop", "inside", "halt", interrupting=interrupting)
        .exclusive("which", default="after")
        .task("after", "good", "stopped")
        .end()
        .end("aside")
        .flow("start > inside > which > after > end")
        .flow("which > good", when='verdict == "good"')
        .flow("good > end")
        .flow("stop > stopped > aside")
    )


def test_a_called_process_gives_its_data_back() -> None:
    told = begin(caller(), called())
    told.complete("first", verdict="good")
    assert opened(told.complete("second")) == ["good"]


def test_a_message_interrupts_a_called_process_at_once() -> None:
    told = begin(caller(), called())
    told.complete("first")
    step = told.deliver("halt")
    assert (closed(step), opened(step)) == (["second"], ["stopped"])
    assert told.complete("stopped").finished


def test_a_message_beside_a_called_process_leaves_it_open() -> None:
    told = begin(caller(interrupting=False), called(), verdict="")
    step = told.deliver("halt")
    assert (closed(step), opened(step)) == ([], ["stopped"])
    told.complete("stopped")
    told.complete("first")
    told.complete("second")
    assert told.complete("after").finished


# ── long cases ──────────────────────────────────────────────────────────────────────────────────


def test_a_case_with_more_than_a_thousand_tasks_is_not_taken_for_finished() -> None:
    told = begin(endless())
    for _ in range(350):
        step = told.complete("work", verdict="more")
    assert len(told.live.workflow.tasks) > 1000
    assert not step.finished
    told.reload()
    assert told.open_now == ["work"]
    assert told.complete("work", verdict="enough").finished


def test_a_called_process_with_more_than_a_thousand_tasks_goes_on() -> None:
    sketch = (
        Sketch("outer")
        .start()
        .call("inside", "sample")
        .task("after")
        .end()
        .flow("start > inside > after > end")
    )
    told = begin(sketch, endless())
    for _ in range(350):
        told.complete("work", verdict="more")
    assert told.open_now == ["work"]
    assert opened(told.complete("work", verdict="enough")) == ["after"]
    assert told.complete("after").finished


def test_a_join_in_a_rework_loop_waits_for_both_in_every_round() -> None:
    told = begin(rework())
    for first, second in (("left", "right"), ("right", "left"), ("left", "right")):
        told.complete(first)
        told.reload()
        assert told.open_now == [second]
        told.complete(second)
        assert told.open_now == ["sign"]
        told.complete("sign", verdict="again")
    assert told.open_now == ["left", "right"]


# ── the diagram ─────────────────────────────────────────────────────────────────────────────────


def test_the_diagram_shows_what_is_done_what_is_active_and_the_flows_between() -> None:
    told = begin(errand())
    told.complete("look", verdict="bad")
    states = told.states()
    assert states["look"] == "done"
    assert states["again"] == "active"
    assert states["start_to_look"] == states["good_to_again"] == "done"
    assert "praise" not in states
    assert "good_to_praise" not in states


def test_the_diagram_shows_what_was_cancelled_and_no_timer_that_never_fired() -> None:
    told = begin(late_at_night())
    told.fire("overdue")
    assert told.states()["slow"] == "cancelled"
    assert told.states()["overdue"] == "done"
    told = begin(late_at_night())
    told.complete("slow")
    assert "overdue" not in told.states()


@pytest.mark.parametrize("element_id", ["begin", "left", "join"])
def test_a_step_back_shows_the_second_round_as_active(element_id: str) -> None:
    told = begin(rework())
    told.complete("left")
    told.complete("right")
    told.complete("sign", verdict="again")
    expected: dict[str, Any] = {"begin": "done", "left": "active", "join": "done"}
    assert told.states()[element_id] == expected[element_id]
