"""Servers die in the middle of the work: what was acknowledged is stored, all else wholly absent."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.persistence import models
from tests.faults import freezing_worker
from tests.faults.city import City, Program, Work, wait_for
from tests.offices import day

#: Completions of a granted case.
STEPS = 7


def filed(city: City, cases: int) -> list[str]:
    return [city.practice.file_case().number for _ in range(cases)]


def stored(city: City, numbers: Sequence[str]) -> Counter[tuple[str, str]]:
    return Counter(
        (number, event.element_id or "")
        for number in numbers
        for event in city.practice.history(number)
        if event.kind == "task_completed"
    )


def assert_all_is_done(city: City, work: Work) -> None:
    """Every case came to its end, and nothing acknowledged is missing or there twice."""
    assert work.wrong == []
    kept = stored(city, work.numbers)
    assert work.acknowledged - kept == Counter(), "an acknowledged completion is gone"
    assert max(kept.values()) == 1, "a step was done twice"
    assert kept.total() == len(work.numbers) * STEPS
    assert {city.practice.case(number).outcome for number in work.numbers} == {"granted"}


@pytest.mark.parametrize("death", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_while_the_database_is_away_everybody_is_asked_to_come_back_and_then_all_goes_on(
    city: City, death: signal.Signals
) -> None:
    numbers = filed(city, 4)
    with city.web(), city.worked_by(3, numbers) as work:
        work.until(5)
        city.database.end(death)
        work.until_answered(503)
        page = city.ask("GET", "/track", who="")
        assert city.ask("GET", "/readyz").status == 503
        city.database.start()
        city.practice.close()  # its own idle connections are dead
    assert b"Traceback" not in page.body
    assert_all_is_done(city, work)


def test_web_processes_killed_in_the_middle_of_steps_lose_nothing_they_acknowledged(
    city: City,
) -> None:
    numbers = filed(city, 4)
    with city.web() as web, city.worked_by(3, numbers) as work:
        for completions in (3, 8, 13):
            work.until(completions)
            for child in children(web):
                os.kill(child, signal.SIGKILL)
    assert_all_is_done(city, work)


def children(program: Program) -> list[int]:
    listed = f"/proc/{program.process.pid}/task/{program.process.pid}/children"
    return [int(child) for child in Path(listed).read_text().split()]


def test_the_web_stops_only_when_what_it_has_begun_is_done(city: City) -> None:
    (number,) = filed(city, 1)
    with city.web() as web, city.practice.office.uow.engine.connect() as somebody:
        locked = "SELECT 1 FROM case_file WHERE number = :number FOR UPDATE"
        somebody.execute(text(locked), {"number": number})
        with city.worked_by(1, [number]) as work:
            wait_for(lambda: is_waited_for(city), "the completion to wait for the case")
            web.process.send_signal(signal.SIGTERM)
            web.until("Handling signal: term")
            somebody.rollback()
            work.until(1)
            work.stop()
        assert web.process.wait(timeout=60) == 0
    assert work.acknowledged == stored(city, [number])


def is_waited_for(city: City) -> bool:
    """Whether a connection waits for the lock of another."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with city.practice.reading() as session:
        return bool(session.scalar(text(asked)))


def test_a_broker_that_goes_away_and_comes_back_empty_delays_and_doubles_nothing(
    city: City,
) -> None:
    with city.worker() as worker, city.beat():
        worker.process.send_signal(signal.SIGSTOP)
        city.broker.end(signal.SIGKILL)
        numbers = filed(city, 2)  # a filing does not need the broker
        worker.process.send_signal(signal.SIGCONT)  # what fell due meanwhile comes before the news
        worker.until("Connection to broker lost")
        city.practice.show(day(3, 5))  # a step is over its limit, too
        city.broker.start()  # it knows nothing of what it was told before
        wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
        wait_for(lambda: all(supervisions(city, n) for n in numbers), "the timers")
    for number in numbers:
        assert supervisions(city, number) == 1


def is_printed(city: City, number: str) -> bool:
    letters = city.practice.of_case(models.Letter, number)
    return bool(letters) and all(letter.size for letter in letters)


def supervisions(city: City, number: str) -> int:
    return city.practice.kinds(number).count("supervision_opened")


def test_workers_killed_in_the_middle_of_jobs_leave_none_undone_and_do_none_twice(
    city: City,
) -> None:
    numbers: list[str] = []
    for _ in range(2):
        with city.worker() as worker, city.beat():
            numbers += filed(city, 3)
            worker.until("received", times=2)
            for child in children(worker):
                os.kill(child, signal.SIGKILL)
            worker.end(signal.SIGKILL)
    with city.worker(), city.beat():
        wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")


def test_a_worker_frozen_in_the_middle_of_a_job_does_not_keep_it_from_the_others(
    city: City,
) -> None:
    frozen = city.folder / "frozen"
    city.settings[freezing_worker.FROZEN] = str(frozen)
    command = [sys.executable, freezing_worker.__file__]
    with city.worker(command) as freezing:
        (number,) = filed(city, 1)
        wait_for(frozen.exists, "the worker to freeze")
        with city.worker(), city.beat():
            wait_for(lambda: is_printed(city, number), "another worker to print the letter")
            before = city.practice.of_case(models.Job, number)
            os.kill(int(frozen.read_text()), signal.SIGCONT)
            freezing.until(r"run_job\[[^]]+\] (succeeded|raised)")
    (letter,) = city.practice.of_case(models.Letter, number)
    assert letter.size
    after = {job.id: job.state for job in city.practice.of_case(models.Job, number)}
    assert after == {job.id: "done" for job in before}
