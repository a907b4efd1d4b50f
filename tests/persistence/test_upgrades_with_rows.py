"""A database of an earlier release that holds rows comes to this one and keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, func, insert, select, types

from engine.persistence import schema
from engine.persistence.unit_of_work import connect

SCRIPTS = ScriptDirectory.from_config(schema.configuration("sqlite://"))
#: From when on it is tried: installations of earlier ones there are none.
FIRST = "0024_deferrals"
REVISIONS = [each.revision for each in SCRIPTS.iterate_revisions("head", FIRST, inclusive=True)]
#: Copies, made anew from the other tables.
COPIES = {"open_case", "open_place", "closed_case"}
NOON = datetime(2020, 3, 2, 4, tzinfo=UTC)


def value_of(column: Any, number: int) -> Any:
    """Something of the column's kind, another in each table; a row of it makes no sense, but stands."""
    values: tuple[tuple[type[types.TypeEngine[Any]], Any], ...] = (
        (types.Uuid, UUID(int=number)),
        (types.Boolean, False),
        (types.Integer, number),
        (types.DateTime, NOON),
        (types.Date, NOON.date()),
        (types.LargeBinary, b"x"),
        (types.JSON, {}),
        (types.Numeric, number),
        (types.String, f"{number:032x}"),  # as SQLite keeps a UUID
    )
    return next(value for kind, value in values if isinstance(column.type, kind))


def tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [each for each in found.sorted_tables if each.name != "alembic_version"]


def fill(connection: Connection) -> Iterator[str]:
    """A row in every table, referring to those before; the names of the tables."""
    for number, table in enumerate(tables(connection), 1):
        if connection.scalar(select(func.count()).select_from(table)):
            yield table.name  # a trigger or a migration has put one there
            continue
        row = {
            column.name: value_of(column, number)
            for column in table.columns
            if not column.nullable or column.primary_key
        }
        for key in table.foreign_keys:
            if key.parent.name in row and key.column.table is not table:
                row[key.parent.name] = connection.scalar(select(key.column).limit(1))
        connection.execute(insert(table).values(row))
        yield table.name


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_row_of_an_earlier_release_is_there_after_the_upgrade(
    blank: None, database_url: str, revision: str
) -> None:
    command.upgrade(schema.configuration(database_url), revision)
    engine = connect(database_url)
    try:
        with engine.execution_options(writing=True).begin() as connection:
            filled = list(fill(connection))
        schema.upgrade(database_url)
        assert schema.is_current(database_url)
        with engine.connect() as connection:
            kept = {each.name: each for each in tables(connection)}
            lost = [
                name
                for name in set(filled) - COPIES
                if not connection.scalar(select(func.count()).select_from(kept[name]))
            ]
    finally:
        engine.dispose()
    assert "case_file" in filled
    assert lost == []
