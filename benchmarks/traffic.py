"""What a completed task costs the database: statements, commits, bytes of write-ahead log.

Statements are counted where they leave psycopg, so that none of any layer is missed (each row of an
executemany is one); transactions where the server counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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

    def __init__(self, server_url: str, database: str) -> None:
        address = server_url.replace("postgresql+psycopg:", "postgresql:")
        self._connection = psycopg.connect(address, autocommit=True)
        self._database = database

    def create_database(self) -> None:
        self._connection.execute(f"CREATE DATABASE {self._database}".encode())

    def transactions(self) -> Counter[str]:
        """`commits` and `rollbacks` that ended sessions of the database have told so far."""
        asked = "SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = %s"
        commits, rollbacks = self._one(asked, self._database)
        return Counter(commits=commits, rollbacks=rollbacks)

    def log_position(self) -> int:
        """Bytes of write-ahead log written so far."""
        return int(self._one("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0])

    def checkpoint(self, *, full_pages: bool) -> None:
        """A checkpoint, after which the first change of each page is logged whole, or is not."""
        word = "on" if full_pages else "off"
        self._connection.execute(f"ALTER SYSTEM SET full_page_writes = {word}".encode())
        self._connection.execute("SELECT pg_reload_conf()")
        self._connection.execute("CHECKPOINT")

    def close(self) -> None:
        self._connection.execute("ALTER SYSTEM RESET full_page_writes")
        self._connection.execute("SELECT pg_reload_conf()")
        self._connection.close()

    def _one(self, asked: str, *given: object) -> tuple[Any, ...]:
        found = self._connection.execute(asked.encode(), given).fetchone()
        assert found is not None
        return found


def measure(place: Place, office: Office, watch: Watch, count: int) -> Iterator[Figure]:
    """`count` cases from filing to decision, three times: to count, and for the log with and
    without full pages."""
    client = create_app(office, place.settings()).test_client()
    tokens = installation.tokens(office)
    with _tallied(office):
        statements, transactions = _counted(office, watch, client, tokens, count)
    bare = _logged(office, watch, client, tokens, count, full_pages=False)
    full = _logged(office, watch, client, tokens, count, full_pages=True)
    tasks = count * len(tokens)
    yield Figure(
        "statements per completed task",
        mean(statements.values()),
        at_most=15,
        note=_each(statements),
    )
    yield Figure("commits per completed task", transactions["commits"] / tasks, at_most=1)
    yield Figure(
        "read-only transactions per completed task",
        transactions["rollbacks"] / tasks,
        note="told by the server",
    )
    yield Figure(
        "write-ahead log per completed task",
        mean(bare.values()) / 1000,
        "kB",
        at_most=4,
        note=_each(bare),
    )
    yield Figure(
        "the same right after a checkpoint",
        mean(full.values()) / 1000,
        "kB",
        note=f"with full images of pages changed for the first time; {tasks} tasks",
    )


def _each(told: Mapping[str, float]) -> str:
    return ", ".join(f"{element} {value:,.0f}" for element, value in told.items())


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


def _counted(
    office: Office, watch: Watch, client: FlaskClient, tokens: Mapping[str, str], count: int
) -> tuple[dict[str, float], Counter[str]]:
    statements: dict[str, float] = {}
    total: Counter[str] = Counter()
    for element, tasks in _rounds(office, client, tokens, count, "S"):
        office.uow.engine.dispose()  # a session tells its transactions when it ends
        before, Tally.sent = watch.transactions(), 0
        _complete(client, tokens, element, tasks)
        statements[element] = Tally.sent / len(tasks)
        office.uow.engine.dispose()
        total += watch.transactions() - before
    return statements, total


def _logged(
    office: Office,
    watch: Watch,
    client: FlaskClient,
    tokens: Mapping[str, str],
    count: int,
    *,
    full_pages: bool,
) -> dict[str, float]:
    told: dict[str, float] = {}
    for element, tasks in _rounds(office, client, tokens, count, "F" if full_pages else "N"):
        watch.checkpoint(full_pages=full_pages)
        before = watch.log_position()
        _complete(client, tokens, element, tasks)
        told[element] = (watch.log_position() - before) / len(tasks)
    return told


def _rounds(
    office: Office, client: FlaskClient, tokens: Mapping[str, str], count: int, series: str
) -> Iterator[tuple[str, Sequence[UUID]]]:
    """Element by element: the tasks to complete; some were completed before, to warm up."""
    case_ids = installation.file_cases(office, count + WARMING, series)
    for element in tokens:
        tasks = installation.open_tasks(office, case_ids, element)
        _complete(client, tokens, element, tasks[:WARMING])
        yield element, tasks[WARMING:]


def _complete(
    client: FlaskClient, tokens: Mapping[str, str], element: str, tasks: Sequence[UUID]
) -> None:
    headers = {"Authorization": f"Bearer {tokens[element]}"}
    body = {"answers": installation.answers()[element]}
    for task_id in tasks:
        answer = client.post(f"/api/v1/tasks/{task_id}/complete", json=body, headers=headers)
        assert answer.status_code == 200, answer.get_data(as_text=True)
