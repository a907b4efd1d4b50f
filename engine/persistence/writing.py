"""What a transaction changed, written to PostgreSQL as one statement instead of one for each row.

A step inserts and updates a dozen rows of ten tables. One by one, each costs a round trip, a snapshot
and the bookkeeping of a flush; as parts of one statement (data-modifying WITH) they cost it once. It
is an ordinary statement: the server names the constraint that refuses it, takes the same locks, checks
foreign keys at its end, and counts the rows that its updates met.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import count, islice
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Column, Connection, Dialect, Table, delete
from sqlalchemy.orm import InstanceState, Mapper, Session
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.exc import StaleDataError

from engine.persistence.cursors import NumberedCursor
from engine.persistence.declarative import Base, table_of
from engine.persistence.endings import ENDED, Ending, write_endings

#: Beyond these a statement is none of a step's: bulk work is flushed as SQLAlchemy does it.
MOST_VALUES = 8_000
#: Key in `session.info` under which a transaction keeps what it will remove: (table, column, values).
REMOVED = "removed"


class Act(Enum):
    INSERT = auto()
    UPDATE = auto()
    DELETE = auto()  # by values of one column
    END = auto()  # by their ids, see engine/persistence/endings.py


@dataclass(frozen=True, slots=True)
class Shape:
    """A part of the statement; its values come in the same order. An updated row says its changed
    columns, then its key."""

    act: Act
    table: Table
    columns: tuple[str, ...] = ()
    rows: int = 0
    ending: Ending | None = None


class NotPlain(Exception):
    """More than values by primary key: for the session's own flush."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """An attribute of a row and how its value travels."""

    key: str
    column: Column[Any]
    process: Callable[[Any], Any] | None

    def bound(self, value: Any) -> Any:
        return value if self.process is None else self.process(value)

    def default(self) -> Any:
        default: Any = self.column.default
        if default is None:
            return None
        return default.arg(None) if default.is_callable else default.arg


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A mapped table: its attributes in order, and the one that is its key, if one is."""

    table: Table
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    identity: Field | None
    keys: frozenset[str]

    def values(self, state: InstanceState[Any]) -> list[Any]:
        """Every value of a new row; defaults stay on the object, as after a flush."""
        held = state.dict
        if self.keys - held.keys():
            for field in self.fields:
                if field.key not in held:
                    held[field.key] = field.default()
        return [
            held[field.key] if field.process is None else field.process(held[field.key])
            for field in self.fields
        ]

    def changed(self, state: InstanceState[Any]) -> list[Field]:
        """In the order of the columns, as everybody's statement is then the same."""
        held, before = state.dict, state.committed_state
        changed = {key for key, value in before.items() if key in held and held[key] != value}
        return [field for field in self.fields if field.key in changed] if changed else []


def remove(
    session: Session, kind: type[Base], ids: Collection[UUID], by: Any | None = None
) -> None:
    """Remove rows that were never read, when all is written; who is gone already is not missed.
    `by`: the attribute that tells them, where it is not their id."""
    key = "id" if by is None else str(by.key)
    for pending in [each for each in session.new if isinstance(each, kind)]:
        if instance_state(pending).dict[key] in ids:
            session.expunge(pending)
    session.info.setdefault(REMOVED, []).append((table_of(kind), key, list(ids)))


def write(session: Session) -> None:
    """Write all that is pending; the last act of a transaction, nothing is left in the session.

    Errors: as of a flush; StaleDataError when a row to be updated is no longer there.
    """
    connection = session.connection()
    written = None
    if connection.dialect.driver == "psycopg" and not session.deleted:
        written = _gathered(connection.dialect, session)
    if written is None:
        session.flush()
        flushed(session)
        return
    session.info.pop(REMOVED, None)
    session.info.pop(ENDED, None)
    if written.shapes:
        with _numbered(connection):
            met = connection.exec_driver_sql(
                _text(connection.dialect, tuple(written.shapes)), tuple(written.values)
            )
        if met.scalar_one() != written.updates:
            raise StaleDataError("a row that was to be updated is no longer there")
    session.expunge_all()


def flushed(session: Session, *_: object) -> None:
    """After a flush on the way, that later statements rely on: what ends and is removed goes too."""
    write_endings(session)
    for table, key, ids in session.info.pop(REMOVED, ()):
        session.connection().execute(delete(table).where(table.c[key].in_(ids)))


@contextmanager
def _numbered(connection: Connection) -> Iterator[None]:
    """Placeholders are the server's own, $1: to find a hundred of the other kind in a long text takes
    as long as to send it."""
    held = connection.connection.driver_connection
    assert isinstance(held, psycopg.Connection)  # noqa: S101 - see `write`
    usual, held.cursor_factory = held.cursor_factory, NumberedCursor
    try:
        yield
    finally:
        held.cursor_factory = usual


@dataclass(slots=True)
class Written:
    """The parts of one statement, and the values that go into them in the same order."""

    shapes: list[Shape]
    values: list[Any]
    updates: int


def _gathered(dialect: Dialect, session: Session) -> Written | None:
    """What is pending as one statement; None when it does not fit into one."""
    written = Written([], [], 0)
    try:
        _refuse_twice(session)
        _gather_inserts(written, dialect, session.new)
        _gather_updates(written, dialect, session.dirty)
        for (ending, moment), ids in session.info.get(ENDED, {}).items():
            written.shapes.append(Shape(Act.END, ending.table, ending=ending))
            written.values += (moment, ids)
        for table, key, ids in session.info.get(REMOVED, ()):
            written.shapes.append(Shape(Act.DELETE, table, (key,)))
            written.values.append(ids)
    except NotPlain:
        return None
    return written if len(written.values) <= MOST_VALUES else None


