"""What is open in narrow rows, for the board; stuck cases are found by an index of their own."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0017_open_copies"
down_revision = "0016_commitments"
branch_labels = None
depends_on = None

STUCK = sa.text("open_incidents > 0")


def upgrade() -> None:
    op.create_table(
        "open_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_open_case"),
    )
    op.create_table(
        "open_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.String(200), nullable=False),
        sa.Column("element_id", sa.String(200), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("person", sa.String(200), nullable=True),
        sa.Column("whose", sa.String(200), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("warn_at", Moment(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("is_task", sa.Integer(), nullable=False),
        sa.Column("is_of_open_case", sa.Boolean(), nullable=False),
        sa.Column("procedure", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(200), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("case_due_at", Moment(), nullable=True),
        sa.Column("case_warn_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_open_place"),
    )
    op.create_index(
        "ix_case_file_stuck", "case_file", ["due_at"], postgresql_where=STUCK, sqlite_where=STUCK
    )


def downgrade() -> None:
    op.drop_index("ix_case_file_stuck", "case_file")
    op.drop_table("open_place")
    op.drop_table("open_case")
