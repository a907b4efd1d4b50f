"""Deferrals of reporting: until when a record is held back, and the register of what was granted."""

import sqlalchemy as sa
from alembic import op

revision = "0024_deferrals"
down_revision = "0023_in_place"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("record") as table:
        table.add_column(sa.Column("deferred_until", sa.Date(), nullable=True))
    op.create_table(
        "deferral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("subject_code", sa.String(length=200), nullable=False),
        sa.Column("record_number", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=200), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("first_until", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("renewed_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_deferral_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferral")),
        sa.UniqueConstraint("case_id", name=op.f("uq_deferral_case_id")),
    )
    op.create_index(op.f("ix_deferral_state_until"), "deferral", ["state", "until"])
    op.create_index(op.f("ix_deferral_subject_code"), "deferral", ["subject_code"])


def downgrade() -> None:
    op.drop_table("deferral")
    with op.batch_alter_table("record") as table:
        table.drop_column("deferred_until")
