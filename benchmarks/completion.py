"""Completing tasks through HTTP, against the bare transaction, one after the other on one server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import IO, TypeVar
from uuid import UUID

from benchmarks import installation, scenario
from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.floor import Floor
from benchmarks.installation import Place
from engine.services.office import Office

Given = TypeVar("Given")

#: Completed before anything is counted: connections, prepared statements, caches.
WARMING = 10


@dataclass(frozen=True, slots=True)
class Serving:
    """A serving process."""

    port: int
    questions: IO[str]
    answers: IO[str]

    def usage(self) -> dict[str, float]:
        """`cpu`: seconds so far; `rss`: bytes now; `live`: instances in its cache."""
        self.questions.write("\n")
        self.questions.flush()
        told: dict[str, float] = json.loads(self.answers.readline())
        return told


@contextmanager
def serving(place: Place) -> Iterator[Serving]:
    command = [sys.executable, "-m", "benchmarks.server", place.database_url, str(place.folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, cwd=scenario.ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        yield Serving(port, process.stdin, process.stdout)
        process.stdin.close()


def measure(place: Place, office: Office, count: int) -> Iterator[Figure]:
    """`count` cases from filing to decision; each completed task followed by one bare transaction."""
    case_ids = installation.file_cases(office, count + WARMING, "H")
    floor, tokens, answers = Floor(place.database_url), *_desk(office)
    http: dict[str, list[float]] = {}
    bare: list[float] = []
    with serving(place) as server:
        client = Client(server.port)
        cpu = 0.0
        for element, given in answers.items():
            tasks = installation.open_tasks(office, case_ids, element)
            requests = [client.completion(each, tokens[element], given) for each in tasks]
            for request in requests[:WARMING]:
                client.ask(request)
                floor.complete(given)
            began = server.usage()["cpu"]
            for request in requests[WARMING:]:
                http.setdefault(element, []).append(_seconds(client.ask, request))
                bare.append(_seconds(floor.complete, given))
            cpu += server.usage()["cpu"] - began
        client.close()
    yield from _told(http, bare, cpu)


def _desk(office: Office) -> tuple[dict[str, str], dict[str, dict[str, object]]]:
    return installation.tokens(office), installation.answers()


def _seconds(act: Callable[[Given], object], given: Given) -> float:
    began = perf_counter()
    act(given)
    return perf_counter() - began


def _told(http: dict[str, list[float]], bare: list[float], cpu: float) -> Iterator[Figure]:
    floor = median(bare)
    all_of_them = [seconds for told in http.values() for seconds in told]
    each = ", ".join(f"{name} {median(told) / floor:.1f}" for name, told in http.items())
    yield Figure("bare transaction", floor * 1e3, "ms", note="3 inserts, 2 updates, psycopg")
    yield Figure("task completed through HTTP", median(all_of_them) * 1e3, "ms")
    yield Figure(
        "completion: times the bare transaction",
        median(all_of_them) / floor,
        "×",
        at_most=4,
        note=each,
    )
    yield Figure("CPU of the server per completed task", cpu / len(all_of_them) * 1e3, "ms")


def take_on(server: Serving, office: Office, case_ids: list[UUID]) -> None:
    """Complete the first task of each case; its live instance stays in the server's cache."""
    tokens, answers = _desk(office)
    element = next(iter(answers))
    client = Client(server.port)
    for task_id in installation.open_tasks(office, case_ids, element):
        client.ask(client.completion(task_id, tokens[element], answers[element]))
    client.close()
