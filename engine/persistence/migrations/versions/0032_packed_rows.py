"""Texts and documents that rows repeat are stored packed, hashes as bytes; no line stores the hash of the
line before it, which is that line's own.

The new columns read what was there before as well, so nothing is packed here: the tables are written once,
by the database, and `kunxin upgrade` packs the old rows afterwards, in batches beside the running office.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032_packed_rows"
down_revision = "0031_letters_erased"
branch_labels = None
depends_on = None

#: Table -> columns: texts, documents, and hashes in hexadecimal.
PACKED = {
    "case_file": (("facts", "frozen_records", "found", "milestones"), ("event_hash",)),
    "clock": (("basis", "statutory_basis"), ()),
    "clock_entry": (("basis", "reason"), ()),
    "commitment": (("reason", "content", "sanction"), ()),
    "decision_made": (("inputs", "outputs", "rows", "required"), ("sha256",)),
    "event": (("title", "title_en", "detail", "changes"), ("hash",)),
    "letter": (("title", "title_en", "data"), ()),
    "notice": (("title", "title_en", "body", "body_en"), ()),
    "record": (("conduct", "content", "fields"), ()),
    "record_clock": (("basis",), ()),
    "record_clock_entry": (("basis", "reason"), ()),
    "record_import": (("lines",), ("sha256",)),
}
#: As before, but for how it finds the line that says so and how it empties the others: it is the next line.
ERASE = """
CREATE OR REPLACE FUNCTION erase_history(of_case uuid, through integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE erased integer;
BEGIN
    IF NOT EXISTS (
        SELECT FROM event e JOIN case_file c ON c.id = e.case_id
        WHERE e.case_id = of_case AND c.state = 'closed' AND e.kind = 'history_erased'
          AND e.sequence = through + 1
    ) THEN
        RAISE EXCEPTION 'no line of the history says that this is erased'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE event SET detail = '', changes = '={}', actor_name = '', salt = NULL, is_erased = true
    WHERE case_id = of_case AND sequence <= through AND NOT is_erased AND kind <> 'history_erased';
    GET DIAGNOSTICS erased = ROW_COUNT;
    UPDATE clock_entry SET reason = '', actor = '' WHERE case_id = of_case;
    RETURN erased;
END $$
"""


def upgrade() -> None:
    op.add_column("letter", sa.Column("last_day", sa.String(200), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_postgresql() -> None:
    op.execute("UPDATE letter SET last_day = data #>> '{limit,last_day}' WHERE data ? 'limit'")
    for table, (texts, hashes) in PACKED.items():
        changes = [_changed(name, _written(name)) for name in texts]
        changes += [_changed(name, f"decode(\"{name}\", 'hex')") for name in hashes]
        changes += ["DROP COLUMN previous_hash"] if table == "event" else []
        op.execute(f"ALTER TABLE {table} {', '.join(changes)}")
    op.execute(ERASE)


def _changed(name: str, value: str) -> str:
    return f'ALTER COLUMN "{name}" DROP DEFAULT, ALTER COLUMN "{name}" TYPE bytea USING {value}'


def _written(name: str) -> str:
    """The plain form: see engine/persistence/packing.py."""
    text = f'"{name}"::text'
    return f"CASE {text} WHEN '' THEN ''::bytea ELSE '='::bytea || convert_to({text}, 'UTF8') END"


def _on_sqlite() -> None:
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is in use
    driver.create_function("of_hex", 1, bytes.fromhex, deterministic=True)
    op.execute("UPDATE letter SET last_day = json_extract(data, '$.limit.last_day')")
    for table, (texts, hashes) in PACKED.items():
        asked = (
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"  # noqa: S608
        )
        guards = op.get_bind().exec_driver_sql(asked).all()
        for name, _ in guards:
            op.execute(f"DROP TRIGGER {name}")  # they refuse what is done here too
        for name in (*texts, *hashes):
            _replace(table, name)
        for _, guard in guards:
            op.execute(guard)
    op.drop_column("event", "previous_hash")


def _replace(table: str, name: str) -> None:
    """Column by column: SQLite changes no types, and a batch would build the table anew."""
    is_hash = name in PACKED[table][1]
    plain = f"CAST('=' || \"{name}\" AS BLOB)"
    value = f'of_hex("{name}")' if is_hash else f"CASE \"{name}\" WHEN '' THEN x'' ELSE {plain} END"
    empty = sa.text("x''")
    op.add_column(
        table, sa.Column(f"{name}_", sa.LargeBinary(), nullable=False, server_default=empty)
    )
    op.execute(f'UPDATE {table} SET "{name}_" = {value}')  # noqa: S608
    op.drop_column(table, name)
    op.execute(f'ALTER TABLE {table} RENAME COLUMN "{name}_" TO "{name}"')


def downgrade() -> None:
    raise NotImplementedError("what is packed is not unpacked: restore the backup of before")
