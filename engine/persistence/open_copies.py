"""Keeps the narrow copies of what is open: triggers, alike on both databases, and the recount they must equal.

Every copied row is made in the statement that changes its source, from that row and from its case's.
No counter is shared that two transactions would wait for. Who opens a task or a wait holds the case's
lock, as everybody does; who only changes one (a claim) touches nothing that comes from the case. What
the triggers say and what the recount says is one text (`COPIES`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, inspect

#: Bodies outside the offices, as holders of a place.
OUTSIDE = "outside:"


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows of `source` that are open, as rows of `target`.

    `is_open` and the values of `own` are SQL over one row, `{row}`; `reads`: the source's columns in
    them. `of_case`: columns whose values are those of the row's case, `{case}`.
    """

    source: str
    target: str
    is_open: str
    own: Mapping[str, str]
    reads: tuple[str, ...]
    of_case: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> Mapping[str, str]:
        return {**self.own, **self.of_case}

    def opened(self, row: str) -> str:
        return f"({self.is_open.format(row=row)})"

    def selected(self, row: str, names: Iterable[str] | None = None) -> str:
        """SELECT of these columns (all) of the copy, from the source's row of that name."""
        given = self.columns
        wanted = ", ".join(given[name].format(row=row, case="c") for name in names or given)
        joined = f" FROM case_file AS c WHERE c.id = {row}.case_id" if self.of_case else ""
        return f"SELECT {wanted}{joined}"

    def settings(self, given: Mapping[str, str], row: str) -> str:
        return ", ".join(
            f"{name} = {value.format(row=row, case=row)}" for name, value in given.items()
        )

    def recounted(self, names: Iterable[str]) -> str:
        """The open rows of the source as columns of the copy."""
        wanted = ", ".join(self.columns[name].format(row="s", case="c") for name in names)
        joined = " JOIN case_file AS c ON c.id = s.case_id" if self.of_case else ""
        return f"SELECT {wanted} FROM {self.source} AS s{joined} WHERE {self.opened('s')}"  # noqa: S608


def _same(*names: str) -> dict[str, str]:
    return {name: f"{{row}}.{name}" for name in names}


_PLACE = ("id", "case_id", "process_id", "element_id", "whose", "due_at", "warn_at", "is_paused")
_OF_CASE = {
    "is_of_open_case": "({case}.state = 'open')",
    "procedure": "{case}.procedure",
    "stage": "{case}.stage",
    "received_at": "{case}.received_at",
    "case_due_at": "{case}.due_at",
    "case_warn_at": "{case}.warn_at",
}
_CASE_READS = ("state", "procedure", "stage", "received_at", "due_at", "warn_at")

_CASES = Copy(
    "case_file",
    "open_case",
    "{row}.state = 'open'",
    _same("id", "received_at"),
    ("id", "received_at", "state"),
)
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
COPIES = (_CASES, _TASKS, _WAITS)


# ── the triggers ────────────────────────────────────────────────────────────────────────────────


def let_go(connection: Connection) -> None:
    """Take the triggers away: a migration may build their tables anew."""
    for table, name in _NAMES:
        if _is_postgresql(connection):
            found = connection.exec_driver_sql(f"SELECT to_regclass('{table}')").scalar()
            if found is not None:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def keep(connection: Connection) -> None:
    """Copy what is open now, and everything that changes it from here on."""
    tables = set(inspect(connection).get_table_names())
    if not {copy.target for copy in COPIES} <= tables:
        return
    for statement in _postgresql() if _is_postgresql(connection) else _sqlite():
        connection.exec_driver_sql(statement)
    copy_anew(connection)


_ACTS = ("insert", "update", "delete")
_FOLLOW = "copy_open_case_file_follow"
_NAMES = (
    *((copy.source, f"copy_open_{copy.source}_{act}") for copy in COPIES for act in _ACTS),
    ("case_file", _FOLLOW),
)


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _trigger(name: str, event: str, table: str, condition: str, act: str) -> str:
    return f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition}) {act}"


def _on(copy: Copy, act: str, differs: str, then: str) -> str:
    """Creating a row, changing it, removing it. A change that the copy does not show wakes nobody."""
    new, old = copy.opened("NEW"), copy.opened("OLD")
    changed = f"({new} OR {old}) AND {_changed(copy.reads, differs)}"
    event, condition = {
        "insert": ("INSERT", new),
        "update": (f"UPDATE OF {', '.join(copy.reads)}", changed),
        "delete": ("DELETE", old),
    }[act]
    return _trigger(f"copy_open_{copy.source}_{act}", event, copy.source, condition, then)


