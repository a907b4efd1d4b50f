"""A withdrawal and a reminder drawn as event sub-processes, through the services and the tables."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from engine.persistence import models
from engine.services import cases, messages
from engine.services.timer_firing import fire_timer
from tests.offices import FIRM, Practice
from tests.oracle import contradictions
from tests.runtime.sketches import Sketch
from tests.services.test_sample_procedures import Opened, opened

__all__ = ["opened"]


def withdrawal() -> list[Sketch]:
    """Two tasks side by side, one of them called, with timers; what may come beside them."""
    called = (
        Sketch("called")
        .start()
        .task("inside", "chase")
        .boundary_timer("inside_late", "inside", "step", interrupting=False)
        .end(terminate=True)
        .end("chased")
        .flow("start > inside > end")
        .flow("inside_late > chase > chased")
    )
    withdrawn = (
        Sketch("withdrawn")
        .start("withdrawn_begin", "message:withdrawn")
        .task("confirm")
        .end("withdrawn_end")
        .flow("withdrawn_begin > confirm > withdrawn_end")
    )
    hurried = (
        Sketch("hurried")
        .start("hurried_begin", "message:hurried", interrupting=False)
        .task("reply")
        .end("hurried_end")
        .flow("hurried_begin > reply > hurried_end")
    )
    timed = (
        Sketch("timed")
        .start("timed_begin", "timer:long", interrupting=False)
        .task("remind")
        .end("timed_end")
        .flow("timed_begin > remind > timed_end")
    )
    main = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("work", "after")
        .call("call", "called")
        .end()
        .inside("withdrawn", withdrawn, triggered=True)
        .inside("hurried", hurried, triggered=True)
        .inside("timed", timed, triggered=True)
        .flow("start > fork > work > join > after > end")
        .flow("fork > call > join")
    )
    return [main, called]


def file(practice: Practice) -> str:
    filed = cases.file(practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now)
    return filed.number


def tell(practice: Practice, number: str, message: str) -> None:
    messages.receive(practice.office, practice["lin"], number, message, {}, now=practice.now)


def open_now(practice: Practice, number: str) -> list[str]:
    return sorted(task.element_id for task in practice.open_tasks(number))


def armed(practice: Practice, number: str) -> list[str]:
    (instance,) = practice.of_case(models.ProcessInstance, number)
    rows = practice.all(select(models.Timer))
    return sorted(r.element_id for r in rows if r.instance_id == instance.id and not r.fired_at)


def test_a_withdrawal_closes_every_open_task_and_timer_of_the_case_at_once(opened: Opened) -> None:
    practice = opened(*withdrawal())
    another = opened(deployed=False)
    number = file(practice)
    assert open_now(practice, number) == ["inside", "work"]
    tell(practice, number, "hurried")
    tell(another, number, "hurried")
    assert open_now(another, number) == ["inside", "reply", "reply", "work"]
    tell(practice, number, "withdrawn")
    assert open_now(practice, number) == ["confirm"]
    states = {(task.element_id, task.state) for task in practice.of_case(models.Task, number)}
    assert states == {
        ("work", "cancelled"),
        ("inside", "cancelled"),
        ("reply", "cancelled"),
        ("confirm", "ready"),
    }
    assert armed(practice, number) == []
    assert contradictions(practice.office) == []
    another.answer(number, "confirm", {})
    (instance,) = practice.of_case(models.ProcessInstance, number)
    assert instance.is_finished


def test_a_case_that_nobody_withdraws_ends_and_leaves_no_timer_armed(opened: Opened) -> None:
    practice = opened(*withdrawal())
    number = file(practice)
    assert armed(practice, number) == ["inside_late", "timed_begin"]
    for element_id in ("work", "inside", "after"):
        practice.answer(number, element_id, {})
    (instance,) = practice.of_case(models.ProcessInstance, number)
    assert instance.is_finished
    assert armed(practice, number) == []


def test_a_timer_of_an_event_sub_process_fires_once_and_the_work_goes_on(opened: Opened) -> None:
    practice = opened(*withdrawal())
    number = file(practice)
    rows = [r for r in practice.all(select(models.Timer)) if r.element_id == "timed_begin"]
    (timer,) = rows
    practice.move_to(timer.due_at + timedelta(minutes=1))
    fire_timer(practice.office, timer.id, now=practice.now)
    assert "remind" in open_now(practice, number)
    assert "timed_begin" not in armed(practice, number)
    assert "work" in open_now(practice, number)
    assert contradictions(practice.office) == []
