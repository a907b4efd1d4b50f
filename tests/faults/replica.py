"""A streaming replica of a city's PostgreSQL: read-only, following, and able to die."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from engine.persistence.unit_of_work import connect
from tests import servers
from tests.faults.city import Restartable, wait_for
from tests.servers import Cluster


@contextmanager
def following(primary_url: str) -> Iterator[tuple[str, Restartable]]:
    """The replica's address and its server; gone with the block."""
    folder = Path(primary_url.partition("?host=")[2])
    source = Cluster(folder, programs_of(folder), _owner(folder))
    place = folder.with_name(f"{folder.name}-replica")
    place.mkdir()
    if source.user:
        shutil.chown(place, source.user)
    subprocess.run(
        [source.programs / "pg_basebackup", "--host", folder, "--username", "postgres",
         "--pgdata", place / "data", "--write-recovery-conf", "--checkpoint", "fast"],
        check=True, capture_output=True, user=source.user, env=source.environment, cwd=folder,
    )  # fmt: skip
    copy = replace(source, folder=place)
    server = Restartable(
        lambda: copy.run(durable=True), "database system is ready to accept read-only connections"
    )
    server.start()
    try:
        yield copy.url, server
    finally:
        server.end()
        shutil.rmtree(place, ignore_errors=True)


def await_caught_up(primary_url: str) -> None:
    """Until all that was written so far can be read there."""
    engine = connect(primary_url)
    with engine.connect() as connection:
        written = connection.execute(text("SELECT pg_current_wal_lsn()::text")).scalar_one()
        asked = text(
            "SELECT bool_and(replay_lsn >= CAST(:written AS pg_lsn)) FROM pg_stat_replication"
        )

        def is_there() -> bool:
            connection.rollback()
            return connection.execute(asked, {"written": written}).scalar() is True

        wait_for(is_there, "the replica to catch up")
    engine.dispose()


def programs_of(folder: Path) -> Path:
    copied = servers.copied_programs(folder)
    found = next(iter(copied.glob("*/bin")), None) if copied.exists() else None
    return found or servers.postgresql_programs()


def _owner(folder: Path) -> str | None:
    return folder.owner() if folder.owner() != "root" else None
