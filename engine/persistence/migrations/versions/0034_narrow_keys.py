"""Lines of histories are found by what they belong to and their place, the key of a notice is 16 bytes, and
a commitment is kept when what it commits to goes."""

import hashlib

from alembic import op

revision = "0034_narrow_keys"
down_revision = "0033_finding"
branch_labels = None
depends_on = None

#: Table -> what its lines belong to. Each had an index of ids by which nobody asked.
LINES = {
    "event": "case_id",
    "obligation_act": "obligation_id",
    "record_clock_entry": "clock_id",
}
#: As engine/domain/notice.py numbers them.
CHANNELS = {"inbox": 0, "email": 1, "sms": 2, "wechat": 3}
SIGNATURE = "erase_history(uuid, integer, integer[], bytea[])"
#: As before; a line that holds no commitment is given the one of its place. A wrong one breaks the chain
#: there, as any other change would.
ERASE = """
CREATE FUNCTION erase_history(of_case uuid, through integer, places integer[], commitments bytea[])
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
    UPDATE event SET commitment = given.commitment
    FROM unnest(places, commitments) AS given (place, commitment)
    WHERE case_id = of_case AND sequence = given.place AND event.commitment = ''
      AND sequence <= through AND NOT is_erased AND kind <> 'history_erased';
    UPDATE event SET detail = '', changes = '={}', actor_name = '', salt = NULL, is_erased = true
    WHERE case_id = of_case AND sequence <= through AND NOT is_erased AND kind <> 'history_erased';
    GET DIAGNOSTICS erased = ROW_COUNT;
    UPDATE clock_entry SET reason = '', actor = '' WHERE case_id = of_case;
    RETURN erased;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_postgresql() -> None:
    for table, owner in LINES.items():
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT uq_{table}_{owner}_sequence,"
            f" DROP CONSTRAINT pk_{table}, ADD CONSTRAINT pk_{table} PRIMARY KEY ({owner}, sequence)"
        )
    numbers = " ".join(f"WHEN '{name}' THEN '\\x{n:02x}'::bytea" for name, n in CHANNELS.items())
    told = "convert_to(regexp_replace(key, ':[^:]*$', ''), 'UTF8')"
    op.execute(
        "ALTER TABLE notice ALTER COLUMN key TYPE bytea"
        f" USING substring(sha256({told}) FOR 15) || CASE channel {numbers} ELSE '\\xff' END"
    )
    # the release before would lose what the chains need of the lines of this one
    op.execute("DROP FUNCTION erase_history(uuid, integer)")
    op.execute(ERASE)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")


def _on_sqlite() -> None:
    """Its tables stay as they are: to take an index away it would build them anew, with all that guards
    them, and an embedded office is small."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is in use
    # in place: SQLite keeps what it is given, whatever the column is called
    driver.create_function("notice_key", 2, _key, deterministic=True)
    op.execute("UPDATE notice SET key = notice_key(key, channel)")


def _key(told: str, channel: str) -> bytes:
    start = told.rpartition(":")[0] if ":" in told else told
    number = CHANNELS.get(channel, 255)
    return hashlib.sha256(start.encode()).digest()[:15] + bytes((number,))


def downgrade() -> None:
    raise NotImplementedError(
        "keys of notices are not known any more: restore the backup of before"
    )
