"""What was closed in narrow rows with their figures, for the charts."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0019_closed_cases"
down_revision = "0018_record_kinds"
branch_labels = None
depends_on = None

TO_SUM = sa.text("NOT is_summed")
PARTIES = ("office", "department", "superior", "court", "expert", "applicant")


def upgrade() -> None:
    op.create_table(
        "closed_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procedure", sa.String(200), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=False),
        sa.Column("is_summed", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Float(), nullable=True),
        *(sa.Column(party, sa.Float(), nullable=True) for party in PARTIES),
        sa.PrimaryKeyConstraint("id", name="pk_closed_case"),
    )
    op.create_index("ix_closed_case_closed_at", "closed_case", ["closed_at"])
    op.create_index(
        "ix_closed_case_to_sum",
        "closed_case",
        ["closed_at"],
        postgresql_where=TO_SUM,
        sqlite_where=TO_SUM,
    )


def downgrade() -> None:
    op.drop_table("closed_case")
