"""Folders that administrators hand in, and what the gate said of each."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0010_folders"
down_revision = "0009_migrations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "folder_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procedure", sa.String(length=200), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=200), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("repairs", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=200), nullable=False),
        sa.Column("uploaded_at", Moment(timezone=True), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=True),
        sa.Column("report", Document(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("deployed_by", sa.String(length=200), nullable=True),
        sa.Column("deployed_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_folder_upload_definition_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder_upload")),
    )
    op.create_index(op.f("ix_folder_upload_uploaded_at"), "folder_upload", ["uploaded_at"])


def downgrade() -> None:
    op.drop_table("folder_upload")
