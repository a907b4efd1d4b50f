"""What happens by itself: one act that goes wrong keeps none of the others from being done."""

from __future__ import annotations

import pytest

from engine.domain.errors import Unavailable
from engine.persistence import models
from engine.services import calendar_application, duty, job_operations, jobs
from tests.offices import Practice, day

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_timers_fire_and_letters_are_printed_though_the_first_act_of_each_round_fails(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = practice.file_case().number
    practice.show(day(3, 5))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a row that nobody thought of")

    monkeypatch.setattr(calendar_application, "work_off", broken)
    with pytest.raises(RuntimeError, match="nobody thought of"):
        duty.round_of(practice.office)
    assert practice.kinds(number).count("supervision_opened") == 1
    assert all(letter.sha256 for letter in practice.of_case(models.Letter, number))


def test_a_round_ends_at_once_when_what_it_stands_on_is_away(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("请稍候再试。", "away")

    kept: list[object] = []

    def keep(office: object) -> int:
        kept.append(office)
        return 1

    monkeypatch.setattr(calendar_application, "work_off", away)
    with pytest.raises(Unavailable):
        duty.round_of(practice.office, keep)
    assert kept == []


def test_a_job_whose_process_died_waits_and_after_the_last_try_needs_somebody(
    practice: Practice,
) -> None:
    practice.run_jobs()
    number = practice.file_case().number
    (job,) = [j for j in practice.of_case(models.Job, number) if j.operation == "print_letter"]
    for left in range(job_operations.MOST_RETRIES - 1, -1, -1):
        jobs.note_death(practice.office, job.id)
        jobs.note_death(practice.office, job.id)  # it waits: nobody can have had it
        (seen,) = [j for j in practice.of_case(models.Job, number) if j.id == job.id]
        assert (seen.state, seen.retries_left) == ("waiting", left)
        practice.clock.pass_by(seen.due_at - practice.office.real_now())
    jobs.note_death(practice.office, job.id)
    (seen,) = [j for j in practice.of_case(models.Job, number) if j.id == job.id]
    assert (seen.state, practice.case(number).open_incidents) == ("failed", 1)
