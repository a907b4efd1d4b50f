"""Drafts of administrators who draw: kept here instead of in one browser."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0035_model_drafts"
down_revision = "0034_narrow_keys"
branch_labels = None
depends_on = None

TEXT = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "model_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("files", Document(), nullable=False),
        sa.Column("report", Document(), nullable=True),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["person.username"], name="fk_model_draft_owner"),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name="fk_model_draft_definition_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_model_draft"),
        sa.UniqueConstraint("owner", "definition_id", name="uq_model_draft_owner_definition_id"),
    )


def downgrade() -> None:
    op.drop_table("model_draft")
