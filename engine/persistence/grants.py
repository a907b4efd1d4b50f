"""What the account of web and workers may do in PostgreSQL: all it needs, and to history only add.

Tables belong to an owner, whose account only `kunxin upgrade` uses. What is written once is named
here; the account may read and insert it. Erasing what the law wants erased goes through functions of
the owner (migration 0029), which leave the line and its hashes.
"""

from sqlalchemy import Connection, text

from engine.persistence import models
from engine.persistence.declarative import Base, table_of
from engine.persistence.unit_of_work import connect

#: Written once, and then read: histories and what is kept as it was made.
APPEND_ONLY: tuple[type[Base], ...] = (
    models.Event,
    models.RecordEvent,
    models.CommitmentEvent,
    models.ClockEntry,
    models.RecordClockEntry,
    models.ObligationAct,
    models.HistoryRoot,
    models.AccountEvent,
    models.PersonalReading,
)
FUNCTIONS = (
    "erase_history(uuid, integer, integer[], bytea[])",
    "erase_readings(uuid[])",
)


def grant(owner_url: str, application_url: str) -> str | None:
    """Give the application's account its rights anew; its name, or None when it owns the tables."""
    account = _account(application_url)
    engine = connect(owner_url)
    try:
        with engine.begin() as connection:
            if account == connection.scalar(text("SELECT current_user")):
                return None
            for statement in _statements(connection, account):
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
    return account


def may_change_history(url: str) -> bool:
    """Whether this account could update, delete or truncate a table that is written once."""
    engine = connect(url)
    asked = text(
        "SELECT bool_or(has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE')"
        " OR pg_has_role(tableowner, 'USAGE'))"
        " FROM unnest(CAST(:names AS text[])) AS name JOIN pg_tables ON tablename = name"
    )
    try:
        if engine.dialect.name != "postgresql":
            return True
        with engine.connect() as connection:
            return bool(
                connection.scalar(asked, {"names": [table_of(t).name for t in APPEND_ONLY]})
            )
    finally:
        engine.dispose()


def _account(url: str) -> str:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return str(connection.scalar(text("SELECT current_user")))
    finally:
        engine.dispose()


def _statements(connection: Connection, account: str) -> list[str]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    role = quote(account)
    written_once = ", ".join(quote(table_of(each).name) for each in APPEND_ONLY)
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {written_once} FROM {role}",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {role}",
        *(f"GRANT EXECUTE ON FUNCTION {each} TO {role}" for each in FUNCTIONS),
    ]
