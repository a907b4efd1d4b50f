"""Migrations of running cases onto another version, with the old bytes for undoing."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0009_migrations"
down_revision = "0008_decisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "migration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procedure", sa.String(length=200), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("mapping", Document(), nullable=False),
        sa.Column("accepts_losses", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("started_by", sa.String(length=200), nullable=False),
        sa.Column("started_at", Moment(timezone=True), nullable=False),
        sa.Column("finished_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_id"], ["process_definition.id"], name=op.f("fk_migration_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["process_definition.id"], name=op.f("fk_migration_to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
    )
    op.create_table(
        "migrated_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("migration_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("verdict", sa.String(length=200), nullable=False),
        sa.Column("findings", Document(), nullable=False),
        sa.Column("done_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["migration.id"], name=op.f("fk_migrated_case_migration_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_migrated_case_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migrated_case")),
        sa.UniqueConstraint(
            "migration_id", "case_id", name=op.f("uq_migrated_case_migration_id_case_id")
        ),
    )
    op.create_index(
        op.f("ix_migrated_case_migration_id_state_place"),
        "migrated_case",
        ["migration_id", "state", "place"],
    )
    op.create_table(
        "migrated_instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("migrated_case_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("version_after", sa.Integer(), nullable=False),
        sa.Column("calendar_edition", sa.Integer(), nullable=False),
        sa.Column("rows", Document(), nullable=False),
        sa.ForeignKeyConstraint(
            ["migrated_case_id"],
            ["migrated_case.id"],
            name=op.f("fk_migrated_instance_migrated_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_migrated_instance_instance_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migrated_instance")),
    )
    op.create_index(
        op.f("ix_migrated_instance_migrated_case_id"), "migrated_instance", ["migrated_case_id"]
    )


def downgrade() -> None:
    for name in ("migrated_instance", "migrated_case", "migration"):
        op.drop_table(name)
