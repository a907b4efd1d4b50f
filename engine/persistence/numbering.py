"""Gap-free numbers: a number is taken in the transaction that uses it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.persistence.models import Counter


def _taking(insert: Callable[[type[Counter]], Any]) -> Executable:
    return (  # type: ignore[no-any-return]
        insert(Counter)
        .values(key=bindparam("series"), value=1)
        .on_conflict_do_update(index_elements=["key"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )


_TAKE = {"sqlite": _taking(sqlite.insert), "postgresql": _taking(postgresql.insert)}


def next_number(session: Session, key: str) -> int:
    """The next number of the series `key`, from 1. Holds the series until the transaction ends."""
    taken = session.execute(_TAKE[session.get_bind().dialect.name], {"series": key})
    return int(taken.scalar_one())
