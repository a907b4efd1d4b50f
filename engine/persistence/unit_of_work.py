"""The one place that ends a transaction."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from sqlite3 import OperationalError
from threading import local
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidatePoolError
from sqlalchemy.orm import InstanceState, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry

from engine.domain.errors import Conflict
from engine.persistence.cursors import PlainCursor
from engine.persistence.endings import ENDED, before_asking
from engine.persistence.lines import tell_reader, tell_writer
from engine.persistence.numbering import let_go
from engine.persistence.outage import (
    is_lost_race,
    read_only,
    takes_no_writing,
    told_as_outage,
)
from engine.persistence.working_time import Percentile
from engine.persistence.writing import REMOVED, flushed, write

#: Seconds a connection may rest in the pool before it is asked whether it still lives. Asking at
#: every use would cost each transaction one more round trip.
LONGEST_REST = 5.0
#: Seconds for which a writer of a file waits for its turn.
SQLITE_PATIENCE = 30
#: Key in `session.info` under which a transaction keeps the jobs it promised.
JOBS = "jobs"
#: Called with the cache keys touched, when the transaction failed.
Announce = Callable[[UUID], None]

#: How connections to PostgreSQL behave. A statement is prepared when it is met the second time. A machine
#: that is gone without a word is noticed within half a minute (seconds; `tcp_user_timeout` in milliseconds).
SERVER = {
    "cursor_factory": PlainCursor,
    "prepare_threshold": 2,
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

_log = structlog.get_logger()


def connect(url: str | URL, **given: Any) -> Engine:
    """An engine for `url`. SQLite: WAL, foreign keys, writers queue instead of failing."""
    # a failed statement is logged; what it was given is of people
    options: dict[str, Any] = {
        "json_serializer": _dumps,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,
        **given,
    }
    if not str(url).startswith("sqlite"):
        engine = create_engine(url, pool_size=10, max_overflow=20, connect_args=SERVER, **options)
        event.listen(engine, "connect", _greet_for(tell_writer))
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", partial(_waken, engine.dialect))
        return engine
    engine = create_engine(url, **options, connect_args={"timeout": SQLITE_PATIENCE})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


def _greet_for(
    tell: Callable[[DBAPIConnection], None],
) -> Callable[[DBAPIConnection, ConnectionPoolEntry], None]:
    def greet(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        tell(connection)
        connection.commit()

    return greet


def _note_rest(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = monotonic()


def _waken(
    dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: object
) -> None:
    rests_since = record.info.get("rests_since")
    if rests_since is None or monotonic() - rests_since < LONGEST_REST:
        return
    try:
        dialect.do_ping(connection)
    except Exception as dead:
        raise InvalidatePoolError from dead  # the pool then opens new ones


def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    connection.create_aggregate("percentile_cont", 2, Percentile)
    connection.isolation_level = None  # pysqlite must not begin by itself: see _begin_sqlite
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """What else waits for its turn is refused at once here: somebody else may be turning a new file over
    to its log in the same moment."""
    until = monotonic() + SQLITE_PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError:
            if monotonic() > until:
                raise
            sleep(0.02)


def _begin_sqlite(connection: object) -> None:
    # A deferred transaction that writes after reading fails at once when another writer came
    # between; an immediate one waits for its turn.
    writing = connection.get_execution_options().get("writing", False)  # type: ignore[attr-defined]
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")  # type: ignore[attr-defined]


class _Whole(local):
    """The transaction that holds others together in this thread, and what waits for its end."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.afterwards: list[Callable[[], None]] = []


@contextmanager
def _part_of(around: Session) -> Iterator[Session]:
    """A transaction within another: when it fails, nothing of it remains, its promises neither."""
    promised = len(around.info.get(JOBS, ()))
    try:
        with around.begin_nested():
            yield around
    except BaseException:
        for left in (REMOVED, ENDED):
            around.info.pop(left, None)
        del around.info.setdefault(JOBS, [])[promised:]
        raise


