"""Checks of the history that people asked for; lines of all cases are found by their moment."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0030_audit"
down_revision = "0029_erasures"
branch_labels = None
depends_on = None

TEXT = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "history_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", TEXT, nullable=False),
        sa.Column("asked_by_name", TEXT, nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("roots", sa.Integer(), nullable=False),
        sa.Column("flaws", sa.Integer(), nullable=False),
        sa.Column("found", Document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_history_check"),
    )
    op.create_index("ix_history_check_asked_at", "history_check", ["asked_at"])
    for table in ("event", "record_event"):
        op.create_index(f"ix_{table}_at", table, ["at"], postgresql_using="brin")


def downgrade() -> None:
    for table in ("record_event", "event"):
        op.drop_index(f"ix_{table}_at", table)
    op.drop_table("history_check")
