"""History in two chains with commitments that outlive erased texts; roots written outside the tables."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0025_two_chains"
down_revision = "0024_deferrals"
branch_labels = None
depends_on = None

TEXT = sa.String(200)


def upgrade() -> None:
    empty = sa.text("x''") if op.get_bind().dialect.name == "sqlite" else sa.text("''::bytea")
    # column by column: a batch would build the tables anew, which SQLite forbids where rows refer to them
    for column in (
        sa.Column("format", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False, server_default=empty),
        sa.Column("sm3", sa.LargeBinary(), nullable=False, server_default=empty),
        sa.Column("is_erased", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("event", column)
    op.add_column(
        "case_file", sa.Column("event_sm3", sa.LargeBinary(), nullable=False, server_default=empty)
    )
    op.create_table(
        "history_root",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("sm3", TEXT, nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_history_root"),
    )
    op.create_table(
        "rooted_head",
        sa.Column("case_number", TEXT, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_number", name="pk_rooted_head"),
    )


def downgrade() -> None:
    op.drop_table("rooted_head")
    op.drop_table("history_root")
    op.drop_column("case_file", "event_sm3")
    for name in ("is_erased", "sm3", "commitment", "salt", "format"):
        op.drop_column("event", name)
