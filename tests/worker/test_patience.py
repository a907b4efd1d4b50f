"""Who watches a job that nobody watches: it is told to stop, and what comes after it is left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engine.domain.patience import Patience, TookTooLong
from engine.services import job_operations, jobs
from engine.services.casework import RETRIES
from engine.worker.patience import ProcessPatience, ThreadPatience
from tests.offices import Practice
from tests.services.test_jobs import job_of, waiting

FOREVER = threading.Event()


def wait_forever(*_: object) -> None:
    while not FOREVER.wait(0.01):
        pass


@pytest.mark.parametrize("made", [ProcessPatience, ThreadPatience])
def test_work_that_takes_too_long_is_stopped_and_only_that(made: Callable[[], Patience]) -> None:
    patience = made()
    with pytest.raises(TookTooLong), patience.within(0.05):
        wait_forever()
    with patience.within(3600):
        patience.allow(7200)
    with pytest.raises(TookTooLong), patience.within(3600):
        wait_forever(patience.allow(0.05))  # type: ignore[func-returns-value]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_job_that_was_stopped_has_lost_a_try_and_changed_nothing(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.run_jobs()
    practice.file_case()
    (receipt,) = waiting(practice)
    monkeypatch.setitem(job_operations.OPERATIONS, "print_letter", wait_forever)
    monkeypatch.setitem(job_operations.WITHIN, "print_letter", 0.05)
    practice.office.patience = ThreadPatience()
    assert jobs.run(practice.office, receipt.id)
    kept = job_of(practice, receipt.id)
    assert (kept.state, kept.retries_left) == ("waiting", RETRIES - 1)
    assert "TookTooLong" in kept.last_error
