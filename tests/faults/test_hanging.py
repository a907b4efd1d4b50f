"""Jobs that never come to an end: none keeps a worker, and somebody has to look at each."""

from __future__ import annotations

import sys

import pytest
from sqlalchemy import text

from engine.persistence import models
from tests.faults import hanging_worker
from tests.faults.city import City, wait_for
from tests.faults.test_servers_that_die import is_printed, is_waited_for

pytestmark = pytest.mark.heavy

WORKER = [sys.executable, hanging_worker.__file__]


@pytest.mark.parametrize("is_deaf", [False, True], ids=["that listens", "that does not listen"])
def test_a_job_that_hangs_becomes_an_incident_and_its_worker_does_others(
    city: City, is_deaf: bool
) -> None:
    hanging = city.practice.file_case().number
    letter = letter_of(city, hanging)
    with city.practice.office.uow.begin() as session:
        session.get_one(models.Job, letter.id).retries_left = 1
    city.settings[hanging_worker.HANGING] = hanging
    city.settings[hanging_worker.IS_DEAF] = "1" if is_deaf else ""
    with city.worker(WORKER) as worker, city.beat():
        wait_for(lambda: letter_of(city, hanging).state == "failed", "somebody to be asked")
        other = city.practice.file_case().number
        wait_for(lambda: is_printed(city, other), "the other letter")
        assert worker.process.poll() is None
        deaths = sum("exited with" in line for line in worker.said)
    assert city.practice.case(hanging).open_incidents == 1
    told = letter_of(city, hanging).last_error
    assert ("died" if is_deaf else "TookTooLong") in told
    assert bool(deaths) == is_deaf


def letter_of(city: City, number: str) -> models.Job:
    (found,) = (
        job for job in city.practice.of_case(models.Job, number) if job.operation == "print_letter"
    )
    return found


def test_a_job_that_waits_for_a_lock_is_stopped_and_lets_go_of_its_own(city: City) -> None:
    number = city.practice.file_case().number
    letter = letter_of(city, number)
    city.settings[hanging_worker.HANGING] = ""
    with city.practice.office.uow.engine.connect() as somebody:
        somebody.execute(text("SELECT 1 FROM letter FOR UPDATE"))
        with city.worker(WORKER), city.beat():
            wait_for(lambda: is_waited_for(city), "the job to wait for its letter")
            wait_for(
                lambda: letter_of(city, number).retries_left < letter.retries_left, "a lost try"
            )
            somebody.rollback()
            wait_for(lambda: is_printed(city, number), "the letter")
