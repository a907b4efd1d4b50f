"""Cursors of PostgreSQL that say what they found in plain tuples.

The driver describes each column by an object that looks up the column's type again, for every
statement: a tenth of a step's time. SQLAlchemy asks for names and type codes only.
"""

from typing import Any

import psycopg

#: Name, type code, and five more that nobody asks for (PEP 249).
Description = tuple[str, int, None, None, None, None, None]


def _described(cursor: psycopg.Cursor[Any]) -> list[Description] | None:
    result = cursor.pgresult
    if result is None or not result.nfields:
        return None
    return [
        ((result.fname(number) or b"").decode(), result.ftype(number), None, None, None, None, None)
        for number in range(result.nfields)
    ]


class PlainCursor(psycopg.Cursor[Any]):
    """Placeholders as SQLAlchemy writes them: %(name)s."""

    description = property(_described)


class NumberedCursor(psycopg.RawCursor[Any]):
    """Placeholders as the server knows them: $1."""

    description = property(_described)
