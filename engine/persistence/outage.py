"""A database that is away is said in one refusal; whoever called may come back in a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from engine.domain.errors import Unavailable

#: Classes of SQLSTATE (PostgreSQL, appendix A): connection, resources, shutdown, system.
_CLASSES_OF_OUTAGE = ("08", "53", "57P", "58")
_SQLITE_OUTAGES = ("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")


@contextmanager
def told_as_outage() -> Iterator[None]:
    """Unavailable in place of an error that says that the database is away, full or overrun."""
    try:
        yield
    except NoConnectionFree as overrun:
        raise _outage() from overrun
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise _outage() from error


def is_outage(error: DBAPIError) -> bool:
    """Whether the database failed us, rather than we it."""
    told = error.orig
    if error.connection_invalidated:
        return True
    if name := getattr(told, "sqlite_errorname", None):
        return str(name).startswith(_SQLITE_OUTAGES)
    if (state := getattr(told, "sqlstate", None)) is not None:
        return str(state).startswith(_CLASSES_OF_OUTAGE)
    return type(told).__name__ in ("OperationalError", "ConnectionTimeout")  # never got through


def _outage() -> Unavailable:
    return Unavailable(
        "数据库暂时没有应答，请稍候再试。",
        "the database does not answer now, please try again soon",
    )
