"""A notice is found by what it tells to whom: its key is its id. Ids of before stand in links of e-mails, and
are kept for these."""

import sqlalchemy as sa
from alembic import op

revision = "0041_notices_by_their_key"
down_revision = "0040_personal_readings"
branch_labels = None
depends_on = None

_OF_BEFORE = sa.text("old_id IS NOT NULL")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()
    op.create_index(
        "ix_notice_old_id",
        "notice",
        ["old_id"],
        unique=True,
        postgresql_where=_OF_BEFORE,
        sqlite_where=_OF_BEFORE,
    )


def _on_postgresql() -> None:
    """The table is written once: no row bears two keys and an id for nothing."""
    op.execute("ALTER TABLE notice DROP CONSTRAINT uq_notice_key, DROP CONSTRAINT pk_notice")
    op.execute("ALTER TABLE notice RENAME id TO old_id")
    op.execute("ALTER TABLE notice RENAME key TO id")
    op.execute(
        "ALTER TABLE notice ALTER COLUMN id TYPE uuid USING"
        " (CASE length(id) WHEN 16 THEN encode(id, 'hex') ELSE md5(id) END)::uuid,"
        " ALTER COLUMN old_id DROP NOT NULL, ADD CONSTRAINT pk_notice PRIMARY KEY (id)"
    )


def _on_sqlite() -> None:
    op.add_column("notice", sa.Column("old_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE notice SET old_id = id, id = substr(lower(hex(key)) || id, 1, 32)")
    with op.batch_alter_table("notice") as table:
        table.drop_constraint("uq_notice_key")
        table.drop_column("key")


def downgrade() -> None:
    raise NotImplementedError(
        "ids of notices are not told apart again: restore the backup of before"
    )
