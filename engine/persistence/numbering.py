"""Gap-free numbers: a number is taken in the transaction that uses it."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.persistence.models import Counter


def next_number(session: Session, key: str) -> int:
    """The next number of the series `key`, from 1. Holds the series until the transaction ends."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    taken = (
        insert(Counter)
        .values(key=key, value=1)
        .on_conflict_do_update(index_elements=["key"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return int(session.execute(taken).scalar_one())