def _following(differs: str, then: str) -> str:
    """The places of a case follow what they show of it."""
    event = f"UPDATE OF {', '.join(_CASE_READS)}"
    return _trigger(_FOLLOW, event, "case_file", _changed(_CASE_READS, differs), then)


def _changed(names: Iterable[str], differs: str) -> str:
    new, old = (", ".join(f"{row}.{name}" for name in names) for row in ("NEW", "OLD"))
    return f"({new}) {differs} ({old})"


def _places_follow() -> str:
    return (
        f"UPDATE open_place SET {_TASKS.settings(_OF_CASE, 'NEW')} WHERE id IN"  # noqa: S608
        f" ({_open_of_case(_TASKS)} UNION ALL {_open_of_case(_WAITS)});"
    )


def _open_of_case(copy: Copy) -> str:
    source = copy.source
    return f"SELECT s.id FROM {source} AS s WHERE s.case_id = NEW.id AND {copy.opened('s')}"  # noqa: S608


def _added(copy: Copy) -> str:
    return f"INSERT INTO {copy.target} ({', '.join(copy.columns)}) {copy.selected('NEW')}"


def _gone(copy: Copy) -> str:
    return f"DELETE FROM {copy.target} WHERE id = OLD.id"  # noqa: S608 - our names


def _sqlite() -> list[str]:
    found = []
    for copy in COPIES:
        again = f"{_added(copy)} {'AND' if copy.of_case else 'WHERE'} {copy.opened('NEW')}"
        acts = {"insert": _added(copy), "update": f"{_gone(copy)}; {again}", "delete": _gone(copy)}
        found += [_on(copy, act, "IS NOT", f"BEGIN {acts[act]}; END") for act in _ACTS]
    return [*found, _following("IS NOT", f"BEGIN {_places_follow()} END")]


def _postgresql() -> list[str]:
    """A row that stays open keeps its place in the copy."""
    found = []
    for copy in COPIES:
        body = f"""
            IF TG_OP = 'INSERT' THEN
                {_added(copy)};
            ELSIF TG_OP = 'DELETE' OR NOT {copy.opened("NEW")} THEN
                {_gone(copy)};
            ELSE
                UPDATE {copy.target} SET {copy.settings(copy.own, "NEW")} WHERE id = OLD.id;
                IF NOT FOUND THEN
                    {_added(copy)};
                END IF;
            END IF;"""  # noqa: S608 - our names
        name = f"copy_open_{copy.source}"
        found.append(_function(name, body))
        found += [_on(copy, act, "IS DISTINCT FROM", f"EXECUTE FUNCTION {name}()") for act in _ACTS]
    # a claim locks the task, then its copy; so does this, or each could wait for the other
    locked = "".join(
        f"PERFORM 1 FROM ({_open_of_case(copy)} ORDER BY s.id FOR NO KEY UPDATE) AS held;"
        for copy in (_TASKS, _WAITS)
    )
    found.append(_function(_FOLLOW, locked + _places_follow()))
    return [*found, _following("IS DISTINCT FROM", f"EXECUTE FUNCTION {_FOLLOW}()")]


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )


# ── the recount ─────────────────────────────────────────────────────────────────────────────────


def copy_anew(connection: Connection) -> None:
    """Empty the copies and fill them again, set-wise; for who has changed rows behind the triggers."""
    for target in sorted({copy.target for copy in COPIES}):
        connection.exec_driver_sql(f"DELETE FROM {target}")  # noqa: S608 - our names
    for copy in COPIES:
        recount = copy.recounted(copy.columns)
        connection.exec_driver_sql(
            f"INSERT INTO {copy.target} ({', '.join(copy.columns)}) {recount}"
        )


def differences(connection: Connection) -> dict[str, int]:
    """Table -> rows that a recount has and the copy has not, and the other way round. Must be empty."""
    found = {}
    for target in sorted({copy.target for copy in COPIES}):
        sources = [copy for copy in COPIES if copy.target == target]
        names = sorted(sources[0].columns)
        copied = f"SELECT {', '.join(names)} FROM {target}"  # noqa: S608 - our names
        recount = " UNION ALL ".join(copy.recounted(names) for copy in sources)
        missing = f"SELECT * FROM ({recount}) AS a EXCEPT {copied}"  # noqa: S608
        surplus = f"SELECT * FROM ({copied}) AS b EXCEPT SELECT * FROM ({recount}) AS c"  # noqa: S608
        asked = f"SELECT (SELECT count(*) FROM ({missing}) AS d), (SELECT count(*) FROM ({surplus}) AS e)"  # noqa: S608
        lacking, too_many = connection.exec_driver_sql(asked).one()
        if lacking or too_many:
            found[target] = lacking + too_many
    return found
