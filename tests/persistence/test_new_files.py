"""A database that is one file: opened by several in the moment in which it comes to be."""

import sqlite3
from pathlib import Path

import pytest

from engine.persistence import unit_of_work


def test_who_opens_a_file_while_another_is_about_to_write_waits_for_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE held (id INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        other.execute("ROLLBACK")

    monkeypatch.setattr(unit_of_work, "sleep", wait)
    engine = unit_of_work.connect(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    other.close()
    assert len(waits) == 1
