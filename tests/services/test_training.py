"""The clock of a training installation: set forward, set back, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine.domain.errors import Invalid, NotFound
from engine.persistence import models
from engine.services import duty, training
from tests.offices import MONDAY, Practice, day


def test_the_clock_goes_on_from_where_it_was_set(practice: Practice) -> None:
    practice.move_to(day(3, 3))
    practice.clock.pass_by(timedelta(minutes=5))
    assert practice.now == day(3, 3, 9, 5)
    state = training.state(practice.office)
    assert (state.enabled, state.now) == (True, day(3, 3, 9, 5))


def test_every_process_of_the_installation_sees_the_same_clock(
    practice: Practice, another_process: Practice
) -> None:
    practice.move_to(day(3, 3))
    another_process.clock.pass_by(timedelta(seconds=2))
    practice.clock.pass_by(timedelta(seconds=2))
    assert another_process.now == practice.now == day(3, 3) + timedelta(seconds=2)


def test_what_falls_due_on_the_way_has_happened_when_the_clock_stands(practice: Practice) -> None:
    number = practice.file_case().number
    practice.move_to(day(3, 10))
    kinds = practice.kinds(number)
    assert "deemed_accepted" in kinds
    assert [task.element_id for task in practice.open_tasks(number) if task.due_at] != []
    due = select(models.Timer).where(
        models.Timer.fired_at.is_(None), models.Timer.due_at <= practice.now
    )
    assert practice.all(due) == []
    assert practice.all(select(models.Job).where(models.Job.state == "waiting")) == []


def test_the_clock_set_back_undoes_nothing_and_fires_nothing_again(practice: Practice) -> None:
    number = practice.file_case().number
    practice.move_to(day(3, 5))
    before = practice.kinds(number)
    practice.move_to(day(3, 2))
    practice.move_to(day(3, 5))
    assert practice.kinds(number) == before


def test_a_moment_without_a_zone_is_refused(practice: Practice) -> None:
    with pytest.raises(Invalid) as refused:
        practice.move_to(datetime(2020, 3, 3, 9))  # noqa: DTZ001 - what is refused
    assert "now" in refused.value.fields
    assert practice.now == MONDAY


def test_a_real_installation_has_no_clock_to_set(practice: Practice) -> None:
    practice.office.is_training = False
    assert practice.now == practice.clock.moment
    with pytest.raises(NotFound):
        practice.move_to(day(3, 3))


def test_a_round_does_what_has_to_happen_by_itself(practice: Practice) -> None:
    practice.run_jobs()
    number = practice.file_case().number
    practice.show(day(3, 5))
    done = duty.round_of(practice.office)
    assert (done.timers, done.jobs > 0, done.acknowledgements) == (1, True, 0)
    assert "timer_fired" in practice.kinds(number)
    again = duty.round_of(practice.office)
    assert (again.timers, again.jobs) == (0, 0)


def test_a_restart_goes_on_from_the_moment_that_was_kept(
    practice: Practice, another_process: Practice
) -> None:
    practice.clock.pass_by(timedelta(hours=1))
    duty.keep_training_clock(practice.office)
    another_process.clock.moment = practice.clock.moment  # the same hour, a process later
    assert another_process.now == practice.now == day(3, 2, 10)
