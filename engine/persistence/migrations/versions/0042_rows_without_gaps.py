"""Rows without gaps: lines of histories have no ids of their own, their columns of fixed width come first,
and words that return in every line are a letter or two. Their tables are written anew, by the database and
in one go.
"""

import sqlalchemy as sa
from alembic import op

from engine.persistence.known_words import CODES

revision = "0042_rows_without_gaps"
down_revision = "0041_notices_by_their_key"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_TEXT, _BYTES = sa.String(200), sa.LargeBinary()
#: Table -> its columns in their new order; True: may be NULL. The first one and `sequence` are the key.
LINES = {
    "event": (
        ("case_id", sa.Uuid(), False),
        ("at", _MOMENT, False),
        ("sequence", sa.Integer(), False),
        ("format", sa.SmallInteger(), False),
        ("is_erased", sa.Boolean(), False),
        ("actor", _TEXT, False),
        ("actor_name", _TEXT, False),
        ("department", _TEXT, False),
        ("kind", _TEXT, False),
        ("element_id", _TEXT, True),
        ("title", _BYTES, False),
        ("title_en", _BYTES, False),
        ("detail", _BYTES, False),
        ("changes", _BYTES, False),
        ("hash", _BYTES, False),
        ("salt", _BYTES, True),
        ("commitment", _BYTES, False),
        ("sm3", _BYTES, False),
    ),
    "obligation_act": (
        ("obligation_id", sa.Uuid(), False),
        ("at", _MOMENT, False),
        ("sequence", sa.Integer(), False),
        ("act", _TEXT, False),
        ("before", _TEXT, False),
        ("after", _TEXT, False),
        ("actor", _TEXT, False),
        ("actor_name", _TEXT, False),
        ("channel", _TEXT, False),
        ("note", sa.Text(), False),
        ("link", sa.Text(), False),
        ("proof_sha256", _TEXT, True),
        ("proof_name", _TEXT, False),
        ("proof_type", _TEXT, False),
    ),
    "record_clock_entry": (
        ("clock_id", sa.Uuid(), False),
        ("effective_at", _MOMENT, False),
        ("recorded_at", _MOMENT, False),
        ("sequence", sa.Integer(), False),
        ("voids", sa.Integer(), False),
        ("expected_at", _MOMENT, True),
        ("due_before", _MOMENT, True),
        ("due_after", _MOMENT, True),
        ("names_day", sa.Boolean(), False),
        ("kind", _TEXT, False),
        ("basis", _BYTES, False),
        ("document", _TEXT, False),
        ("actor", _TEXT, False),
        ("reason", _BYTES, False),
        ("ground", _TEXT, False),
    ),
}
OWNERS = {
    "event": "case_file",
    "obligation_act": "obligation",
    "record_clock_entry": "record_clock",
}
#: Stored by their code now; a word keeps its code for ever.
WORDS = {
    "event": ("department", "kind"),
    "obligation_act": ("act", "before", "after", "channel"),
    "record_clock_entry": ("kind",),
}
_CALENDAR = sa.text("kind = 'calendar_changed'")


def upgrade() -> None:
    is_server = op.get_bind().dialect.name == "postgresql"
    for table in LINES:
        (_anew_on_postgresql if is_server else _anew_on_sqlite)(table)
    op.create_index("ix_event_at", "event", ["at"], postgresql_using="brin")
    op.create_index(
        "ix_event_calendar",
        "event",
        ["at", "case_id", "sequence"],
        postgresql_where=_CALENDAR,
        sqlite_where=_CALENDAR,
    )
    if is_server:
        # a task leaves three indexes when it is done, so its row is never changed in place: the room
        # for that was a quarter of every page
        op.execute("ALTER TABLE task RESET (fillfactor)")


def _value(table: str, name: str) -> str:
    """What the old row says, as the new one says it."""
    if name not in WORDS[table]:
        return f'"{name}"'
    codes = " ".join(f"WHEN '{word}' THEN '{code}'" for word, code in CODES.items())
    is_short = f'length("{name}") BETWEEN 1 AND 2 OR "{name}" LIKE \'=%\''
    other = f"CASE WHEN {is_short} THEN '=' || \"{name}\" ELSE coalesce(\"{name}\", '') END"
    return f'CASE "{name}" {codes} ELSE {other} END'


def _filled(table: str) -> str:
    names = [name for name, _, _ in LINES[table]]
    told = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(_value(table, name) for name in names)
    # as they lie there: in the order of their moments, which block ranges rest on
    return f'INSERT INTO "{table}_" ({told}) SELECT {values} FROM "{table}"'  # noqa: S608


def _columns(table: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind, nullable=is_null) for name, kind, is_null in LINES[table]]


def _anew_on_postgresql(table: str) -> None:
    owner = LINES[table][0][0]
    asked = f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"  # noqa: S608
    guards = op.get_bind().exec_driver_sql(asked).scalars().all()
    op.create_table(f"{table}_", *_columns(table))
    op.execute(_filled(table))
    op.drop_table(table)
    op.rename_table(f"{table}_", table)
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY ({owner}, sequence),"
        f" ADD CONSTRAINT fk_{table}_{owner} FOREIGN KEY ({owner}) REFERENCES {OWNERS[table]} (id)"
    )
    for guard in guards:
        op.execute(guard)
    op.execute(f"ANALYZE {table}")


def _anew_on_sqlite(table: str) -> None:
    owner = LINES[table][0][0]
    asked = f"SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"  # noqa: S608
    guards = op.get_bind().exec_driver_sql(asked).scalars().all()
    op.create_table(
        f"{table}_",
        *_columns(table),
        sa.PrimaryKeyConstraint(owner, "sequence", name=f"pk_{table}"),
        sa.ForeignKeyConstraint([owner], [f"{OWNERS[table]}.id"], name=f"fk_{table}_{owner}"),
    )
    op.execute(_filled(table))
    op.drop_table(table)
    op.rename_table(f"{table}_", table)
    for guard in guards:
        op.execute(guard)


def downgrade() -> None:
    raise NotImplementedError("ids of lines are not known any more: restore the backup of before")
