"""A content of the store and the rows that name it: who adds a name and who erases it go one after the other."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def hold(session: Session, key: str) -> None:
    """Until this transaction ends nobody erases the content of this hash; waits for who is doing it.

    SQLite has one writer at a time, who holds everything.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_number(key))))


def try_hold(session: Session, key: str) -> bool:
    """The same for who erases, without waiting: False while somebody is about to name it."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_number(key)))))


def _number(key: str) -> int:
    """The first 64 bits of the hash: two that share them only wait for each other."""
    return int.from_bytes(bytes.fromhex(key)[:8], signed=True)
