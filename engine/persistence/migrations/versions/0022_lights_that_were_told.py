"""Officers are told of the light that was marked: a row says which light they were told of last."""

import sqlalchemy as sa
from alembic import op

revision = "0022_lights_told"
down_revision = "0021_courses"
branch_labels = None
depends_on = None

WHERE = {
    "task": sa.text("completed_at IS NULL AND told <> light"),
    "clock": sa.text("state = 'running' AND told <> light"),
}


def upgrade() -> None:
    for table, where in WHERE.items():
        told = sa.Column("told", sa.String(length=200), nullable=False, server_default="green")
        op.add_column(table, told)  # in place: a table made anew would lose its triggers
        op.execute(f"UPDATE {table} SET told = light WHERE light <> 'green'")  # noqa: S608
        op.create_index(
            f"ix_{table}_told", table, ["due_at"], postgresql_where=where, sqlite_where=where
        )
    op.execute("DELETE FROM setting WHERE key = 'notices_lights'")


def downgrade() -> None:
    for table in WHERE:
        op.drop_index(f"ix_{table}_told", table)
        op.drop_column(table, "told")
