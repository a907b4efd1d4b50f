"""Emergency responses: acts with their basis, each confirmed by a second person."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0015_emergencies"
down_revision = "0014_calendar_lines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=200), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", Moment(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["emergency_id"],
            ["emergency_entry.id"],
            name=op.f("fk_emergency_entry_emergency_id_emergency_entry"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_entry")),
        sa.UniqueConstraint(
            "emergency_id", "sequence", name=op.f("uq_emergency_entry_emergency_id_sequence")
        ),
    )
    op.create_index(op.f("ix_emergency_entry_kind_state"), "emergency_entry", ["kind", "state"])


def downgrade() -> None:
    op.drop_table("emergency_entry")
