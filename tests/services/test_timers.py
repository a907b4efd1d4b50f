"""Timers: rows that fall due, fire once, in their order, and are never silently lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from engine.persistence import models
from engine.runtime import stepper
from engine.services import cases, incidents, supervision, timer_firing, timers
from engine.services.operations import OPERATIONS
from engine.services.timer_firing import fire_several, fire_timer
from tests.offices import Practice, day
from tests.services.crowds import refusals, together


def armed(practice: Practice) -> list[models.Timer]:
    held = models.Timer
    return practice.all(select(held).where(held.fired_at.is_(None)).order_by(held.due_at))


def fired(practice: Practice, number: str) -> list[str | None]:
    return [e.element_id for e in practice.history(number) if e.kind == "timer_fired"]


def test_a_timer_row_stands_where_the_diagram_draws_one(practice: Practice) -> None:
    practice.file_case()
    assert [(t.element_id, t.due_at) for t in armed(practice)] == [
        ("promise_over", day(3, 4, 17)),
        ("silence", day(3, 9, 17)),
    ]


def test_nothing_fires_before_it_is_due(practice: Practice) -> None:
    number = practice.file_case().number
    (timer, _) = armed(practice)
    early = timer.due_at - timedelta(seconds=1)
    assert timers.sweep(practice.office, now=early) == 0
    assert not fire_timer(practice.office, timer.id, now=early)
    assert fired(practice, number) == []


def test_a_timer_that_is_told_to_fire_twice_fires_once(practice: Practice) -> None:
    number = practice.file_case().number
    timer = armed(practice)[0]
    assert fire_timer(practice.office, timer.id, now=timer.due_at)
    assert not fire_timer(practice.office, timer.id, now=timer.due_at)
    assert not fire_timer(practice.office, uuid4(), now=timer.due_at)
    assert fired(practice, number) == [timer.element_id]
    assert len(practice.all(select(models.Supervision))) == 1


def test_two_sweepers_at_once_fire_every_timer_once(
    practice: Practice, another_process: Practice
) -> None:
    numbers = [practice.file_case().number for _ in range(6)]
    now = day(3, 5)
    together(
        *(
            lambda w=where: timers.sweep(w.office, now=now)
            for where in (practice, another_process, practice, another_process)
        )
    )
    timers.sweep(practice.office, now=now)
    for number in numbers:
        assert len(fired(practice, number)) == 1
    assert len(practice.all(select(models.Supervision))) == len(numbers)


def test_a_timer_and_an_answer_in_the_same_instant_do_not_block_each_other(
    practice: Practice, another_process: Practice
) -> None:
    number = practice.file_case().number
    timer = armed(practice)[-1]
    practice.show(timer.due_at)
    another_process.show(timer.due_at)
    outcomes = together(
        lambda: timers.sweep(practice.office, now=timer.due_at),
        lambda: another_process.complete(number, "review_filing"),
    )
    # whichever came first, the statutory limit was over: 5 days of silence are an acceptance
    assert all(type(each).__name__ == "TaskNotOpen" for each in refusals(outcomes))
    assert "deemed_accepted" in practice.kinds(number)
    assert practice.kinds(number).count("accepted") == 0


def test_an_overdue_step_opens_one_supervision_and_the_supervisor_sees_it(
    practice: Practice,
) -> None:
    number, task = practice.at("give_opinion")
    assert task.due_at is not None
    practice.move_to(task.due_at + timedelta(minutes=1))
    (breach,) = supervision.breaches(practice.office, practice["fang"], now=practice.now).items
    assert (breach.case_number, breach.element_id) == (number, "give_opinion")
    (notice,) = practice.of_case(models.Supervision, number)
    assert (notice.unit, notice.element_id) == ("market_regulation", "give_opinion")
    assert breach.supervision_number == notice.number
    assert {t.element_id for t in practice.open_tasks(number)} == {"give_opinion", "answer"}


def test_the_clock_moved_forward_fires_in_the_order_of_due_moments(practice: Practice) -> None:
    first = practice.file_case().number
    practice.show(day(3, 3))
    second = practice.file_case().number
    practice.move_to(day(3, 20))
    told = [
        (event.at, number, event.element_id)
        for number in (first, second)
        for event in practice.history(number)
        if event.kind == "timer_fired"
    ]
    # each at its own due moment: the second case's promise is over a day after the first's
    assert (day(3, 4, 17), first, "promise_over") in told
    assert (day(3, 5, 17), second, "promise_over") in told
    # and what fired first armed what fired next: a silence that is deemed an acceptance
    assert fired(practice, first)[:3] == ["promise_over", "answer_over", "silence"]
    assert "opinion_missing" in fired(practice, first)
    assert [timer.fired_at for timer in fired_timers(practice)] == sorted(
        timer.due_at for timer in fired_timers(practice)
    )


def fired_timers(practice: Practice) -> list[models.Timer]:
    held = models.Timer
    return practice.all(select(held).where(held.fired_at.is_not(None)).order_by(held.due_at))


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────


def break_supervision(practice: Practice, patch: pytest.MonkeyPatch) -> None:
    def breaks(*given: Any, **named: Any) -> None:
        raise RuntimeError("no ink")

    patch.setitem(OPERATIONS, "open_supervision", breaks)


def test_what_is_due_at_the_same_moment_fires_in_the_order_in_which_it_was_armed(
    practice: Practice,
) -> None:
    for _ in range(5):
        practice.file_case()
    moment = armed(practice)[-1].due_at
    with practice.office.uow.begin() as session:
        session.execute(update(models.Timer).values(due_at=moment))
    timer, row, case = models.Timer, models.ProcessInstance, models.Case
    asked = (
        select(timer.id, case.number, timer.element_id)
        .join(row, row.id == timer.instance_id)
        .join(case, case.id == row.case_id)
    )
    with practice.reading() as session:
        where = {timer_id: (number, name) for timer_id, number, name in session.execute(asked)}
    found = [where[timer_id] for timer_id, _ in timers.due_timers(practice.office, now=moment)]
    numbers = sorted(number for number, _ in found)[::2]
    drawn = ("promise_over", "silence")
    assert found == [(number, element) for number in numbers for element in drawn]


def test_a_timer_that_cannot_fire_becomes_an_incident_and_keeps_the_case(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = practice.file_case().number
    other = practice.file_case().number
    with monkeypatch.context() as broken:
        break_supervision(practice, broken)
        practice.move_to(day(3, 5))
    raised = practice.all(select(models.Incident))
    assert len(raised) == 2
    assert {incident.element_id for incident in raised} == {"promise_over"}
    assert all("no ink" in incident.cause for incident in raised)
    for each in (number, other):
        assert fired(practice, each) == []
        assert [task.element_id for task in practice.open_tasks(each)] == ["review_filing"]
    assert timers.sweep(practice.office, now=practice.now) == 0  # it rests until somebody looks


def test_a_stuck_timer_does_not_keep_the_case_from_going_on(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = practice.file_case().number
    practice.show(day(3, 5))
    with monkeypatch.context() as broken:
        break_supervision(practice, broken)
        practice.complete(number, "review_filing")
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]
    (incident,) = practice.all(select(models.Incident))
    assert incident.timer_id is not None


def test_a_stuck_timer_fires_when_an_administrator_lets_it(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = practice.file_case().number
    with monkeypatch.context() as broken:
        break_supervision(practice, broken)
        practice.move_to(day(3, 5))
    (shown,) = incidents.incidents(practice.office, practice["feng"])
    assert (shown.case_number, shown.resolved_at) == (number, None)
    incidents.retry(practice.office, practice["feng"], shown.id, now=practice.now)
    assert fired(practice, number) == ["promise_over"]
    assert timers.sweep(practice.office, now=practice.now) == 0


def test_a_database_that_is_away_is_no_incident(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.file_case()

    def is_away(*given: Any, **named: Any) -> bool:
        raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as broken:
        broken.setattr(timers, "fire_timer", is_away)
        with pytest.raises(OperationalError):
            timers.sweep(practice.office, now=day(3, 5))
    assert practice.all(select(models.Incident)) == []
    assert timers.sweep(practice.office, now=day(3, 5)) == 1


def test_nothing_due_is_left_when_a_case_is_closed(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    practice.complete(number, "rate")
    assert armed(practice) == []


def test_timers_of_one_sweep_share_a_transaction_and_the_broken_one_undoes_no_other(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [practice.file_case().number for _ in range(4)]
    for number in numbers:
        cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    over = max(timer.due_at for timer in armed(practice))
    broken = armed(practice)[2].id
    shared: list[Any] = []

    def seen(office: Any, timer_ids: Any, **given: Any) -> tuple[int, int]:
        shared.append(tuple(timer_ids))
        return fire_several(office, timer_ids, **given)

    def fails_for_one(live: Any, timer_id: Any, work: Any) -> Any:
        if timer_id == broken:
            raise ValueError("no ink")
        return fire(live, timer_id, work)

    fire = stepper.fire
    monkeypatch.setattr(timers, "fire_several", seen)
    with monkeypatch.context() as patched:
        patched.setattr(stepper, "fire", fails_for_one)
        assert timers.sweep(practice.office, now=over) == 3
    assert [len(each) for each in shared] == [4]  # undone as a whole, then each by itself
    assert sorted(len(fired(practice, number)) for number in numbers) == [0, 1, 1, 1]
    (incident,) = practice.all(select(models.Incident))
    assert (incident.timer_id, "no ink" in incident.cause) == (broken, True)


def test_timers_that_fire_together_are_stored_together(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [practice.file_case().number for _ in range(3)]
    for number in numbers:
        cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    over = max(timer.due_at for timer in armed(practice))
    monkeypatch.setattr(timers, "fire_timer", None)  # nobody fires alone
    assert timers.sweep(practice.office, now=over) == 3
    assert [fired(practice, number) for number in numbers] == [["rating_over"]] * 3
    assert armed(practice) == []
    assert timers.sweep(practice.office, now=over) == 0


def test_who_takes_a_number_keeps_it_from_others_for_a_few_more_timers_only(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [practice.file_case().number for _ in range(5)]
    told: list[Any] = []

    def seen(office: Any, timer_ids: Any, **given: Any) -> Any:
        told.append(fire_several(office, timer_ids, **given))
        return told[-1]

    monkeypatch.setattr(timers, "fire_several", seen)
    monkeypatch.setattr(timer_firing, "AFTER_A_NUMBER", 1)
    assert timers.sweep(practice.office, now=day(3, 5)) == 5
    assert told == [(2, 2), (2, 2)]  # each opened a supervision, which is numbered; the last alone
    issued = practice.all(select(models.Supervision.number).order_by(models.Supervision.number))
    assert issued == [f"昆信用督〔2020〕{n}号" for n in range(1, 6)]
    assert {len(fired(practice, number)) for number in numbers} == {1}


def test_two_due_timers_of_one_case_do_not_share_a_transaction() -> None:
    one, other = uuid4(), uuid4()
    first, second, third = uuid4(), uuid4(), uuid4()
    found = [(first, one), (second, other), (third, one)]
    assert list(timers._batches(found)) == [(first, second), (third,)]
