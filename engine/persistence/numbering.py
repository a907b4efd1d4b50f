"""Gap-free numbers: a number is taken in the transaction that uses it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, Executable, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.persistence.declarative import table_of
from engine.persistence.models import Counter

#: Key in `session.info` under which a transaction keeps the series that it holds: key -> row.
SERIES = "series"
_COUNTER = table_of(Counter)  # a statement on a mapped class goes the long way of bulk inserts
_KEY: BindParameter[str] = bindparam("series")
_LOCK = select(Counter).where(Counter.key == _KEY).with_for_update()


def _begin(insert: Callable[[Table], Any]) -> Executable:
    begun = insert(_COUNTER).values(key=_KEY, value=0)
    return begun.on_conflict_do_nothing()  # type: ignore[no-any-return]


_BEGIN = {"sqlite": _begin(sqlite.insert), "postgresql": _begin(postgresql.insert)}


def next_number(session: Session, key: str) -> int:
    """The next number of the series `key`, from 1. Holds the series until the transaction ends;
    where the series stands is written with all else."""
    held: dict[str, Counter] = session.info.setdefault(SERIES, {})
    counter = held.get(key)
    if counter is None:
        counter = held[key] = _locked(session, key)
    counter.value += 1
    return counter.value


def _locked(session: Session, key: str) -> Counter:
    found = session.scalar(_LOCK, {"series": key})
    if found is None:
        session.execute(_BEGIN[session.get_bind().dialect.name], {"series": key})
        found = session.scalars(_LOCK, {"series": key}).one()
    return found


def let_go(session: Session, *_: object) -> None:
    """What was held is written, or undone with the lock on it: who goes on looks again."""
    session.info.pop(SERIES, None)


def holds_series(session: Session) -> bool:
    """Whether others who take a number may have to wait for the end of this transaction."""
    return SERIES in session.info
