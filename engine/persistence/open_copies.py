"""Keeps the narrow copies of what is open: triggers, alike on both databases, and the recount they must equal.

Every copied row is made from one row of its source and from nothing else, in the same statement that
changes it. So whoever holds the source's row decides the copy, and no counter is shared that two
transactions would wait for. What the triggers say and what the recount says is one text (`COPIES`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, inspect

#: Bodies outside the offices, as holders of a place.
OUTSIDE = "outside:"


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows of `source` that are open, as rows of `target`.

    `is_open` and the values of `columns` are SQL over one row, `{row}`; `reads`: the source's
    columns in them.
    """

    source: str
    target: str
    is_open: str
    columns: Mapping[str, str]
    reads: tuple[str, ...]

    def values(self, row: str) -> str:
        return ", ".join(value.format(row=row) for value in self.columns.values())

    def opened(self, row: str) -> str:
        return f"({self.is_open.format(row=row)})"

    @property
    def names(self) -> str:
        return ", ".join(self.columns)


def _same(*names: str) -> dict[str, str]:
    return {name: f"{{row}}.{name}" for name in names}


_CASE = ("id", "procedure", "stage", "received_at", "due_at", "warn_at")
_PLACE = ("id", "case_id", "process_id", "element_id", "whose", "due_at", "warn_at", "is_paused")

COPIES = (
    Copy("case_file", "open_case", "{row}.state = 'open'", _same(*_CASE), (*_CASE, "state")),
    Copy(
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
            *("candidate_group", "department", "assignee", "created_at"),
            *("completed_at", "state"),
        ),
    ),
    Copy(
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
    ),
)


# ── the triggers ────────────────────────────────────────────────────────────────────────────────


def let_go(connection: Connection) -> None:
    """Take the triggers away: a migration may build their tables anew."""
    for copy in _present(connection):
        for act in ("insert", "update", "delete"):
            where = f" ON {copy.source}" if _is_postgresql(connection) else ""
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_name(copy, act)}{where}")


def keep(connection: Connection) -> None:
    """Copy what is open now, and everything that changes it from here on."""
    for copy in _present(connection):
        if _is_postgresql(connection):
            connection.exec_driver_sql(_function(copy))
        for statement in _triggers(copy, is_postgresql=_is_postgresql(connection)):
            connection.exec_driver_sql(statement)
    copy_anew(connection)


def _present(connection: Connection) -> list[Copy]:
    tables = set(inspect(connection).get_table_names())
    return [copy for copy in COPIES if {copy.source, copy.target} <= tables]


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _name(copy: Copy, act: str) -> str:
    return f"copy_open_{copy.source}_{act}"


def _triggers(copy: Copy, *, is_postgresql: bool) -> list[str]:
    """Creating a row, changing it, removing it. A change that the copy does not show wakes nobody."""
    differs = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    after = [f"({copy.opened(row)}, {_read(copy, row)})" for row in ("NEW", "OLD")]
    changed = f"({copy.opened('NEW')} OR {copy.opened('OLD')}) AND {after[0]} {differs} {after[1]}"
    events = {
        "insert": ("INSERT", copy.opened("NEW")),
        "update": (f"UPDATE OF {', '.join(copy.reads)}", changed),
        "delete": ("DELETE", copy.opened("OLD")),
    }
    return [
        f"CREATE TRIGGER {_name(copy, act)} AFTER {event} ON {copy.source}"
        f" FOR EACH ROW WHEN ({condition}) {_act(copy, act, is_postgresql=is_postgresql)}"
        for act, (event, condition) in events.items()
    ]


def _read(copy: Copy, row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in copy.reads)


def _act(copy: Copy, act: str, *, is_postgresql: bool) -> str:
    if is_postgresql:
        return f"EXECUTE FUNCTION copy_open_{copy.source}()"
    gone = f"DELETE FROM {copy.target} WHERE id = OLD.id;"  # noqa: S608 - our names
    added = f"INSERT INTO {copy.target} ({copy.names}) SELECT {copy.values('NEW')}"
    acts = {
        "insert": f"{added};",
        "update": f"{gone} {added} WHERE {copy.opened('NEW')};",
        "delete": gone,
    }
    return f"BEGIN {acts[act]} END"


def _function(copy: Copy) -> str:
    """What the triggers of a table do on PostgreSQL. A row that stays open keeps its place in the copy."""
    added = f"INSERT INTO {copy.target} ({copy.names}) VALUES ({copy.values('NEW')})"  # noqa: S608
    settings = ", ".join(
        f"{name} = {value.format(row='NEW')}" for name, value in copy.columns.items()
    )
    return f"""
        CREATE OR REPLACE FUNCTION copy_open_{copy.source}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {added};
            ELSIF TG_OP = 'DELETE' OR NOT {copy.opened("NEW")} THEN
                DELETE FROM {copy.target} WHERE id = OLD.id;
            ELSE
                UPDATE {copy.target} SET {settings} WHERE id = OLD.id;
                IF NOT FOUND THEN
                    {added};
                END IF;
            END IF;
            RETURN NULL;
        END $$"""  # noqa: S608


# ── the recount ─────────────────────────────────────────────────────────────────────────────────


def copy_anew(connection: Connection) -> None:
    """Empty the copies and fill them again, set-wise; for who has changed rows behind the triggers."""
    for target in sorted({copy.target for copy in _present(connection)}):
        connection.exec_driver_sql(f"DELETE FROM {target}")  # noqa: S608 - our names
    for copy in _present(connection):
        connection.exec_driver_sql(
            f"INSERT INTO {copy.target} ({copy.names}) {_recount(copy, copy.names)}"
        )


def differences(connection: Connection) -> dict[str, int]:
    """Table -> rows that a recount has and the copy has not, and the other way round. Must be empty."""
    found = {}
    for target in sorted({copy.target for copy in COPIES}):
        (names,) = {", ".join(sorted(copy.columns)) for copy in COPIES if copy.target == target}
        copied = f"SELECT {names} FROM {target}"  # noqa: S608 - our names
        recount = " UNION ALL ".join(
            _recount(copy, names) for copy in COPIES if copy.target == target
        )
        missing = f"SELECT * FROM ({recount}) AS a EXCEPT {copied}"  # noqa: S608
        surplus = f"SELECT * FROM ({copied}) AS b EXCEPT SELECT * FROM ({recount}) AS c"  # noqa: S608
        asked = f"SELECT (SELECT count(*) FROM ({missing}) AS d), (SELECT count(*) FROM ({surplus}) AS e)"  # noqa: S608
        lacking, too_many = connection.exec_driver_sql(asked).one()
        if lacking or too_many:
            found[target] = lacking + too_many
    return found


def _recount(copy: Copy, names: str) -> str:
    """The open rows of a source as the named columns of their copy."""
    values = ", ".join(copy.columns[name].format(row="s") for name in names.split(", "))
    return f"SELECT {values} FROM {copy.source} AS s WHERE {copy.opened('s')}"  # noqa: S608
