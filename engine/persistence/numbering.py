"""Gap-free numbers: a number is taken in the transaction that uses it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.persistence.declarative import table_of
from engine.persistence.models import Counter

#: Key in `session.info` under which a transaction says that it has taken a number.
_HELD = "holds_series"
_COUNTER = table_of(Counter)  # a statement on a mapped class goes the long way of bulk inserts


def _taking(insert: Callable[[Table], Any]) -> Executable:
    return (  # type: ignore[no-any-return]
        insert(_COUNTER)
        .values(key=bindparam("series"), value=1)
        .on_conflict_do_update(index_elements=["key"], set_={"value": _COUNTER.c.value + 1})
        .returning(_COUNTER.c.value)
    )


_TAKE = {"sqlite": _taking(sqlite.insert), "postgresql": _taking(postgresql.insert)}


def next_number(session: Session, key: str) -> int:
    """The next number of the series `key`, from 1. Holds the series until the transaction ends."""
    session.info[_HELD] = True
    taken = session.execute(_TAKE[session.get_bind().dialect.name], {"series": key})
    return int(taken.scalar_one())


def holds_series(session: Session) -> bool:
    """Whether others who take a number may have to wait for the end of this transaction."""
    return _HELD in session.info
