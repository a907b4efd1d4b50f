"""Who read which personal data: rows that are added, and erased by their rule of retention alone."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0040_personal_readings"
down_revision = "0039_words_of_open_cases"
branch_labels = None
depends_on = None

TEXT = sa.String(200)
#: 个人信息保护法第五十六条第二款: three years; the slack is for months of different length.
GUARD = """
CREATE FUNCTION keep_readings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < (
        SELECT max(at) - interval '36 months' + interval '3 days' FROM erasure WHERE kind = 'readings'
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'personal_reading is append-only' USING ERRCODE = 'insufficient_privilege';
END $$
"""
#: The account of the application may not delete here: the owner's function does, and the trigger looks.
ERASE = """
CREATE FUNCTION erase_readings(ids uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE erased integer;
BEGIN
    DELETE FROM personal_reading WHERE id = ANY (ids);
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "personal_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("actor_name", TEXT, nullable=False),
        sa.Column("department", TEXT, nullable=True),
        sa.Column("case_number", TEXT, nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("fields", Document(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("browser", TEXT, nullable=False),
        sa.Column("once", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_personal_reading"),
        sa.UniqueConstraint("once", name="uq_personal_reading_once"),
    )
    op.create_index("ix_personal_reading_at_id", "personal_reading", ["at", "id"])
    for column in ("case_number", "record_id"):
        op.create_index(f"ix_personal_reading_{column}_at", "personal_reading", [column, "at"])
    _guards()


def _guards() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GUARD)
        op.execute(
            "CREATE TRIGGER personal_reading_kept BEFORE UPDATE OR DELETE ON personal_reading "
            "FOR EACH ROW EXECUTE FUNCTION keep_readings()"
        )
        op.execute(ERASE)
        op.execute("REVOKE ALL ON FUNCTION erase_readings(uuid[]) FROM PUBLIC")
        return
    op.execute(
        "CREATE TRIGGER personal_reading_no_update BEFORE UPDATE ON personal_reading "
        "BEGIN SELECT RAISE(ABORT, 'personal_reading is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER personal_reading_no_delete BEFORE DELETE ON personal_reading "
        "WHEN OLD.at >= coalesce((SELECT datetime(max(at), '-36 months', '+3 days') "
        "FROM erasure WHERE kind = 'readings'), '') "
        "BEGIN SELECT RAISE(ABORT, 'personal_reading is append-only'); END"
    )


def downgrade() -> None:
    op.drop_table("personal_reading")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION erase_readings(uuid[])")
        op.execute("DROP FUNCTION keep_readings()")
