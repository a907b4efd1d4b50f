"""The narrow copies that triggers keep: what is open, for the board; what was closed, for the charts.

Who opens a task or a wait holds the case's lock, as everybody does; who only changes one (a claim)
touches nothing that comes from the case. So whoever holds the rows decides their copies.
"""

from sqlalchemy import Connection, inspect

from engine.persistence.copy_triggers import Copy, Follow, names, of_copy, of_follow, settings

#: Bodies outside the offices, as holders of a place.
OUTSIDE = "outside:"


def _same(*columns: str) -> dict[str, str]:
    return {name: f"{{row}}.{name}" for name in columns}


_PLACE = ("id", "case_id", "process_id", "element_id", "whose", "due_at", "warn_at", "is_paused")
_OF_CASE = {
    "is_of_open_case": "({case}.state = 'open')",
    "procedure": "{case}.procedure",
    "stage": "{case}.stage",
    "received_at": "{case}.received_at",
    "case_due_at": "{case}.due_at",
    "case_warn_at": "{case}.warn_at",
}
_TASKS = Copy(
    "task",
    "open_place",
    "{row}.completed_at IS NULL AND {row}.state IN ('ready', 'claimed')",
    {
        **_same(*_PLACE),
        "holder": (
            f"CASE WHEN {{row}}.candidate_group = 'applicant' THEN '{OUTSIDE}applicant'"
            " ELSE coalesce({row}.department, {row}.candidate_group) END"
        ),
        "person": "{row}.assignee",
        "since": "{row}.created_at",
        "is_task": "1",
    },
    (
        *_PLACE,
        *("candidate_group", "department", "assignee", "created_at", "completed_at", "state"),
    ),
    _OF_CASE,
)
_WAITS = Copy(
    "wait",
    "open_place",
    "{row}.ended_at IS NULL",
    {
        **_same(*_PLACE),
        "holder": f"'{OUTSIDE}' || {{row}}.whose",
        "person": "NULL",
        "since": "{row}.begun_at",
        "is_task": "0",
    },
    (*_PLACE, "begun_at", "ended_at"),
    _OF_CASE,
)
COPIES = (
    Copy(
        "case_file",
        "open_case",
        "{row}.state = 'open'",
        _same("id", "received_at"),
        ("id", "received_at", "state"),
    ),
    _TASKS,
    _WAITS,
    Copy(
        "case_file",
        "closed_case",
        "{row}.closed_at IS NOT NULL",
        _same("id", "procedure", "received_at", "closed_at"),
        ("id", "procedure", "received_at", "closed_at"),
        afresh={"is_summed": "false"},
    ),
)


def _open_of_case(copy: Copy) -> str:
    """Found by the case. Said as a CASE, the condition fits no index of what is open: where the
    tables have no statistics yet, PostgreSQL would walk through all of that, for each case anew."""
    is_open = f"CASE WHEN {copy.is_chosen('s')} THEN 1 ELSE 0 END = 1"
    return f"SELECT s.id FROM {copy.source} AS s WHERE s.case_id = NEW.id AND {is_open}"  # noqa: S608


def _unsummed(case: str) -> str:
    return f"UPDATE closed_case SET is_summed = false WHERE id = {case}.case_id"  # noqa: S608


def _stays(table: str, since: str, until: str) -> Follow:
    """Who had a closed case when is told otherwise: its figures are taken back. Also those that are not
    there yet, so that who sums them up meanwhile waits, or is waited for."""
    return Follow(
        f"unsum_closed_case_of_{table}",
        table,
        ("case_id", "process_id", "whose", since, until),
        {
            "insert": f"NEW.{until} IS NOT NULL",
            "update": f"(NEW.{until} IS NOT NULL OR OLD.{until} IS NOT NULL)",
            "delete": f"OLD.{until} IS NOT NULL",
        },
        {"insert": _unsummed("NEW"), "update": _unsummed("NEW"), "delete": _unsummed("OLD")},
    )


