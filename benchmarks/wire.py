"""What goes over the wire to PostgreSQL: every message, as libpq itself notes it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import psycopg
from psycopg.pq import Trace
from sqlalchemy import Engine, Pool, event

#: How the messages begin that begin and end transactions.
BRACKETS = ('"BEGIN', '"COMMIT', '"ROLLBACK')


@dataclass(slots=True)
class Wire:
    """The messages of all connections since they were opened."""

    _notes: list[IO[str]] = field(default_factory=list)

    def attach(self, connection: psycopg.Connection[Any], record: object) -> None:
        note = tempfile.TemporaryFile("r+")  # noqa: SIM115 - as long as its connection
        connection.pgconn.trace(note.fileno())
        connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        self._notes.append(note)

    def statements(self) -> int:
        """Statements sent so far, whoever sent them, but what begins and ends a transaction."""
        return sum(_is_statement(line) for note in self._notes for line in _lines(note))

    def round_trips(self) -> int:
        """Times so far that somebody waited for the server: each statement, BEGIN, COMMIT."""
        return sum(
            line.startswith("B\t") and "\tReadyForQuery" in line
            for note in self._notes
            for line in _lines(note)
        )


def _lines(note: IO[str]) -> Iterator[str]:
    note.seek(0)
    yield from note


def _is_statement(line: str) -> bool:
    direction, _, message, text = (*line.split("\t", 3), "", "", "")[:4]
    is_plain_text = message == "Query" and not text.strip().startswith(BRACKETS)
    return direction == "F" and (message == "Execute" or is_plain_text)


@contextmanager
def tapped(engine: Engine) -> Iterator[Wire]:
    """Connections note what they send; the engine opens new ones for it."""
    wire = Wire()
    engine.dispose()
    event.listen(Pool, "connect", wire.attach)
    try:
        yield wire
    finally:
        event.remove(Pool, "connect", wire.attach)
        engine.dispose()
