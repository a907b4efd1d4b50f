"""Many rows in one statement: PostgreSQL takes them by COPY, SQLite one by one."""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    Uuid,
    any_,
    bindparam,
    insert,
    literal,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.persistence.declarative import Base, table_of
from engine.persistence.known_words import Word
from engine.persistence.packed import Stored

Row = Mapping[str, Any]
#: Rows of one statement: SQLite and PostgreSQL both count their parameters.
AT_ONCE = 500
_ROOM = text("SET LOCAL work_mem = '64MB'")


@contextmanager
def many_rows() -> Iterator[None]:
    """Rows by the hundred thousand are made within: they hold no cycles, and to look for some as their
    number grows takes longer than to read them. Of two at once, the first to end begins looking again."""
    was_looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looking:
            gc.enable()


def in_memory(session: Session) -> None:
    """Until the transaction ends, what is sorted and counted is so in memory: of 100,000 rows the usual
    4 MB hold less than half, and PostgreSQL would rather sort them in files than count them."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_ROOM)


def keep_unchanged(session: Session, tables: Iterable[type[Base]]) -> None:
    """Until the transaction ends, nobody changes these tables; who is at it is waited for. On SQLite
    nobody else writes anyway."""
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(table_of(each).name for each in tables)
        session.connection().exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")


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
    given = f"given_{table.name}"
    told = ", ".join(f'"{name}"' for name in ("id", *names))
    assigned = ", ".join(f'"{name}" = given."{name}"' for name in names)
    connection.exec_driver_sql(
        f'CREATE TEMP TABLE IF NOT EXISTS "{given}" ON COMMIT DROP AS '  # noqa: S608
        f'SELECT {told} FROM "{table.name}" WITH NO DATA'
    )
    connection.exec_driver_sql(f'TRUNCATE "{given}"')
    _copy(session, given, [table.c.id, *(table.c[name] for name in names)], rows)
    connection.exec_driver_sql(
        f'UPDATE "{table.name}" SET {assigned} FROM "{given}" AS given '  # noqa: S608
        f'WHERE "{table.name}".id = given.id'
    )


def among(session: Session, column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """Whether the column is one of many ids: on PostgreSQL one parameter, not one for each."""
    if session.get_bind().dialect.name != "postgresql":
        return cast(ColumnElement[bool], column.in_(ids))
    return cast(ColumnElement[bool], column == any_(literal(list(ids), postgresql.ARRAY(Uuid()))))


def insert_rows(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all name the same columns."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    _copy(session, table.name, [table.c[name] for name in rows[0]], rows)


def _copy(
    session: Session, table: str, columns: Sequence[Column[Any]], rows: Sequence[Row]
) -> None:
    told = ", ".join(f'"{column.name}"' for column in columns)
    fields = [(column.name, _writer(column)) for column in columns]
    driver = session.connection().connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is in use
    with driver.cursor().copy(f'COPY "{table}" ({told}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([write(row[name]) for name, write in fields])


def insert_new(session: Session, table: Table, rows: Sequence[Row], *, key: str) -> int:
    """Insert the rows whose `key` is not there yet; how many. Of two who try, one writes it."""
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    written = 0
    for start in range(0, len(rows), AT_ONCE):
        asked = dialect.insert(table).values([dict(row) for row in rows[start : start + AT_ONCE]])
        asked = asked.on_conflict_do_nothing(index_elements=[key])
        done = connection.execute(asked, execution_options={"preserve_rowcount": True})
        written += done.rowcount
    return written


def _marked(row: Row) -> dict[str, Any]:
    return {f"{name}_": value for name, value in row.items()}


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    kind = column.type
    if isinstance(kind, Word):
        return kind.stored
    if not isinstance(kind, Stored):
        return _plain
    return lambda value: None if value is None else kind.stored(value)


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
