"""Who erased what and by which rule; on PostgreSQL the one way by which texts of the history may go."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0029_erasures"
down_revision = "0028_webhooks"
branch_labels = None
depends_on = None

TEXT = sa.String(200)
#: Only of a closed case, only lines before one that says so, and of a line only what the chains do not
#: cover: whoever may call it can neither change what was done nor hide that a text was erased.
ERASE = """
CREATE FUNCTION erase_history(of_case uuid, through integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE erased integer;
BEGIN
    IF NOT EXISTS (
        SELECT FROM event e JOIN case_file c ON c.id = e.case_id
        WHERE e.case_id = of_case AND c.state = 'closed' AND e.kind = 'history_erased'
          AND e.sequence > through AND (e.changes ->> 'through')::integer = through
    ) THEN
        RAISE EXCEPTION 'no line of the history says that this is erased'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE event SET detail = '', changes = '{}', actor_name = '', salt = NULL, is_erased = true
    WHERE case_id = of_case AND sequence <= through AND NOT is_erased AND kind <> 'history_erased';
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("rule", Document(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("files", Document(), nullable=False),
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_at", "erasure", ["at"])
    with op.batch_alter_table("case_file") as table:
        table.add_column(sa.Column("erased_at", Moment(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ERASE)
        op.execute("REVOKE ALL ON FUNCTION erase_history(uuid, integer) FROM PUBLIC")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION erase_history(uuid, integer)")
    with op.batch_alter_table("case_file") as table:
        table.drop_column("erased_at")
    op.drop_table("erasure")
