"""PostgreSQL's own counters, read from outside the database that is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

STATISTICS = """
SELECT xact_commit, tup_inserted + tup_updated + tup_deleted
FROM pg_stat_database WHERE datname = %s
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a database's sessions did: transactions, those that only read among them; rows inserted,
    updated and deleted."""

    transactions: int
    rows: int


class Watch:
    def __init__(self, server_url: str) -> None:
        address = server_url.replace("postgresql+psycopg:", "postgresql:")
        self._connection = psycopg.connect(address, autocommit=True)

    def create_database(self, name: str, *, template: str = "template1") -> None:
        self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())

    def counted(self, database: str) -> Counted:
        """So far, by sessions that have ended: a session tells its figures late."""
        while self._one("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", database)[0]:
            continue
        return Counted(*self._one(STATISTICS, database))

    def writing_transactions(self) -> int:
        """Transactions so far that changed anything: each is given a number."""
        return int(self._one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")[0])

    def log_position(self) -> int:
        """Bytes of write-ahead log written so far."""
        return int(self._one("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0])

    def data_folder(self) -> str:
        return str(self._one("SHOW data_directory")[0])

    def be_alone(self) -> None:
        """No housekeeping of the server beside what is counted."""
        self._set("autovacuum", "off")

    def checkpoint(self, *, full_pages: bool) -> None:
        """A checkpoint, after which the first change of each page is logged whole, or is not."""
        self._set("full_page_writes", "on" if full_pages else "off")
        self._connection.execute("CHECKPOINT")

    def run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def rows(self, asked: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(asked.encode()).fetchall()

    def close(self) -> None:
        self._connection.execute("ALTER SYSTEM RESET ALL")
        self._connection.execute("SELECT pg_reload_conf()")
        self._connection.close()

    def _set(self, name: str, value: str) -> None:
        self._connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
        self._connection.execute("SELECT pg_reload_conf()")

    def _one(self, asked: str, *given: object) -> tuple[Any, ...]:
        found = self._connection.execute(asked.encode(), given or None).fetchone()
        assert found is not None
        return found
