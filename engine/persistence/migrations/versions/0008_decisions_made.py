"""What decision tables answered in a case is kept with the rows that held."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0008_decisions"
down_revision = "0007_incidents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision_made",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=True),
        sa.Column("decision_id", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=200), nullable=False),
        sa.Column("hit_policy", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("inputs", Document(), nullable=False),
        sa.Column("outputs", Document(), nullable=False),
        sa.Column("rows", Document(), nullable=False),
        sa.Column("required", Document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_made")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_decision_made_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_decision_made_definition_id_process_definition"),
        ),
        sa.UniqueConstraint("case_id", "sequence", name=op.f("uq_decision_made_case_id_sequence")),
    )


def downgrade() -> None:
    op.drop_table("decision_made")
