"""Servers that are told to stop end what they have begun; run by `make test-faults`."""

from __future__ import annotations

import signal

import pytest
from sqlalchemy import text

from engine.persistence import models
from tests.faults.city import PATIENCE, City, wait_for
from tests.faults.test_servers_that_die import filed, is_printed, is_waited_for

pytestmark = pytest.mark.heavy


def test_a_worker_stops_only_when_the_job_it_has_begun_is_done(city: City) -> None:
    (number,) = filed(city, 1)
    with city.practice.office.uow.engine.connect() as somebody:
        somebody.execute(text("SELECT 1 FROM letter FOR UPDATE"))
        with city.worker() as worker, city.beat():
            wait_for(lambda: is_waited_for(city), "the job to wait for its letter")
            worker.process.send_signal(signal.SIGTERM)
            somebody.rollback()
            assert worker.process.wait(timeout=PATIENCE) == 0
    assert is_printed(city, number)
    assert "waiting" not in {
        job.state
        for job in city.practice.of_case(models.Job, number)
        if job.operation == "print_letter"
    }
