"""A database that is away is said in one refusal; whoever called may come back in a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from engine.domain.errors import Overtaxed, Unavailable

#: Classes of SQLSTATE (PostgreSQL, appendix A): connection, resources, shutdown, system.
_CLASSES_OF_OUTAGE = ("08", "53", "57P", "58")
#: A statement was ended: by its own limit, an administrator, or the limit of a wait for a lock.
_ENDED = ("57014", "55P03")
#: Two waited for each other, and the database chose one.
_LOST = ("40P01", "40001")
#: A standby, or a database that an administrator allows to be read only.
_READ_ONLY = "25006"
_SQLITE_OUTAGES = ("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")


@contextmanager
def told_as_outage() -> Iterator[None]:
    """Unavailable in place of an error that says that the database is away, full or overrun; Overtaxed
    where it ended a statement."""
    try:
        yield
    except NoConnectionFree as overrun:
        raise _outage() from overrun
    except DBAPIError as error:
        if _state(error) in _ENDED:
            raise Overtaxed(
                "数据库太忙，这一步没有办成，请稍候再试。",
                "the database is too busy: this was not done, please try again soon",
            ) from error
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
    if (state := _state(error)) is not None:
        return state.startswith(_CLASSES_OF_OUTAGE)
    return type(told).__name__ in ("OperationalError", "ConnectionTimeout")  # never got through


def is_lost_race(error: DBAPIError) -> bool:
    """Whether it was chosen to give way to somebody else: asked again it may be done."""
    return _state(error) in _LOST


def takes_no_writing(error: DBAPIError) -> bool:
    """Whether the database can be read only for now. Who only reads here means it so: ask who writes."""
    return _state(error) == _READ_ONLY


def read_only() -> Unavailable:
    return Unavailable(
        "数据库目前只能读取，不能写入，请稍候再试。",
        "the database can only be read now, please try again later",
    )


def _state(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return None if state is None else str(state)


def _outage() -> Unavailable:
    return Unavailable(
        "数据库暂时没有应答，请稍候再试。",
        "the database does not answer now, please try again soon",
    )
