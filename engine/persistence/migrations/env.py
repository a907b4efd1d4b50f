"""How Alembic reaches the tables."""

from alembic import context
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection

import engine.persistence.models  # noqa: F401
from engine.persistence import copies, words
from engine.persistence.declarative import Base
from engine.persistence.unit_of_work import connect

#: Key of the lock that an upgrade holds.
UPGRADING = 20200302


def run() -> None:
    engine = connect(context.config.attributes["url"])
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _let_tables_be_built_anew)
    try:
        # on SQLite the whole is one writer's transaction, on PostgreSQL one lock: two who upgrade
        # at once do it one after the other, and who is interrupted leaves nothing behind
        with engine.execution_options(writing=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADING})")
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=True,
                compare_type=False,
            )
            with context.begin_transaction():
                _migrate(connection)
    finally:
        engine.dispose()


def _let_tables_be_built_anew(connection: DBAPIConnection, record: object) -> None:
    # SQLite changes a table by building another in its place, to which others refer meanwhile; it
    # heeds this only before a transaction, and what refers to nothing afterwards is found by _check_references
    connection.cursor().execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if dangling:
        raise RuntimeError(f"rows that refer to nothing after the upgrade: {dangling[:5]}")


def _migrate(connection: Connection) -> None:
    """Bring the tables there; no trigger stands in the way of one that is built anew."""
    is_there = context.get_revision_argument() in context.get_context().get_current_heads()
    if not is_there:
        copies.let_go(connection)
    context.run_migrations()
    _check_references(connection)
    if not is_there:
        copies.keep(connection)
        words.mend(connection)


run()