def _follows() -> tuple[Follow, ...]:
    # a claim locks the task, then its copy; so does this, or each could wait for the other
    locked = " ".join(
        f"PERFORM 1 FROM ({_open_of_case(copy)} ORDER BY s.id FOR NO KEY UPDATE) AS held;"
        for copy in (_TASKS, _WAITS)
    )
    places = (
        f"UPDATE open_place SET {settings(_OF_CASE, 'NEW')} WHERE id IN"  # noqa: S608
        f" ({_open_of_case(_TASKS)} UNION ALL {_open_of_case(_WAITS)})"
    )
    return (
        Follow(
            "open_places_follow_their_case",
            "case_file",
            ("state", "procedure", "stage", "received_at", "due_at", "warn_at"),
            {"update": "true"},
            {"update": places},
            locked,
        ),
        _stays("task", "created_at", "completed_at"),
        _stays("wait", "begun_at", "ended_at"),
    )


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def let_go(connection: Connection) -> None:
    """Take the triggers away: a migration may build their tables anew."""
    on_postgresql = _is_postgresql(connection)
    for table, name in names(COPIES, _follows()):
        if not on_postgresql:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        elif connection.exec_driver_sql(f"SELECT to_regclass('{table}')").scalar():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")


def keep(connection: Connection) -> None:
    """Bring the copies up to what is there, and let them follow whatever changes it from here on."""
    if not {copy.target for copy in COPIES} <= set(inspect(connection).get_table_names()):
        return
    on_postgresql = _is_postgresql(connection)
    for copy in COPIES:
        for statement in of_copy(copy, is_postgresql=on_postgresql):
            connection.exec_driver_sql(statement)
    for follow in _follows():
        for statement in of_follow(follow, is_postgresql=on_postgresql):
            connection.exec_driver_sql(statement)
    mend(connection)


def mend(connection: Connection) -> None:
    """Make the copies equal to a recount, set-wise; for who has changed rows behind the triggers."""
    for target, sources in _by_target().items():
        copied = _copied(target, sources)
        recount = _recount(sources)
        connection.exec_driver_sql(
            f"DELETE FROM {target} WHERE id IN (SELECT id FROM"  # noqa: S608 - our names
            f" ({copied} EXCEPT SELECT * FROM ({recount}) AS a) AS b)"
        )
        for copy in sources:
            columns = [*copy.columns, *copy.afresh]
            connection.exec_driver_sql(
                f"INSERT INTO {target} ({', '.join(columns)}) {copy.recount(columns)}"  # noqa: S608
                f" AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE t.id = s.id)"
            )


def differences(connection: Connection) -> dict[str, int]:
    """Table -> rows that a recount has and the copy has not, and the other way round. Must be empty."""
    found = {}
    for target, sources in _by_target().items():
        copied, recount = _copied(target, sources), _recount(sources)
        missing = f"SELECT * FROM ({recount}) AS a EXCEPT {copied}"  # noqa: S608 - our names
        surplus = f"SELECT * FROM ({copied}) AS b EXCEPT SELECT * FROM ({recount}) AS c"  # noqa: S608
        asked = f"SELECT (SELECT count(*) FROM ({missing}) AS d), (SELECT count(*) FROM ({surplus}) AS e)"  # noqa: S608
        lacking, too_many = connection.exec_driver_sql(asked).one()
        if lacking or too_many:
            found[target] = lacking + too_many
    return found


def _by_target() -> dict[str, list[Copy]]:
    found: dict[str, list[Copy]] = {}
    for copy in COPIES:
        found.setdefault(copy.target, []).append(copy)
    return found


def _copied(target: str, sources: list[Copy]) -> str:
    return f"SELECT {', '.join(sorted(sources[0].columns))} FROM {target}"  # noqa: S608 - our names


def _recount(sources: list[Copy]) -> str:
    return " UNION ALL ".join(copy.recount(sorted(copy.columns)) for copy in sources)
