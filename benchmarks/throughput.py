"""Tasks completed and cases started a second through gunicorn, by several clients and processes.

The floor is taken in the same run: as many connections that do the bare transaction of a completed
task, or the bare inserts of a filing, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count, getloadavg
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.floor import Floor
from tests.faults.city import WHO, City
from tests.offices import FIRM, application, usual_answers

CLIENTS = (1, 2, 4)
PROCESSES = (1, 2)
#: The steps from filing to decision: two only move the case on, two issue letters and change registers.
STEPS = ("review_filing", "give_opinion", "first_review", "second_review")
#: Of each client, before anything is counted: connections, prepared statements, caches.
WARMING = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """`seconds` of the whole, and of each request."""

    seconds: float
    each: Sequence[float]

    @property
    def rate(self) -> float:
        return len(self.each) / self.seconds

    @property
    def told(self) -> str:
        p95 = quantiles(self.each, n=20)[-1] if len(self.each) > 1 else self.each[0]
        return f"p50 {median(self.each) * 1e3:.0f} ms, p95 {p95 * 1e3:.0f} ms"


def measure(city: City, cases: int) -> Iterator[Figure]:
    """`cases` for each number of processes and clients, from the filing to the decision."""
    for processes in PROCESSES:
        city.settings["KUNXIN_WEB_PROCESSES"] = str(processes)
        with city.web():
            for clients in CLIENTS:
                yield from _with(city, processes, clients, cases)


def _with(city: City, processes: int, clients: int, cases: int) -> Iterator[Figure]:
    how = f"{processes} web process{'es' * (processes > 1)}, {clients} client{'s' * (clients > 1)}"
    filed, numbers = _file(city, clients, cases)
    yield Figure(f"cases started, {how}", filed.rate, "/s", note=filed.told)
    floor = _floor(city, clients, cases * len(STEPS))
    rounds = [_complete(city, clients, numbers, element) for element in STEPS]
    whole = Taken(sum(r.seconds for r in rounds), [each for r in rounds for each in r.each])
    yield Figure(f"tasks completed, {how}", whole.rate, "/s", note=whole.told)
    note = (
        f"{floor.rate:.0f} bare transactions a second by as many connections, {floor.told};"
        f" load {getloadavg()[0]:.1f} on {cpu_count()} processors"
    )
    yield Figure(f"… times the bare transaction, {how}", floor.rate / whole.rate, "×", note=note)


def _file(city: City, clients: int, cases: int) -> tuple[Taken, list[str]]:
    records = [city.practice.import_penalty() for _ in range(cases + WARMING * clients)]
    bodies = [
        {
            "procedure": "credit_repair",
            "subject": FIRM,
            "records": [str(record)],
            "answers": application(),
        }
        for record in records
    ]
    told: list[str] = []

    def file(client: Client, body: dict[str, object]) -> None:
        answer = client.post("/api/v1/cases", city.tokens["firm"], body)
        told.append(answer["number"])

    taken = _by_clients(city, clients, bodies, file)
    return taken, told


def _complete(city: City, clients: int, numbers: Sequence[str], element: str) -> Taken:
    tasks = [city.practice.open_task(number, element).id for number in numbers]
    token, answers = city.tokens[WHO[element]], {"answers": usual_answers(element)}

    def complete(client: Client, task_id: object) -> None:
        client.post(f"/api/v1/tasks/{task_id}/complete", token, answers)

    return _by_clients(city, clients, tasks, complete)


def _by_clients(
    city: City, clients: int, work: Sequence[Any], act: Callable[[Client, Any], None]
) -> Taken:
    """The work shared out; each client does its part one after the other on a line of its own."""

    def one(place: int) -> tuple[float, list[float]]:
        client, mine = Client(city.port), work[place::clients]
        try:
            for each in mine[:WARMING]:
                act(client, each)
            began = perf_counter()
            return began, [_seconds(act, client, each) for each in mine[WARMING:]]
        finally:
            client.close()

    return _together(clients, one)


def _together(clients: int, one: Callable[[int], tuple[float, list[float]]]) -> Taken:
    with ThreadPoolExecutor(clients) as hands:
        parts = list(hands.map(one, range(clients)))
    end = max(began + sum(each) for began, each in parts)
    return Taken(end - min(began for began, _ in parts), [e for _, each in parts for e in each])


def _seconds(act: Callable[..., object], *given: object) -> float:
    began = perf_counter()
    act(*given)
    return perf_counter() - began


def _floor(city: City, clients: int, transactions: int) -> Taken:
    """As many connections that complete the task of a case of their own."""
    floors = [Floor(city.database_url) for _ in range(clients)]
    answers: dict[str, object] = dict(usual_answers("first_review"))

    def one(place: int) -> tuple[float, list[float]]:
        began = perf_counter()
        return began, [
            _seconds(floors[place].complete, answers) for _ in range(transactions // clients)
        ]

    taken = _together(clients, one)
    for floor in floors:
        floor.connection.close()
    return taken
