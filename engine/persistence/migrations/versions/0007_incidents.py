"""Incidents tell their story: what was tried, how often, the cause in words, how it was resolved."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0007_incidents"
down_revision = "0006_narrow"
branch_labels = None
depends_on = None

TEXTS = ("title", "title_en", "cause_en")
OPEN = sa.text("resolved_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("case_file") as table:
        counted = sa.Column("open_incidents", sa.Integer(), nullable=False, server_default="0")
        table.add_column(counted)
    with op.batch_alter_table("incident") as table:
        table.add_column(sa.Column("number", sa.String(length=200), nullable=True))
        table.add_column(
            sa.Column("kind", sa.String(length=200), nullable=False, server_default="job")
        )
        table.add_column(sa.Column("task_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("process_id", sa.String(length=200), nullable=True))
        for name in ("title", "title_en"):
            table.add_column(
                sa.Column(name, sa.String(length=200), nullable=False, server_default="")
            )
        table.add_column(sa.Column("cause_en", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("act", Document(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("fingerprint", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("last_at", Moment(timezone=True), nullable=True))
        table.add_column(sa.Column("resolved_by", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("resolution", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("story", Document(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("proposal", Document(), nullable=True))
    op.execute(
        "UPDATE incident SET number = 'GZ-' || CAST(id AS VARCHAR(36)),"
        " fingerprint = CAST(id AS VARCHAR(36)), last_at = raised_at, cause_en = cause,"
        " kind = CASE WHEN job_id IS NOT NULL THEN 'job' WHEN timer_id IS NOT NULL THEN 'timer'"
        " ELSE 'stray' END"
    )
    op.execute(
        "UPDATE case_file SET open_incidents = (SELECT count(*) FROM incident"
        " WHERE incident.case_id = case_file.id AND incident.resolved_at IS NULL)"
    )
    with op.batch_alter_table("incident") as table:
        table.alter_column("number", nullable=False)
        table.alter_column("fingerprint", nullable=False)
        table.alter_column("last_at", nullable=False)
        table.create_unique_constraint(op.f("uq_incident_number"), ["number"])
    op.create_index(op.f("ix_incident_case_id"), "incident", ["case_id"])
    op.create_index(
        "uq_incident_open_fingerprint",
        "incident",
        ["fingerprint"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index("uq_incident_open_fingerprint", "incident")
    op.drop_index(op.f("ix_incident_case_id"), "incident")
    with op.batch_alter_table("incident") as table:
        table.drop_constraint(op.f("uq_incident_number"), type_="unique")
        for name in (
            "number", "kind", "task_id", "process_id", *TEXTS, "act", "fingerprint", "attempts",
            "last_at", "resolved_by", "resolution", "story", "proposal",
        ):  # fmt: skip
            table.drop_column(name)
    with op.batch_alter_table("case_file") as table:
        table.drop_column("open_incidents")
