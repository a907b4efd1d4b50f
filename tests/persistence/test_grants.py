"""On a real PostgreSQL the application works with an account that may add to history, not change it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text

from engine.persistence import grants, models
from engine.persistence.declarative import table_of
from engine.persistence.unit_of_work import connect
from engine.services import duty, history_check
from tests.offices import Practice, open_practice
from tests.oracle import contradictions

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

WRITTEN_ONCE = [table_of(each) for each in grants.APPEND_ONLY]


@pytest.fixture
def account(database_url: str) -> Iterator[str]:
    """The address of the database for an account that owns nothing."""
    name = f"app_{uuid4().hex[:8]}"
    engine = connect(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as owner:
        owner.execute(text(f"CREATE ROLE {name} LOGIN"))
    url = database_url.replace("postgres@/", f"{name}@/", 1)
    assert grants.grant(database_url, url) == name
    yield url
    with engine.connect() as owner:
        owner.execute(text(f"DROP OWNED BY {name}"))
        owner.execute(text(f"DROP ROLE {name}"))
    engine.dispose()


@pytest.fixture
def practice(account: str, tmp_path: Path) -> Iterator[Practice]:
    opened = open_practice(account, tmp_path)
    yield opened
    opened.close()


def plain(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_a_case_runs_to_its_end_by_it_and_its_history_cannot_be_changed(
    practice: Practice, account: str
) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    duty.round_of(practice.office)
    assert practice.case(number).state == "closed"
    assert contradictions(practice.office) == []
    assert list(history_check.verify_history(practice.office)) == []
    with plain(account) as connection:
        for table in WRITTEN_ONCE:
            column = next(iter(table.columns)).name
            for statement in (
                f"UPDATE {table.name} SET {column} = {column}",  # noqa: S608 - our names
                f"DELETE FROM {table.name}",  # noqa: S608 - our names
                f"TRUNCATE {table.name} CASCADE",
                f"ALTER TABLE {table.name} DISABLE TRIGGER ALL",
                f"DROP TABLE {table.name}",
            ):
                with pytest.raises(InsufficientPrivilege):
                    connection.execute(statement.encode())
        with pytest.raises(InsufficientPrivilege, match="no line of the history says"):
            connection.execute(
                "SELECT erase_history(id, 3, '{}', '{}') FROM case_file WHERE number = %s",
                [number],
            )
        with pytest.raises(InsufficientPrivilege):
            connection.execute("DELETE FROM alembic_version")
    assert list(history_check.verify_history(practice.office)) == []


def test_who_may_change_history_is_told(account: str, database_url: str) -> None:
    assert not grants.may_change_history(account)
    assert grants.may_change_history(database_url)
    assert grants.grant(database_url, database_url) is None
    with plain(database_url) as owner, plain(account) as connection:
        name = connection.execute("SELECT current_user").fetchone()
        assert name
        owner.execute(f"GRANT UPDATE ON {models.RecordEvent.__tablename__} TO {name[0]}".encode())
    assert grants.may_change_history(account)
    grants.grant(database_url, account)
    assert not grants.may_change_history(account)
