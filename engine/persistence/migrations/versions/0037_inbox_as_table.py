"""Whether somebody's inbox is a table over the whole width."""

import sqlalchemy as sa
from alembic import op

revision = "0037_inbox_as_table"
down_revision = "0036_deployments_by_two"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("desk_choice") as table:
        table.add_column(
            sa.Column("is_table", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("desk_choice") as table:
        table.alter_column("is_table", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("desk_choice") as table:
        table.drop_column("is_table")
