"""Errors, escalations, conditions and cycles as drawn: through the gate, the services and the tables.

Every second act is done by another process, which knows the case from the tables only.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.domain.errors import StepFailed
from engine.persistence import models
from engine.services import deploying, timers
from tests.offices import Practice, day
from tests.oracle import contradictions
from tests.runtime.hostile import checked
from tests.runtime.sketches import Sketch, folder
from tests.services.test_event_subprocesses import armed, file, open_now
from tests.services.test_sample_procedures import Opened, opened, overlooking

__all__ = ["opened"]


def states(practice: Practice, number: str) -> dict[str, str]:
    return {task.element_id: task.state for task in practice.of_case(models.Task, number)}


def is_over(practice: Practice, number: str) -> bool:
    (instance,) = practice.of_case(models.ProcessInstance, number)
    return instance.is_finished


# ── errors ──────────────────────────────────────────────────────────────────────────────────────


def failing() -> list[Sketch]:
    """A called process in which one of two branches may fail; the caller mends it."""
    called = (
        Sketch("called")
        .start()
        .parallel("fork", "join")
        .task("inside", "aside")
        .asks("inside", verdict=["good", "bad"])
        .exclusive("how", default="join")
        .end_with("failed", "error", "broken")
        .end("done", terminate=True)
        .boundary_timer("late", "aside", "step", interrupting=False)
        .end("noted")
        .flow("start > fork > inside > how > join > done")
        .flow("how > failed", when='verdict == "bad"')
        .flow("fork > aside > join")
        .flow("late > noted")
    )
    main = (
        Sketch()
        .start()
        .call("call", "called")
        .boundary("caught", "call", "error:broken")
        .task("mend", "after")
        .end()
        .flow("start > call > after > end")
        .flow("caught > mend > after")
    )
    return [main, called]


def test_an_error_ends_the_called_process_with_all_that_is_open_in_it_and_is_mended_outside(
    opened: Opened,
) -> None:
    practice = opened(*failing())
    another = opened(deployed=False)
    number = file(practice)
    assert (open_now(practice, number), armed(practice, number)) == (["aside", "inside"], ["late"])
    another.answer(number, "inside", {"verdict": "bad"})
    assert open_now(practice, number) == ["mend"]
    assert states(practice, number)["aside"] == "cancelled"
    assert armed(practice, number) == []
    practice.answer(number, "mend", {})
    assert contradictions(practice.office) == []
    another.answer(number, "after", {})
    assert is_over(practice, number)


def test_where_nothing_fails_the_error_event_stays_silent(opened: Opened) -> None:
    practice = opened(*failing())
    number = file(practice)
    practice.answer(number, "inside", {"verdict": "good"})
    practice.answer(number, "aside", {})
    assert open_now(practice, number) == ["after"]


def test_an_error_that_nobody_catches_is_refused_and_would_be_an_incident(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, called = failing()
    main.nodes = [node for node in main.nodes if 'id="caught"' not in node]
    main.flows = [flow for flow in main.flows if "caught" not in flow and "mend" not in flow]
    main.nodes = [node for node in main.nodes if 'id="mend"' not in node]
    main.lanes["window"] = [key for key in main.lanes["window"] if key not in ("caught", "mend")]
    assert ("error-uncaught", "failed") in refused(main, called)
    monkeypatch.setattr(deploying, "judged", overlooking)
    practice = opened(main, called)
    number = file(practice)
    with pytest.raises(StepFailed, match="failed"):
        practice.answer(number, "inside", {"verdict": "bad"})
    assert open_now(practice, number) == ["aside", "inside"]
    (incident,) = practice.all(select(models.Incident))
    assert "broken" in incident.cause


# ── escalations ─────────────────────────────────────────────────────────────────────────────────


def escalating(*, interrupting: bool) -> list[Sketch]:
    """A called process that calls for help on its way, and goes on unless it is interrupted."""
    called = (
        Sketch("called")
        .start()
        .task("inside")
        .throw("cry", "escalation", "too_much")
        .task("go_on")
        .end()
        .flow("start > inside > cry > go_on > end")
    )
    main = (
        Sketch()
        .start()
        .call("call", "called")
        .boundary("heard", "call", "escalation:too_much", interrupting=interrupting)
        .task("help", "after")
        .end(terminate=True)
        .end("helped")
        .flow("start > call > after > end")
        .flow("heard > help > helped")
    )
    return [main, called]


def test_an_escalation_opens_help_beside_the_work_that_goes_on(opened: Opened) -> None:
    practice = opened(*escalating(interrupting=False))
    another = opened(deployed=False)
    number = file(practice)
    another.answer(number, "inside", {})
    assert open_now(practice, number) == ["go_on", "help"]
    practice.answer(number, "help", {})
    another.answer(number, "go_on", {})
    assert contradictions(practice.office) == []
    practice.answer(number, "after", {})
    assert is_over(practice, number)


def test_an_escalation_that_interrupts_ends_the_work(opened: Opened) -> None:
    practice = opened(*escalating(interrupting=True))
    another = opened(deployed=False)
    number = file(practice)
    another.answer(number, "inside", {})
    assert open_now(practice, number) == ["help"]
    assert "go_on" not in states(practice, number)
    practice.answer(number, "help", {})
    assert is_over(practice, number)


def test_an_event_sub_process_hears_an_escalation_from_a_call_each_time(opened: Opened) -> None:
    called = (
        Sketch("called")
        .start()
        .task("inside")
        .end_with("cry", "escalation", "too_much")
        .flow("start > inside > cry")
    )
    helping = (
        Sketch("helping")
        .start("helping_begin", "escalation:too_much", interrupting=False)
        .task("help")
        .end("helped")
        .flow("helping_begin > help > helped")
    )
    main = (
        Sketch()
        .start()
        .call("one", "called")
        .call("two", "called")
        .task("after")
        .end()
        .inside("helping", helping, triggered=True)
        .flow("start > one > two > after > end")
    )
    practice = opened(main, called)
    another = opened(deployed=False)
    number = file(practice)
    another.answer(number, "inside", {})
    assert open_now(practice, number) == ["help", "inside"]
    practice.answer(number, "inside", {})
    assert open_now(another, number) == ["after", "help", "help"]
    assert contradictions(practice.office) == []


# ── conditions ──────────────────────────────────────────────────────────────────────────────────


def test_a_condition_hears_of_what_another_branch_answers(opened: Opened) -> None:
    practice = opened(guarded())
    another = opened(deployed=False)
    number = file(practice)
    (wait,) = practice.of_case(models.Wait, number)
    assert (wait.kind, wait.element_id, wait.ended_at) == ("condition", "wait", None)
    another.answer(number, "answer", {"verdict": "bad"})
    assert open_now(practice, number) == ["again"]
    practice.answer(number, "again", {"verdict": "good"})
    assert open_now(another, number) == ["after"]
    (wait,) = practice.of_case(models.Wait, number)
    assert wait.ended_at == practice.now
    assert contradictions(practice.office) == []


def guarded() -> Sketch:
    """One branch asks until the answer is good, the other waits for it."""
    return (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("answer", "again", "after")
        .asks("answer", verdict=["good", "bad"])
        .asks("again", verdict=["good", "bad"])
        .exclusive("enough", default="again")
        .catch("wait", 'condition:verdict == "good"')
        .end()
        .flow("start > fork > answer > enough")
        .flow("enough > join", when='verdict == "good"')
        .flow("enough > again > enough")
        .flow("fork > wait > after > join > end")
    )


def test_a_condition_on_the_edge_breaks_off_the_work_that_it_makes_needless(
    opened: Opened,
) -> None:
    sketch = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("look", "work", "after")
        .asks("look", verdict=["needless", "needed"])
        .boundary("off", "work", 'condition:verdict == "needless"')
        .exclusive("worked")
        .end()
        .flow("start > fork > look > join > after > end")
        .flow("fork > work > worked > join")
        .flow("off > worked")
    )
    practice = opened(sketch)
    another = opened(deployed=False)
    number = file(practice)
    another.answer(number, "look", {"verdict": "needless"})
    assert open_now(practice, number) == ["after"]
    assert states(practice, number)["work"] == "cancelled"
    needed = file(practice)
    practice.answer(needed, "look", {"verdict": "needed"})
    assert open_now(another, needed) == ["work"]


def test_a_condition_begins_an_event_sub_process_once(opened: Opened) -> None:
    beside = (
        Sketch("beside")
        .start("beside_begin", 'condition:verdict == "bad"', interrupting=False)
        .task("explain")
        .end("explained")
        .flow("beside_begin > explain > explained")
    )
    main = (
        Sketch()
        .start()
        .task("look", "again", "after")
        .asks("look", verdict=["good", "bad"])
        .asks("again", verdict=["good", "bad"])
        .exclusive("enough", default="after")
        .end()
        .inside("beside", beside, triggered=True)
        .flow("start > look > again > enough > after > end")
        .flow("enough > again", when='verdict == "bad"')
    )
    practice = opened(main)
    another = opened(deployed=False)
    number = file(practice)
    another.answer(number, "look", {"verdict": "bad"})
    assert open_now(practice, number) == ["again", "explain"]
    practice.answer(number, "again", {"verdict": "bad"})
    assert open_now(another, number) == ["again", "explain"]


# ── cycles ──────────────────────────────────────────────────────────────────────────────────────


def nagging(cycle: str) -> Sketch:
    """Work, and a reminder that comes round and round beside it."""
    return (
        Sketch()
        .start()
        .task("work", "after")
        .boundary("round", "work", f"cycle:{cycle}", interrupting=False)
        .task("remind")
        .end("reminded")
        .end(terminate=True)
        .flow("start > work > after > end")
        .flow("round > remind > reminded")
    )


def test_a_cycle_comes_round_beside_the_work_and_ends_with_it(opened: Opened) -> None:
    practice = opened(nagging("R/P1D"))
    another = opened(deployed=False)
    number = file(practice)  # Monday 2 March, 09:00
    for which, on in ((practice, 3), (another, 4)):
        which.show(day(3, on, 8, 59))
        assert timers.sweep(which.office, now=which.now) == 0
        which.show(day(3, on, 9, 1))
        assert timers.sweep(which.office, now=which.now) == 1
        assert armed(which, number) == ["round"]
    assert open_now(practice, number) == ["remind", "remind", "work"]
    practice.show(day(3, 4, 10))
    practice.answer(number, "work", {})
    assert armed(practice, number) == []
    assert open_now(practice, number) == ["after", "remind", "remind"]
    practice.show(day(3, 9))
    assert timers.sweep(practice.office, now=practice.now) == 0
    assert contradictions(practice.office) == []


def test_no_round_is_lost_while_the_worker_is_off_and_the_last_is_the_last(opened: Opened) -> None:
    practice = opened(nagging("R3/P1D"))
    number = file(practice)
    practice.show(day(3, 20))
    assert timers.sweep(practice.office, now=practice.now) == 3
    assert open_now(practice, number) == ["remind"] * 3 + ["work"]
    assert armed(practice, number) == []
    rows = [t for t in practice.all(select(models.Timer)) if t.element_id == "round"]
    assert sorted(row.due_at for row in rows) == [day(3, 3), day(3, 4), day(3, 5)]


@pytest.mark.parametrize(
    ("cycle", "why"),
    [("R3/PT30S", "一分钟"), ("R/P0D", "一分钟"), ("R0/P1D", "周期应写作"), ("P1D", "周期应写作"),
     ("R/2020-05-01T00:00:00/P1D", "+08:00")],
)  # fmt: skip
def test_a_cycle_that_would_run_wild_is_refused(cycle: str, why: str) -> None:
    (found,) = checked(folder(nagging(cycle))).refusals
    assert (found.code, found.element_id) == ("timer-invalid", "round")
    assert why in found.zh


def refused(*sketches: Sketch) -> set[tuple[str, str]]:
    return {(each.code, each.element_id) for each in checked(folder(*sketches)).refusals}