def _refuse_twice(session: Session) -> None:
    """One statement changes a row once only: who ends a row that is also written is flushed."""
    ended = {each for ids in session.info.get(ENDED, {}).values() for each in ids}
    for row in (*session.new, *session.dirty) if ended else ():
        if instance_state(row).dict.get("id") in ended:
            raise NotPlain


def _gather_inserts(written: Written, dialect: Dialect, rows: Iterable[object]) -> None:
    by_layout: dict[Layout, list[InstanceState[Any]]] = {}
    for state in map(instance_state, rows):
        by_layout.setdefault(_layout(dialect, state.mapper), []).append(state)
    for layout in sorted(by_layout, key=lambda each: each.table.name):
        states = sorted(by_layout[layout], key=lambda state: state.insert_order or 0)
        written.shapes.append(Shape(Act.INSERT, layout.table, layout.columns, len(states)))
        for state in states:
            written.values += layout.values(state)


def _gather_updates(written: Written, dialect: Dialect, rows: Iterable[object]) -> None:
    """Rows of which the same columns changed are one part, in one order whoever updates them."""
    found: dict[tuple[str, tuple[str, ...]], list[InstanceState[Any]]] = {}
    layouts: dict[str, Layout] = {}
    for state in map(instance_state, rows):
        layout = _layout(dialect, state.mapper)
        changed = layout.changed(state)
        if layout.identity is None or layout.identity in changed:
            raise NotPlain
        if changed:
            names = tuple(field.column.name for field in changed)
            layouts[layout.table.name] = layout
            found.setdefault((layout.table.name, names), []).append(state)
    for (table, names), states in sorted(found.items()):
        layout = layouts[table]
        identity = layout.identity
        assert identity is not None  # noqa: S101 - else it is not plain
        fields = [*(field for field in layout.fields if field.column.name in names), identity]
        written.shapes.append(Shape(Act.UPDATE, layout.table, names, len(states)))
        for state in sorted(states, key=lambda each: str(each.dict[identity.key])):
            written.values += (field.bound(state.dict[field.key]) for field in fields)
        written.updates += len(states)


@lru_cache(maxsize=256)
def _layout(dialect: Dialect, mapper: Mapper[Any]) -> Layout:
    table = mapper.local_table
    if mapper.relationships or mapper.inherits or not isinstance(table, Table):
        raise NotPlain
    fields = tuple(_field(dialect, mapper, column) for column in table.columns)
    identities = [field for field in fields if field.column.primary_key]
    names = tuple(field.column.name for field in fields)
    keys = frozenset(field.key for field in fields)
    identity = identities[0] if len(identities) == 1 else None
    return Layout(table, fields, names, identity, keys)


def _field(dialect: Dialect, mapper: Mapper[Any], column: Column[Any]) -> Field:
    is_made_by_server = column.server_default or column.identity or column.computed
    default: Any = column.default
    if is_made_by_server or not (default is None or default.is_scalar or default.is_callable):
        raise NotPlain
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return Field(mapper.get_property_by_column(column).key, column, process)


@lru_cache(maxsize=1024)
def _text(dialect: Dialect, shapes: tuple[Shape, ...]) -> str:
    """The statement; it answers how many rows its updates met."""
    places = (f"${number}" for number in count(1))
    parts = [
        f"part{number} AS ({_part(dialect, shape, places)})" for number, shape in enumerate(shapes)
    ]
    updates = [number for number, shape in enumerate(shapes) if shape.act is Act.UPDATE]
    counts = [f"(SELECT count(*) FROM part{number})" for number in updates]  # noqa: S608 - our names
    return f"WITH {', '.join(parts)} SELECT {' + '.join(counts or ['0'])}"


def _part(dialect: Dialect, shape: Shape, places: Iterator[str]) -> str:
    table, quoted = shape.table.name, [f'"{column}"' for column in shape.columns]
    if shape.act is Act.INSERT:
        values = [f"({', '.join(islice(places, len(quoted)))})" for _ in range(shape.rows)]
        return f"INSERT INTO {table} ({', '.join(quoted)}) VALUES {', '.join(values)}"  # noqa: S608
    if shape.act is Act.DELETE:
        return f"DELETE FROM {table} WHERE {quoted[0]} = ANY({next(places)})"  # noqa: S608
    if shape.act is Act.END and shape.ending is not None:
        settings = shape.ending.text.format(moment=next(places))
        return f"UPDATE {table} SET {settings} WHERE id = ANY({next(places)})"  # noqa: S608
    (identity,) = shape.table.primary_key.columns
    if shape.rows == 1:
        settings = ", ".join(f"{column} = {next(places)}" for column in quoted)
        return f"UPDATE {table} SET {settings} WHERE {identity.name} = {next(places)} RETURNING 1"  # noqa: S608
    settings = ", ".join(f"{column} = given.{column}" for column in quoted)
    columns = [*(shape.table.c[name] for name in shape.columns), identity]
    kinds = [column.type.compile(dialect) for column in columns]  # the first row names the types
    rows = [", ".join(f"CAST({next(places)} AS {kind})" for kind in kinds)]
    rows += (", ".join(islice(places, len(columns))) for _ in range(shape.rows - 1))
    given = f"(VALUES ({'), ('.join(rows)})) AS given ({', '.join(quoted)}, key_)"
    found = f"{table}.{identity.name} = given.key_"
    return f"UPDATE {table} SET {settings} FROM {given} WHERE {found} RETURNING 1"  # noqa: S608
