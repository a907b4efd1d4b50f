"""Leave covers; what becomes of a supervision notice; indexes of the supervisor's board."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0005_supervision"
down_revision = "0004_clocks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leave_cover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("substitute", sa.String(length=200), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("entered_at", Moment(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("ended_at", Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"], ["person.username"], name=op.f("fk_leave_cover_username")
        ),
        sa.ForeignKeyConstraint(
            ["substitute"], ["person.username"], name=op.f("fk_leave_cover_substitute")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_cover")),
    )
    op.create_index(op.f("ix_leave_cover_ends_on"), "leave_cover", ["ends_on"])
    _notices()
    op.create_index(
        op.f("ix_case_file_closed_at"), "case_file", ["closed_at"], postgresql_using="brin"
    )
    op.create_index(op.f("ix_task_completed_at"), "task", ["completed_at"], postgresql_using="brin")
    op.create_index(
        "ix_wait_open", "wait", ["due_at"], postgresql_where=sa.text("ended_at IS NULL")
    )


def _notices() -> None:
    text, name, moment = sa.Text(), sa.String(length=200), Moment(timezone=True)
    for column in (
        sa.Column("origin", name, nullable=False, server_default="diagram"),
        sa.Column("officer", name, nullable=True),
        sa.Column("over_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ledger", Document(), nullable=False, server_default="[]"),
        sa.Column("answered_by", name, nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("contest", text, nullable=False, server_default=""),
        sa.Column("contested_by", name, nullable=True),
        sa.Column("contested_at", moment, nullable=True),
        sa.Column("decision", text, nullable=False, server_default=""),
        sa.Column("escalated_at", moment, nullable=True),
        sa.Column("closed_by", name, nullable=True),
        sa.Column("closed_at", moment, nullable=True),
    ):
        op.add_column("supervision", column)
    op.execute("UPDATE supervision SET origin = 'breach' WHERE ground = 'manual'")
    op.create_index(op.f("ix_supervision_wait_id"), "supervision", ["wait_id"])
    op.create_index(op.f("ix_supervision_issued_at_id"), "supervision", ["issued_at", "id"])
