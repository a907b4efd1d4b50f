"""Deployments that a second administrator agrees to, where the office wants two."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0036_deployments_by_two"
down_revision = "0035_model_drafts"
branch_labels = None
depends_on = None

TEXT = sa.String(200)
COLUMNS = ("proposed_by", "proposed_at", "newest_then", "rejected_by", "rejected_at", "rejection")


def upgrade() -> None:
    with op.batch_alter_table("folder_upload") as table:
        table.add_column(sa.Column("proposed_by", TEXT, nullable=True))
        table.add_column(sa.Column("proposed_at", Moment(), nullable=True))
        table.add_column(sa.Column("newest_then", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("rejected_by", TEXT, nullable=True))
        table.add_column(sa.Column("rejected_at", Moment(), nullable=True))
        table.add_column(sa.Column("rejection", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("folder_upload") as table:
        table.alter_column("rejection", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("folder_upload") as table:
        for name in COLUMNS:
            table.drop_column(name)
