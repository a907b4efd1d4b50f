"""The base of all tables: types that mean the same on SQLite and PostgreSQL, names of constraints."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, String, Table, Text, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.domain import states


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored and returned in UTC; a naive one is refused.

    SQLite has no zones: there the UTC moment is stored without one.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Document(TypeDecorator[Any]):
    """A JSON document: JSONB on PostgreSQL; None is NULL. Never for process state, whose key order is
    data."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = postgresql.JSONB if dialect.name == "postgresql" else JSON
        chosen = kind(none_as_null=True)
        return dialect.type_descriptor(chosen)


class State(TypeDecorator[str]):
    """A state of one life, a Literal of engine/domain/states.py or an enum: any other word is refused,
    in what is stored and in what is asked for, with a ValueError."""

    impl = String(200)
    cache_ok = True

    def __init__(self, life: Any) -> None:
        super().__init__()
        self.states = frozenset[str](get_args(life) or life)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and value not in self.states:
            raise ValueError(f"{value!r} is none of {sorted(self.states)}")
        return value


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: Mapping[Any, TypeEngine[Any]] = {
        datetime: Moment(),
        str: String(200),
        bytes: LargeBinary(),
        dict[str, Any]: Document(),
        list[Any]: Document(),
        **{life: State(life) for life in states.STORED},
    }

    def __init__(self, **given: Any) -> None:
        """A new row. Its values go where the session reads them, without an event for each: nothing
        here listens to one, and a step that issues a letter sets three hundred."""
        for unknown in given.keys() - _attributes(type(self)):
            raise TypeError(f"{unknown!r} is no attribute of {type(self).__name__}")
        self.__dict__.update(given)


@cache
def _attributes(model: type[Base]) -> frozenset[str]:
    return frozenset(inspect(model).column_attrs.keys())


def table_of(model: type[Base]) -> Table:
    """The plain table of a model, for set-wise statements that need no objects."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - every model here is one table
    return table


#: For texts whose length nobody can promise.
LongText = Text
