"""Behind a pooler nothing is left on a connection for whoever gets it next; else a reader may not write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from engine.persistence import lines


class SharedOut(psycopg.Connection[Any]):
    """As a pooler hands it on: who greeted is not the process that answers."""

    info: Any = SimpleNamespace(backend_pid=-1)


@pytest.fixture(params=[psycopg.Connection, SharedOut])
def connection(
    request: pytest.FixtureRequest, postgres_url: str
) -> Iterator[psycopg.Connection[Any]]:
    kind: type[psycopg.Connection[Any]] = request.param
    with closing(kind.connect(postgres_url.replace("+psycopg", ""))) as opened:
        yield opened


def test_a_reader_that_is_told_not_to_write_is_nobody_elses_connection(
    connection: psycopg.Connection[Any],
) -> None:
    dbapi: Any = connection
    lines.tell_reader(dbapi)
    lines.tell_writer(dbapi)
    told = [
        connection.execute(f"SHOW {name}").fetchone()
        for name in ("default_transaction_read_only", "client_connection_check_interval")
    ]
    is_shared = isinstance(connection, SharedOut)
    assert told == ([("off",), ("0",)] if is_shared else [("on",), ("2s",)])
    assert (connection.prepare_threshold is None) is is_shared
