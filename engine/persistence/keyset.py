"""Paging by keyset: a cursor is where the last page ended."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from engine.domain.errors import Invalid

Row = TypeVar("Row")
Day = TypeVar("Day", date, datetime)
Found = TypeVar("Found", bound=Select)  # type: ignore[type-arg]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]
#: A moment, day or text, an id, and the place of a line among those of one owner.
Columns = tuple[Column, Column] | tuple[Column, Column, Column]

#: No line has a later place: an integer of the tables.
MOST = 2**31 - 1


def after_cursor(
    found: Found, columns: Columns, cursor: str | None, *, ascending: bool = False
) -> Found:
    """`found` in the order of these columns (descending unless told), from behind the cursor on.

    Errors: Invalid for a cursor that is not ours.
    """
    ordered = found.order_by(*(c.asc() if ascending else c.desc() for c in columns))
    return ordered.where(*behind(columns, cursor, ascending=ascending))


def behind(
    columns: Columns, cursor: str | None, *, ascending: bool = False
) -> tuple[ColumnElement[bool], ...]:
    """What is true of the rows behind the cursor; nothing to ask without one."""
    if not cursor:
        return ()
    values = _read(cursor)
    first = _value(values[0], columns[0].type.python_type)
    told = (first, UUID(values[1]), *map(int, values[2:]))
    if len(told) != len(columns):
        raise _not_ours()
    last = tuple_(*(literal(each, of.type) for each, of in zip(told, columns, strict=True)))
    key = tuple_(*columns)
    return (key > last if ascending else key < last,)


def _value(told: str, kind: type) -> str | date | datetime:
    """What a cursor says of the first column. Invalid for a cursor of a list in another order."""
    if issubclass(kind, str):
        return told
    return _parsed(datetime if issubclass(kind, datetime) else date, told)


def _parsed(kind: type[Day], told: str) -> Day:
    try:
        return kind.fromisoformat(told)
    except ValueError:
        raise _not_ours() from None


def next_cursor(
    rows: Sequence[Row], limit: int, key: Callable[[Row], tuple[Any, ...]]
) -> str | None:
    """The cursor behind the page of `limit` rows; None when `rows` holds no more than these."""
    if len(rows) <= limit:
        return None
    first, *others = key(rows[limit - 1])
    told = first if isinstance(first, str) else first.isoformat()
    return urlsafe_b64encode(orjson.dumps([told, *map(str, others)])).decode().rstrip("=")


def place(cursor: str) -> tuple[datetime, UUID]:
    """The moment and id that the cursor of a list by moments stands for. Invalid if it is not ours."""
    told, last, *_ = _read(cursor)
    return _parsed(datetime, told), UUID(last)


def _read(cursor: str) -> list[str]:
    try:
        values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        places = [int(each) for each in values[2:3]]
        if any(not 0 <= each <= MOST for each in places):
            raise _not_ours()
        return [str(values[0]), str(UUID(values[1])), *map(str, places)]
    except (ValueError, IndexError, TypeError, KeyError, OverflowError):
        raise _not_ours() from None


def _not_ours() -> Invalid:
    return Invalid("cursor 无效。", "the cursor is not one of ours", fields={"cursor": "无效"})
