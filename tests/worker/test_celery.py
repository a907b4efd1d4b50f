"""Celery over a real Redis: messages carry ids, the tables are the truth."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import redis
from celery import Celery
from sqlalchemy import select

from engine.persistence import models
from engine.services import jobs
from engine.settings import ROOT
from engine.worker import celery_app
from tests.offices import Practice, day, open_practice
from tests.oracle import contradictions

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def broker_url(redis_url: str) -> Iterator[str]:
    """A broker that holds nothing."""
    with closing(redis.Redis.from_url(redis_url)) as broker:
        broker.flushdb()
        yield redis_url
        broker.flushdb()


@contextmanager
def announcing(broker_url: str) -> Iterator[Celery]:
    """The part of the web process: it tells the broker of jobs."""
    app = celery_app.make_celery(broker_url)
    try:
        yield app
    finally:
        app.close()


@pytest.fixture
def practice(database_url: str, broker_url: str, tmp_path: Path) -> Iterator[Practice]:
    with (
        announcing(broker_url),
        closing(
            open_practice(database_url, tmp_path, announce=celery_app.announce, in_real_time=True)
        ) as opened,
    ):
        yield opened
        assert contradictions(opened.office) == []


Log = Callable[[str], str]


@contextmanager
def running(command: str, practice: Practice, database_url: str, broker_url: str) -> Iterator[Log]:
    """`kunxin worker` or `kunxin beat` as a process; waits for lines of its log, whatever comes between."""
    environment = {
        "PATH": os.environ["PATH"],
        "KUNXIN_DATABASE_URL": database_url,
        "KUNXIN_BROKER_URL": broker_url,
        "KUNXIN_DATA_DIR": str(practice.folder),
        "KUNXIN_SECRET_KEY": "for tests",
        "KUNXIN_SANDBOX": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from engine.command_line import main; main()", *command.split()],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    guard = threading.Timer(120, process.kill)  # a line that never comes ends the test
    guard.start()
    read: list[str] = []

    def until(pattern: str) -> str:
        assert process.stderr is not None
        for line in process.stderr:
            read.append(line)
            if re.search(pattern, line):
                return line
        raise AssertionError(f"{command} never said {pattern}:\n{''.join(read)}")

    try:
        yield until
    finally:
        guard.cancel()
        process.terminate()
        process.communicate(timeout=60)


def printing(found: Sequence[models.Job]) -> models.Job:
    """The job that prints the receipt; beside it the applicant is told."""
    (job,) = [job for job in found if job.operation == "print_letter"]
    return job


DONE = r"run_job\[[^]]+\] succeeded"


def test_a_job_is_announced_by_its_id_alone_and_kept_by_a_worker(
    practice: Practice, database_url: str, broker_url: str
) -> None:
    record = practice.import_penalty()
    practice.run_jobs()
    with closing(redis.Redis.from_url(broker_url)) as broker:
        broker.flushdb()
        number = practice.file_case(record).number
        promised = practice.of_case(models.Job, number)
        messages = [str(each) for each in broker.lrange("celery", 0, -1)]
        assert len(messages) == len(promised)
        for job in promised:
            assert any(str(job.id) in each for each in messages)
        assert not any(number in each for each in messages)
    with running("worker --concurrency=2", practice, database_url, broker_url) as log:
        told = [json.loads(log(r'"event": "job"')) for _ in promised]
        log(DONE)
    assert {each["job"] for each in told} == {str(job.id) for job in promised}
    assert {(each["case"], each["outcome"]) for each in told} == {(number, "done")}
    (letter,) = practice.of_case(models.Letter, number)
    assert letter.size
    kept = {job.id: job.state for job in practice.of_case(models.Job, number)}
    assert [kept[job.id] for job in promised] == ["done"] * len(promised)


def test_a_job_delivered_several_times_is_done_once(
    practice: Practice, database_url: str, broker_url: str
) -> None:
    record = practice.import_penalty()
    practice.run_jobs()
    with closing(redis.Redis.from_url(broker_url)) as broker:
        broker.flushdb()
    number = practice.file_case(record).number
    promised = practice.of_case(models.Job, number)
    job = printing(promised)
    for _ in range(3):
        celery_app.announce(job.id)
    with running("worker --concurrency=2", practice, database_url, broker_url) as log:
        for _ in range(len(promised) + 3):
            log(DONE)
    after = printing(practice.of_case(models.Job, number))
    assert (after.state, after.retries_left) == ("done", job.retries_left)


def test_beat_and_worker_fire_what_is_due_and_keep_what_nobody_announced(
    practice: Practice, database_url: str, broker_url: str
) -> None:
    number = practice.file_case().number
    with closing(redis.Redis.from_url(broker_url)) as broker:
        broker.flushdb()  # every announcement is lost
    practice.show(day(3, 5))
    with (
        running("beat", practice, database_url, broker_url) as beat,
        running("worker --concurrency=2", practice, database_url, broker_url) as log,
    ):
        beat(r"Sending due task sweep")
        log(r"kunxin\.sweep\[[^]]+\] succeeded")
        while not all(letter.size for letter in practice.of_case(models.Letter, number)):
            log(DONE)  # what the sweep has announced
    assert "timer_fired" in practice.kinds(number)
    assert "supervision_opened" in practice.kinds(number)


def test_a_filing_succeeds_while_the_broker_is_down(database_url: str, tmp_path: Path) -> None:
    with (
        announcing("redis://127.0.0.1:1/0"),
        closing(open_practice(database_url, tmp_path, announce=celery_app.announce)) as practice,
    ):
        record = practice.import_penalty()
        practice.run_jobs()
        number = practice.file_case(record).number
        promised = {job.id for job in practice.of_case(models.Job, number)}
        assert set(jobs.due_jobs(practice.office)) == promised
        assert practice.run_jobs() >= len(promised)
        assert printing(practice.of_case(models.Job, number)).state == "done"


def test_an_id_that_no_row_has_is_no_failure(
    practice: Practice, database_url: str, broker_url: str
) -> None:
    celery_app.announce(UUID(int=1))
    with running("worker --concurrency=2", practice, database_url, broker_url) as log:
        log(DONE)
    assert practice.all(select(models.Incident)) == []
