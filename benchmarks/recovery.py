"""How long nobody can work after a death, and whether anybody is shown what is done already."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from uuid import UUID

from benchmarks.figures import Figure
from tests.faults.city import WHO, City, Program, Work
from tests.offices import usual_answers

#: Steps after each of which every list is asked.
STEPS = ("review_filing", "give_opinion", "first_review", "second_review")
#: Every list on which an open task may stand: who asks, what.
LISTS = (
    *(("{who}", f"/api/v1/tasks?scope={scope}&limit=100") for scope in ("mine", "group", "all")),
    ("fang", "/api/v1/supervision/places?limit=100"),
    ("fang", "/api/v1/supervision/breaches?limit=100"),
)


def deaths(city: City, times: int) -> Iterator[Figure]:
    """From the death of a server to the next acknowledged completion, hands at work all the while."""
    killed, crashed, restarted = [], [], []
    for _ in range(times):
        numbers = [city.practice.file_case().number for _ in range(8)]
        with city.web() as web, city.worked_by(4, numbers) as work:
            work.until(2)
            killed.append(_until_work_goes_on(city, work, lambda: _kill_web(city, web)))
            crashed.append(_until_work_goes_on(city, work, lambda: _crash(city, signal.SIGQUIT)))
            restarted.append(_until_work_goes_on(city, work, lambda: _crash(city, signal.SIGINT)))
            work.stop()
        assert work.wrong == [], work.wrong
    note = "its processes started anew by gunicorn, procedures parsed again; 4 clients at work"
    yield Figure(
        "kill -9 of all web processes: until a task is completed", median(killed), "s", note=note
    )
    note = "recovery of PostgreSQL included"
    yield Figure(
        "database crashed and started: until a task is completed", median(crashed), "s", note=note
    )
    yield Figure("database restarted: until a task is completed", median(restarted), "s")


def _kill_web(city: City, web: Program) -> None:
    listed = f"/proc/{web.process.pid}/task/{web.process.pid}/children"
    with open(listed) as children:  # noqa: PTH123 - no file, a list of the kernel's
        for child in children.read().split():
            os.kill(int(child), signal.SIGKILL)


def _crash(city: City, death: signal.Signals) -> None:
    city.database.end(death)
    city.database.start()
    city.practice.close()  # its own idle connections are dead


def _until_work_goes_on(city: City, work: Work, act: Callable[[], None]) -> float:
    began = perf_counter()
    act()
    done = work.acknowledged.total()  # those of before the death are told by now
    work.until(done + 1)
    return perf_counter() - began


def freshness(city: City, cases: int) -> Iterator[Figure]:
    """Every list is asked in the next request after a completion, by another web process or the same."""
    city.settings["KUNXIN_WEB_PROCESSES"] = "2"
    asked, stale = 0, 0
    numbers = [city.practice.file_case().number for _ in range(cases)]
    with city.web():
        for number in numbers:
            for element in STEPS:
                task = city.practice.open_task(number, element)
                who = WHO[element]
                path, answers = f"/api/v1/tasks/{task.id}/complete", usual_answers(element)
                told = city.ask("POST", path, who=who, body={"answers": answers})
                assert told.status == 200, told.body
                found = [
                    _shows(city, asker.format(who=who), path, task.id) for asker, path in LISTS
                ]
                asked, stale = asked + len(found), stale + sum(found)
    note = f"{asked} answers of {len(LISTS)} lists, two web processes"
    yield Figure(
        "lists that still show a task in the request after its completion",
        stale,
        at_most=0,
        note=note,
    )


def _shows(city: City, who: str, path: str, task_id: UUID) -> bool:
    answer = city.ask("GET", path, who=who)
    assert answer.status == 200, answer.body
    return str(task_id).encode() in answer.body
