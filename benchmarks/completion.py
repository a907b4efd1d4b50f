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

from benchmarks import installation, processor, scenario
from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.floor import Floor
from benchmarks.installation import Place
from engine.services.office import Office

Given = TypeVar("Given")
Answers = dict[str, object]

#: Completed before anything is counted: connections, prepared statements, caches.
WARMING = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of a completion through HTTP, and of the bare transaction right after it."""

    http: float
    bare: float


@dataclass(frozen=True, slots=True)
class Serving:
    """A serving process."""

    client: Client
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
        client = Client(json.loads(process.stdout.readline())["port"])
        yield Serving(client, process.stdin, process.stdout)
        client.close()
        process.stdin.close()


def measure(place: Place, office: Office, count: int) -> Iterator[Figure]:
    """`count` cases from filing to decision; each completed task followed by one bare transaction."""
    case_ids = installation.file_cases(office, count + WARMING, "H")
    floor = Floor(place.database_url)
    pairs: dict[str, list[Pair]] = {}
    cpu: dict[str, float] = {}
    with serving(place) as server:
        for element, requests, given in _rounds(office, server.client, case_ids):
            _pairs(server.client, floor, requests[:WARMING], given)
            began = server.usage()["cpu"]
            pairs[element] = _pairs(server.client, floor, requests[WARMING:], given)
            cpu[element] = (server.usage()["cpu"] - began) / count
    bare = median(pair.bare for told in pairs.values() for pair in told)
    note = f"3 inserts, 2 updates, psycopg; {processor.load()}"
    yield Figure("bare transaction", bare * 1e3, "ms", note=note)
    for element, told in pairs.items():
        http = median(pair.http for pair in told) * 1e3
        note = f"{cpu[element] * 1e3:.1f} ms CPU of the server"
        yield Figure(f"{element}: completed through HTTP", http, "ms", note=note)
        beside = median(pair.bare for pair in told) * 1e3
        note = f"beside it the bare transaction took {beside:.2f} ms"
        times = _times(told)
        yield Figure(f"{element}: times the bare transaction", times, "×", at_most=4, note=note)
    for kind, elements in installation.KINDS.items():
        every = [pair for each in elements for pair in pairs[each]]
        note = " and ".join(elements)
        yield Figure(
            f"{kind}: times the bare transaction", _times(every), "×", at_most=4, note=note
        )


def _rounds(
    office: Office, client: Client, case_ids: list[UUID]
) -> Iterator[tuple[str, list[bytes], Answers]]:
    """Element by element: the requests that complete its tasks, and the answers in them."""
    tokens = installation.bearers(office)
    for element, given in installation.answers().items():
        tasks = installation.open_tasks(office, case_ids, element)
        yield element, [client.completion(each, tokens[element], given) for each in tasks], given


def _pairs(client: Client, floor: Floor, requests: list[bytes], given: Answers) -> list[Pair]:
    return [
        Pair(_seconds(client.ask, request), _seconds(floor.complete, given)) for request in requests
    ]


def _seconds(act: Callable[[Given], object], given: Given) -> float:
    began = perf_counter()
    act(given)
    return perf_counter() - began


def _times(pairs: list[Pair]) -> float:
    return median(pair.http / pair.bare for pair in pairs)


def take_on(server: Serving, office: Office, case_ids: list[UUID]) -> None:
    """Complete the first task of each case; its live instance stays in the server's cache."""
    _, requests, _ = next(_rounds(office, server.client, case_ids))
    for request in requests:
        server.client.ask(request)
