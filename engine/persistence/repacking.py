"""Packs what an earlier release stored plainly: in batches, beside the running office, any time again.

Rows that are written now are packed. Old ones can be read as they are, so this is never waited for;
how far it came stands in the settings. Rows are asked for, and written, by their primary key: of half a
million lines of history any other way would read all of them for each.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    bindparam,
    insert,
    select,
    true,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.types import LargeBinary

from engine.persistence import models
from engine.persistence.declarative import Base, table_of
from engine.persistence.packed import PackedDocument, PackedText
from engine.persistence.packing import PLAIN, Unreadable, pack, unpack
from engine.persistence.unit_of_work import connect

#: Rows of one transaction.
AT_ONCE = 1000
#: Key of the setting: table -> the key of the last row that was looked at, or DONE.
PROGRESS, DONE = "packed_rows", "done"
#: Ledgers of records are left: the database refuses to change them, whoever asks.
REFUSED: tuple[type[Base], ...] = (models.RecordClockEntry,)


def repack(url: str) -> Iterator[str]:
    """The names of the tables, each when it is done. `url`: of the account that owns the tables."""
    engine = connect(url).execution_options(writing=True)
    try:
        for table in _tables():
            if _is_done(engine, table):
                continue
            while not _batch(engine, table):
                pass
            yield str(table.name)
    finally:
        engine.dispose()


def _is_done(engine: Engine, table: Table) -> bool:
    with engine.begin() as connection:
        return _progress(connection).get(table.name) == DONE


def _tables() -> Sequence[Table]:
    left = {table_of(each).name for each in REFUSED}
    return [each for each in Base.metadata.sorted_tables if _packed(each) and each.name not in left]


def _packed(table: Table) -> list[Column[Any]]:
    return [each for each in table.columns if isinstance(each.type, PackedText | PackedDocument)]


def _batch(engine: Engine, table: Table) -> bool:
    """Some rows more; whether it was the last of them."""
    with engine.begin() as connection:
        progress = _progress(connection)
        name = str(table.name)  # a plain key for JSON
        last = progress.get(name)
        if last == DONE:
            return True
        columns, keys = _packed(table), list(table.primary_key)
        raw = [type_coerce(each, LargeBinary()).label(each.name) for each in columns]
        asked = select(*keys, *raw).order_by(*keys).limit(AT_ONCE)
        asked = asked.with_for_update(skip_locked=True)  # who works on one keeps it as it is
        if last is not None:
            asked = asked.where(_after(keys, last))
        rows = connection.execute(asked).all()
        changed = [
            {**{f"{key.name}_": getattr(row, key.name) for key in keys}, **found}
            for row in rows
            if (found := _smaller(row, columns))
        ]
        if changed:
            _write(connection, table, columns, changed)
        progress[name] = _told(keys, rows[-1]) if len(rows) == AT_ONCE else DONE
        setting = table_of(models.Setting)
        kept = update(setting).where(setting.c.key == PROGRESS).values(value=progress)
        connection.execute(kept)
        return progress[name] == DONE


def _told(keys: Sequence[Column[Any]], row: Any) -> str:
    return " ".join(str(getattr(row, key.name)) for key in keys)


def _after(keys: Sequence[Column[Any]], told: str) -> ColumnElement[bool]:
    """Every row where an earlier release kept another key: what is packed already stays as it is."""
    parts = told.split(" ")
    if len(parts) != len(keys):
        return true()
    place = (
        bindparam(None, key.type.python_type(part), key.type)
        for key, part in zip(keys, parts, strict=True)
    )
    return tuple_(*keys) > tuple_(*place)


def _smaller(row: Any, columns: Sequence[Column[Any]]) -> dict[str, bytes | None]:
    """Every column's bytes when at least one of them becomes fewer."""
    held = {each.name: getattr(row, each.name) for each in columns}
    packed = {f"{name}_": _pack(stored) for name, stored in held.items()}
    return packed if any(packed[f"{name}_"] != stored for name, stored in held.items()) else {}


def _pack(stored: bytes | None) -> bytes | None:
    if not stored or stored[:1] != PLAIN:
        return stored
    try:
        return pack(unpack(stored))
    except Unreadable:  # whoever damaged it, it stays as it was found
        return stored


def _write(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    rows: Sequence[dict[str, Any]],
) -> None:
    values = {each.name: bindparam(f"{each.name}_", type_=LargeBinary()) for each in columns}
    found = (key == bindparam(f"{key.name}_") for key in table.primary_key)
    connection.execute(update(table).where(*found).values(values), rows)


def _progress(connection: Connection) -> dict[str, str]:
    """Locked: of two who pack at once, one waits for the other's batch."""
    setting = table_of(models.Setting)
    asked = select(setting.c.value).where(setting.c.key == PROGRESS).with_for_update()
    held = connection.scalar(asked)
    if held is None:
        connection.execute(insert(setting).values(key=PROGRESS, value={}))
    return dict(held or {})
