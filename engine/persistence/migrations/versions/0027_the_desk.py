"""The caseworker's desk: saved filters, columns, who is before a task, whose draft it is."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0027_the_desk"
down_revision = "0026_identity"
branch_labels = None
depends_on = None

_DONE = sa.text("completed_by IS NOT NULL")


def upgrade() -> None:
    # no table is built anew for one more column: SQLite adds it in place, and its triggers stay
    op.add_column("task", sa.Column("draft_by", sa.String(length=200), nullable=True))
    op.create_index(
        op.f("ix_task_completed_by_completed_at"),
        "task",
        ["completed_by", "completed_at"],
        postgresql_where=_DONE,
        sqlite_where=_DONE,
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", Document(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["person.username"], name=op.f("fk_saved_filter_owner_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_saved_filter_owner_name")),
    )
    op.create_table(
        "desk_choice",
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("columns", Document(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["person.username"], name=op.f("fk_desk_choice_owner_person")
        ),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_desk_choice")),
    )
    op.create_table(
        "presence",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("wrote_at", Moment(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_presence_task_id_task")),
        sa.PrimaryKeyConstraint("task_id", "username", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_seen_at"), "presence", ["seen_at"])


def downgrade() -> None:
    for table in ("presence", "desk_choice", "saved_filter"):
        op.drop_table(table)
    op.drop_index(op.f("ix_task_completed_by_completed_at"), "task")
    op.drop_column("task", "draft_by")