def _without_transactions(engine: Engine) -> Engine:
    """The same database by connections of their own that begin no transactions, as each statement
    sees what is committed when it begins in either case: BEGIN and ROLLBACK around some SELECTs cost
    as much as two more. They refuse to write. SQLite reads within a transaction anyway."""
    if engine.dialect.name == "sqlite":
        return engine
    bare = connect(engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    event.listen(bare, "connect", _greet_for(tell_reader))
    # a cursor that stays open needs a transaction: here it would be refused (see `scan`)
    bare.dialect.supports_server_side_cursors = False
    event.listen(engine, "engine_disposed", lambda disposed: bare.dispose())
    return bare


def _in_one_moment(engine: Engine) -> Engine:
    """The same connections; a transaction sees one moment. SQLite shows nothing else anyway."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


class PlainSession(Session):
    """A session of rows that hold values only: there is nothing beside a row to be added with it.

    The library looks for it at each row, which costs as much as to make the row.
    """

    def _save_or_update_state(self, state: InstanceState[Any]) -> None:
        self._save_or_update_impl(state)


def _lost() -> Conflict:
    return Conflict("别人刚刚做了同样的操作，请刷新后再试。", "someone else changed this first")


class UnitOfWork:
    """One business transaction: stored whole or not at all; only then are its jobs announced."""

    def __init__(self, engine: Engine, announce: Announce, replica: Engine | None = None) -> None:
        self.engine = engine
        self._surveying = sessionmaker(replica, autoflush=False) if replica is not None else None
        if replica is not None:
            event.listen(engine, "engine_disposed", lambda disposed: replica.dispose())
        self._writing = sessionmaker(
            engine.execution_options(writing=True),
            class_=PlainSession,
            expire_on_commit=False,
            autoflush=False,
        )
        event.listen(self._writing, "after_flush", flushed)
        event.listen(self._writing, "do_orm_execute", before_asking)
        event.listen(self._writing, "after_soft_rollback", let_go)
        self._scanning = sessionmaker(_in_one_moment(engine), autoflush=False)
        self._glancing = _without_transactions(engine)
        self._reading = sessionmaker(self._glancing, autoflush=False)
        self._announce = announce
        self._whole = _Whole()

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Every engine whose statements are this office's."""
        return tuple(dict.fromkeys((self.engine, self._glancing)))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that writes. Conflict when somebody else was faster, Unavailable when the
        database went away: then nothing is stored, unless it went while it was storing."""
        around = self._whole.session
        try:
            with (
                told_as_outage(),
                self._writing.begin() if around is None else _part_of(around) as session,
            ):
                yield session
                write(session)
                let_go(session)
        except (IntegrityError, StaleDataError) as lost_race:
            raise _lost() from lost_race
        except DBAPIError as problem:
            if is_lost_race(problem):
                raise _lost() from problem
            if takes_no_writing(problem):
                raise read_only() from problem
            raise
        if around is None:
            for job_id in session.info.pop(JOBS, ()):
                self._tell(job_id)

    @contextmanager
    def together(self) -> Iterator[Session]:
        """One transaction of whatever this thread begins and reads within: each is a part of it,
        undone by itself when it fails, stored and announced when this block ends."""
        with self.begin() as session:
            self._whole.session = session
            try:
                yield session
            finally:
                self._whole.session = None
                afterwards, self._whole.afterwards = self._whole.afterwards, []
        for act in afterwards:
            act()

    def afterwards(self, act: Callable[[], None]) -> None:
        """Called after a transaction: runs the act as soon as what was written is stored."""
        if self._whole.session is None:
            act()
        else:
            self._whole.afterwards.append(act)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Rows, and nothing else: whoever would write here is refused by PostgreSQL."""
        if self._whole.session is not None:
            yield self._whole.session
            return
        with told_as_outage(), self._reading() as session:
            yield session

    @contextmanager
    def scan(self) -> Iterator[Session]:
        """A transaction that only reads, and sees what was committed when it first looked, whatever
        its statements: for what has to agree, and for rows that are fetched by and by."""
        if self._whole.session is not None:
            yield self._whole.session
            return
        with told_as_outage(), self._scanning() as session:
            yield session

    @contextmanager
    def survey(self) -> Iterator[Session]:
        """A transaction that reads over weeks, where some seconds more or less are nothing: of the
        replica where there is one that answers, else of the database itself."""
        with ExitStack() as stack:
            surveyed = None
            if self._surveying is not None and self._whole.session is None:
                surveyed = stack.enter_context(self._surveying())
                try:
                    surveyed.connection().exec_driver_sql("SELECT 1")
                except DBAPIError as away:
                    _log.warning("the replica does not answer", problem=str(away.orig))
                    surveyed = None
            with told_as_outage():
                yield surveyed or stack.enter_context(self.read())

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For a single SELECT: what every request asks needs no BEGIN and ROLLBACK around it."""
        if self._whole.session is not None:
            yield self._whole.session.connection()
            return
        with told_as_outage(), self._glancing.connect() as connection:
            yield connection

    def _tell(self, job_id: UUID) -> None:
        # Only a hint: the row waits in the table, and the sweep finds it when the broker is away.
        try:
            self._announce(job_id)
        except Exception as problem:  # noqa: BLE001
            _log.warning("job not announced", job=str(job_id), problem=str(problem))
