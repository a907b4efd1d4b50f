"""Many rows in one statement: PostgreSQL takes them as arrays and by COPY, SQLite one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Column, Table, bindparam, insert, update
from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def update_rows(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Set what each row says, by its `id`; all rows name the same columns."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        changed = update(table).where(table.c.id == bindparam("id_"))
        values: dict[str, Any] = {name: bindparam(f"{name}_") for name in names}
        connection.execute(changed.values(values), [_marked(row) for row in rows])
        return
    columns = [table.c[name] for name in ("id", *names)]
    arrays = ", ".join(f"%s::{_type(session, column)}[]" for column in columns)
    told = ", ".join(f'"{column.name}"' for column in columns)
    assigned = ", ".join(f'"{name}" = given."{name}"' for name in names)
    statement = (
        f'UPDATE "{table.name}" SET {assigned} '  # noqa: S608 - names of our own tables
        f'FROM unnest({arrays}) AS given({told}) WHERE "{table.name}".id = given.id'
    )
    given = tuple([row[column.name] for row in rows] for column in columns)
    connection.exec_driver_sql(statement, given)


def insert_rows(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all name the same columns."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    names = list(rows[0])
    told = ", ".join(f'"{name}"' for name in names)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is in use
    with driver.cursor().copy(f'COPY "{table.name}" ({told}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([_plain(row[name]) for name in names])


def _marked(row: Row) -> dict[str, Any]:
    return {f"{name}_": value for name, value in row.items()}


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


def _type(session: Session, column: Column[Any]) -> str:
    return str(column.type.compile(dialect=session.connection().dialect)).split("(")[0]
