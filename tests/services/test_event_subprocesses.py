"""A withdrawal and a reminder drawn as event sub-processes, through the services and the tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.domain.clock import NEVER
from engine.persistence import models
from engine.services import cases, clock_actions, messages, timers
from engine.services.timer_firing import fire_timer
from engine.settings import ROOT
from tests.offices import FIRM, Practice, day, open_practice
from tests.oracle import contradictions
from tests.runtime.sketches import Sketch, folder
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


# ── armed from a clock ──────────────────────────────────────────────────────────────────────────

COMMON = ROOT / "workflows/common"


def reminded() -> Sketch:
    """A task on the handling clock; beside it, what happens when the clock warns and when it is over."""
    warned = (
        Sketch("warned")
        .start("near", "clock_warning:handling", interrupting=False)
        .task("hurry", group="credit_clerk")
        .end("warned_end")
        .flow("near > hurry > warned_end")
    )
    passed = (
        Sketch("passed")
        .start("over", "clock_due:handling", interrupting=False)
        .task("explain", group="credit_clerk")
        .end("passed_end")
        .flow("over > explain > passed_end")
    )
    main = Sketch().start().service("begin", "start_clock", clock="'handling'")
    main.task("work", group="credit_clerk", due="long").service("close", "close_case").end()
    main.flow("start > begin > work > close > end")
    return main.inside("warned", warned, triggered=True).inside("passed", passed, triggered=True)


@pytest.fixture
def timed(database_url: str, tmp_path: Path) -> Iterator[Practice]:
    """Thursday's practice of that sketch, whose handling takes ten working days and can be extended."""
    workflows = tmp_path / "workflows"
    shutil.copytree(COMMON / "calendars", workflows / "common/calendars")
    shutil.copytree(COMMON / "letters", workflows / "common/letters")
    shutil.copytree(COMMON / "decisions", workflows / "common/decisions")
    for path in (*COMMON.glob("*.toml"), COMMON / "extension.bpmn"):
        shutil.copy(path, workflows / "common")
    (workflows / "common/forms").mkdir()
    for path in (COMMON / "forms").glob("*extension*"):
        shutil.copy(path, workflows / "common/forms")
    files = folder(reminded())
    asked = {
        "stages = [": 'stages = [{key = "examination", zh = "审查", en = "examination"}, ',
        "[clocks.handling]": '[clocks.handling]\nlimit = "long"\n'
        'extension = {amount = 5, basis = "样例"}',
    }
    told = files["sample/procedure.toml"].decode()
    for before, after in asked.items():
        told = told.replace(before, after)
    files["sample/procedure.toml"] = told.encode()
    for name, content in files.items():
        path = workflows / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with closing(open_practice(database_url, tmp_path, workflows=workflows)) as practice:
        yield practice


def moments(practice: Practice) -> dict[str, datetime]:
    rows = practice.all(select(models.Timer).where(models.Timer.fired_at.is_(None)))
    return {row.element_id: row.due_at for row in rows if row.element_id in ("near", "over")}


def clock_says(practice: Practice, number: str) -> dict[str, datetime | None]:
    clock = practice.clock_of(number, "handling")
    return {"near": clock.warn_at, "over": clock.due_at}


def happened(practice: Practice, number: str) -> list[str]:
    return [
        task.element_id
        for task in practice.of_case(models.Task, number)
        if task.element_id in ("hurry", "explain")
    ]


def test_timers_of_event_sub_processes_stand_still_and_move_on_with_a_paused_clock(
    timed: Practice,
) -> None:
    number = file(timed)
    assert moments(timed) == clock_says(timed, number)
    before = moments(timed)
    assert before["over"] == day(3, 16, 17)
    timed.show(day(3, 3, 10))
    clock_actions.pause(
        timed.office,
        timed["wang"],
        number,
        "handling",
        ground="expert",
        reason="须请专家核对检测报告。",
        expected_on=date(2020, 3, 5),
        now=timed.now,
    )
    assert moments(timed) == {"near": NEVER, "over": NEVER}
    assert timers.sweep(timed.office, now=day(6, 1)) == 0
    timed.show(day(3, 4, 10))
    clock_actions.resume(
        timed.office, timed["wang"], number, "handling", reason="专家意见已收到。", now=timed.now
    )
    after = moments(timed)
    assert after == clock_says(timed, number)
    assert after["over"] == day(3, 18, 17)  # the 3rd and the 4th were touched by the pause
    assert before["near"] < after["near"] < after["over"]
    timed.move_to(after["near"] - timedelta(minutes=1))
    assert happened(timed, number) == []
    timed.move_to(after["near"])
    assert happened(timed, number) == ["hurry"]
    timed.move_to(day(3, 18, 16, 59))
    assert happened(timed, number) == ["hurry"]
    timed.move_to(day(3, 18, 17))
    assert sorted(happened(timed, number)) == ["explain", "hurry"]
    assert "work" in open_now(timed, number)
    assert contradictions(timed.office) == []


def test_timers_of_event_sub_processes_move_with_an_extended_clock(timed: Practice) -> None:
    number = file(timed)
    before = moments(timed)
    timed.show(day(3, 5, 10))
    asked = clock_actions.ask_for_extension(
        timed.office, timed["wang"], number, amount=5, reason="案情复杂，须核对。", now=timed.now
    )
    assert moments(timed) == before  # only asked for
    timed.show(day(3, 6, 10))
    clock_actions.decide_extension(
        timed.office, timed["xu"], number, asked, approved=True, opinion="同意。", now=timed.now
    )
    after = moments(timed)
    assert after == clock_says(timed, number)
    assert after["over"] == day(3, 23, 17)
    assert after["near"] > before["near"]
    timed.move_to(before["over"] + timedelta(minutes=1))
    assert happened(timed, number) == []
    timed.move_to(day(3, 23, 17))
    assert sorted(happened(timed, number)) == ["explain", "hurry"]
    assert contradictions(timed.office) == []


def test_a_case_that_ends_in_time_takes_its_clocks_timers_along(timed: Practice) -> None:
    number = file(timed)
    timed.answer(number, "work", {})
    assert moments(timed) == {}
    timed.move_to(day(3, 23, 17))
    assert happened(timed, number) == []
