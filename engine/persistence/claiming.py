"""Who is first: a row that only one transaction can store, found out by storing it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def claim(session: Session, table: Table, row: Mapping[str, Any]) -> bool:
    """Store the row; False when another one stands for the same unique key.

    Waits for a transaction that has stored such a row and has not ended yet.
    """
    insert: Any = _INSERTS[session.get_bind().dialect.name]
    stored = insert(table).values(row).on_conflict_do_nothing().returning(table.c.id)
    return session.execute(stored).first() is not None
