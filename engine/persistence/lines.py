"""What a new connection to PostgreSQL is told; one that a pooler shares out is told nothing that would stay.

PgBouncer and its like give each transaction whichever connection of theirs is free. What a session was set
to, or had prepared, would then be met by somebody else, and a reader's rule not to write by who writes.
"""

from sqlalchemy.engine.interfaces import DBAPIConnection

#: Whose process died or gave up while its statement waits for a lock does not wait on there, with all that
#: it has locked itself; whose machine is gone without a word keeps its locks for seconds, not for the two
#: hours after which the system asks by itself.
_MIND_THE_LINE = (
    "SET client_connection_check_interval = '2s'; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5;"
    " SET tcp_keepalives_count = 3; SET tcp_user_timeout = '20s'"
)
_REFUSE_WRITING = "SET default_transaction_read_only = on"
#: One plan for all readers would fit none: whose group is full, whose is empty.
_PLAN_FOR_EACH = "SET plan_cache_mode = force_custom_plan"


def tell_writer(connection: DBAPIConnection) -> None:
    """The caller ends the transaction that this begins."""
    _tell(connection, _MIND_THE_LINE)


def tell_reader(connection: DBAPIConnection) -> None:
    """The caller ends the transaction that this begins."""
    _tell(connection, _REFUSE_WRITING, _PLAN_FOR_EACH)


def _tell(connection: DBAPIConnection, *settings: str) -> None:
    if is_shared(connection):
        connection.prepare_threshold = None
        return
    cursor = connection.cursor()
    for setting in settings:
        cursor.execute(setting)
    cursor.close()


def is_shared(connection: DBAPIConnection) -> bool:
    """Whether a pooler stands between: who greeted us is not the process that answers."""
    cursor = connection.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    found = cursor.fetchone()
    cursor.close()
    greeted: int = connection.info.backend_pid
    return found is None or found[0] != greeted
