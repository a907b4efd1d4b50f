"""Notices to people, and how they want to be told."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0011_notices"
down_revision = "0010_folders"
branch_labels = None
depends_on = None

TO_SEND = "state IN ('waiting', 'sending')"
UNREAD = "state = 'unread'"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("case_number", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("next_at", Moment(timezone=True), nullable=True),
        sa.Column("sent_at", Moment(timezone=True), nullable=True),
        sa.Column("read_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_notice_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index(
        op.f("ix_notice_recipient_channel_created_at"),
        "notice",
        ["recipient", "channel", "created_at"],
    )
    op.create_index(
        op.f("ix_notice_next_at"),
        "notice",
        ["next_at"],
        postgresql_where=sa.text(TO_SEND),
        sqlite_where=sa.text(TO_SEND),
    )
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["recipient"],
        postgresql_where=sa.text(UNREAD),
        sqlite_where=sa.text(UNREAD),
    )
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("phone", sa.String(200), nullable=False, server_default=""))
        table.add_column(
            sa.Column("notice_channels", Document(), nullable=False, server_default='["email"]')
        )
        table.add_column(sa.Column("language", sa.String(200), nullable=False, server_default="zh"))


def downgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.drop_column("language")
        table.drop_column("notice_channels")
        table.drop_column("phone")
    op.drop_table("notice")
