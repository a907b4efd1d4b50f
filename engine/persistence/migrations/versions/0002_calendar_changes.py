"""Changes of the calendar, and what they need to move dates: where each limit began and its amount."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0002_calendar"
down_revision = "0001"
branch_labels = None
depends_on = None

LIMITED = ("task", "wait", "timer")


def upgrade() -> None:
    for name in LIMITED:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("amount", sa.Integer(), nullable=True))
            table.add_column(sa.Column("unit", sa.String(length=200), nullable=True))
    with op.batch_alter_table("timer") as table:
        table.add_column(sa.Column("armed_at", Moment(timezone=True), nullable=True))
    with op.batch_alter_table("clock_entry") as table:
        table.add_column(sa.Column("due_before", Moment(timezone=True), nullable=True))
        table.add_column(sa.Column("due_after", Moment(timezone=True), nullable=True))
    with op.batch_alter_table("process_instance") as table:
        edition = sa.Column("calendar_edition", sa.Integer(), nullable=False, server_default="0")
        table.add_column(edition)
    op.create_index(
        op.f("ix_process_instance_calendar_edition_case_id"),
        "process_instance",
        ["calendar_edition", "case_id"],
        postgresql_where=sa.text("NOT is_finished"),
        sqlite_where=sa.text("NOT is_finished"),
    )
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("years_before", Document(), nullable=False),
        sa.Column("years_after", Document(), nullable=False),
        sa.Column("tells_by_letter", sa.Boolean(), nullable=False),
        sa.Column("revokes_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", Moment(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("instances", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("applied_at", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
        sa.ForeignKeyConstraint(
            ["revokes_id"],
            ["calendar_change.id"],
            name=op.f("fk_calendar_change_revokes_id_calendar_change"),
        ),
        sa.UniqueConstraint("edition", name=op.f("uq_calendar_change_edition")),
    )
    op.create_index(op.f("ix_calendar_change_state"), "calendar_change", ["state"])


def downgrade() -> None:
    op.drop_table("calendar_change")
    op.drop_index(
        op.f("ix_process_instance_calendar_edition_case_id"), table_name="process_instance"
    )
    with op.batch_alter_table("process_instance") as table:
        table.drop_column("calendar_edition")
    with op.batch_alter_table("clock_entry") as table:
        table.drop_column("due_after")
        table.drop_column("due_before")
    with op.batch_alter_table("timer") as table:
        table.drop_column("armed_at")
    for name in LIMITED:
        with op.batch_alter_table(name) as table:
            table.drop_column("unit")
            table.drop_column("amount")
