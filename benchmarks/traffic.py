"""What a completed task costs the database: statements, commits, bytes of write-ahead log.

Statements are counted where they leave psycopg, so that none of any layer is missed (each row of an
executemany is one); transactions and log where the server counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import mean
from typing import Any
from uuid import UUID

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks import installation
from benchmarks.figures import Figure
from benchmarks.installation import Place
from engine.services.office import Office
from web.app import create_app

WARMING = 5


class Tally(psycopg.Cursor[Any]):
    """A cursor that counts what it sends."""

    sent = 0

    def execute(self, *given: Any, **named: Any) -> Any:
        Tally.sent += 1
        return super().execute(*given, **named)

    def executemany(self, query: Any, params_seq: Any, **named: Any) -> None:
        rows = list(params_seq)
        Tally.sent += len(rows)
        super().executemany(query, rows, **named)


class Watch:
    """Reads the server's own counters from outside the database that is measured."""

    def __init__(self, server_url: str) -> None:
        address = server_url.replace("postgresql+psycopg:", "postgresql:")
        self._connection = psycopg.connect(address, autocommit=True)

    def create_database(self, name: str) -> None:
        self._connection.execute(f"CREATE DATABASE {name}".encode())

    def writing_transactions(self) -> int:
        """Transactions so far that changed anything: each is given a number."""
        return int(self._one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")[0])

    def log_position(self) -> int:
        """Bytes of write-ahead log written so far."""
        return int(self._one("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0])

    def be_alone(self) -> None:
        """No housekeeping of the server beside what is counted."""
        self._set("autovacuum", "off")

    def checkpoint(self, *, full_pages: bool) -> None:
        """A checkpoint, after which the first change of each page is logged whole, or is not."""
        self._set("full_page_writes", "on" if full_pages else "off")
        self._connection.execute("CHECKPOINT")

    def close(self) -> None:
        self._connection.execute("ALTER SYSTEM RESET ALL")
        self._connection.execute("SELECT pg_reload_conf()")
        self._connection.close()

    def _set(self, name: str, value: str) -> None:
        self._connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
        self._connection.execute("SELECT pg_reload_conf()")

    def _one(self, asked: str) -> tuple[Any, ...]:
        found = self._connection.execute(asked.encode()).fetchone()
        assert found is not None
        return found


def measure(place: Place, office: Office, watch: Watch, count: int) -> Iterator[Figure]:
    """`count` cases from filing to decision, three times: to count, and for the log with and
    without full pages."""
    client = create_app(office, place.settings()).test_client()
    run = Run(office, watch, client, installation.tokens(office))
    watch.be_alone()
    with _tallied(office):
        counted = run.counted(count)
    bare = run.logged(count, full_pages=False)
    full = run.logged(count, full_pages=True)
    for kind, elements in installation.KINDS.items():
        sent = {each: counted[each][0] for each in elements}
        yield Figure(f"{kind}: statements", mean(sent.values()), at_most=15, note=_each(sent))
    commits = mean(commits for _, commits in counted.values())
    note = "transactions that write; who asks is read without one"
    yield Figure("commits per completed task", commits, at_most=1, note=note)
    for kind, elements in installation.KINDS.items():
        told = {each: bare[each] / 1000 for each in elements}
        note = f"{_each(told)}; right after a checkpoint {_mean_of(full, elements) / 1000:.0f}"
        yield Figure(f"{kind}: write-ahead log", mean(told.values()), "kB", at_most=4, note=note)


def _mean_of(told: Mapping[str, float], elements: Sequence[str]) -> float:
    return mean(told[each] for each in elements)


def _each(told: Mapping[str, float]) -> str:
    return ", ".join(f"{element} {value:.1f}" for element, value in told.items())


@contextmanager
def _tallied(office: Office) -> Iterator[None]:
    """Connections of the office count their statements."""

    def count(connection: Any, record: object) -> None:
        connection.cursor_factory = Tally

    office.uow.engine.dispose()
    event.listen(office.uow.engine, "connect", count)
    yield
    event.remove(office.uow.engine, "connect", count)
    office.uow.engine.dispose()


@dataclass(frozen=True, slots=True)
class Run:
    """Completes tasks within this process, where they can be counted."""

    office: Office
    watch: Watch
    client: FlaskClient
    tokens: Mapping[str, str]

    def counted(self, count: int) -> dict[str, tuple[float, float]]:
        """Element -> statements and writing transactions for each of its tasks."""
        told: dict[str, tuple[float, float]] = {}
        for element, tasks in self._rounds(count, "S"):
            before, Tally.sent = self.watch.writing_transactions(), 0
            self._complete(element, tasks)
            commits = self.watch.writing_transactions() - before
            told[element] = Tally.sent / len(tasks), commits / len(tasks)
        return told

    def logged(self, count: int, *, full_pages: bool) -> dict[str, float]:
        """Element -> bytes of write-ahead log for each of its tasks."""
        told: dict[str, float] = {}
        for element, tasks in self._rounds(count, "F" if full_pages else "N"):
            self.watch.checkpoint(full_pages=full_pages)
            before = self.watch.log_position()
            self._complete(element, tasks)
            told[element] = (self.watch.log_position() - before) / len(tasks)
        return told

    def _rounds(self, count: int, series: str) -> Iterator[tuple[str, Sequence[UUID]]]:
        """Element by element: the tasks to complete; some were completed before, to warm up."""
        case_ids = installation.file_cases(self.office, count + WARMING, series)
        for element in installation.DESKS:
            tasks = installation.open_tasks(self.office, case_ids, element)
            self._complete(element, tasks[:WARMING])
            yield element, tasks[WARMING:]

    def _complete(self, element: str, tasks: Sequence[UUID]) -> None:
        headers = {"Authorization": f"Bearer {self.tokens[element]}"}
        body = {"answers": installation.answers()[element]}
        for task_id in tasks:
            path = f"/api/v1/tasks/{task_id}/complete"
            answer = self.client.post(path, json=body, headers=headers)
            assert answer.status_code == 200, answer.get_data(as_text=True)
