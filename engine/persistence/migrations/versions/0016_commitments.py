"""A register of commitments and of what was found about their performance."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0016_commitments"
down_revision = "0015_emergencies"
branch_labels = None
depends_on = None

TEXT = sa.String(length=200)


def upgrade() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("code", "rule", "kind")),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("subject_code", "subject_name", "subject_class")
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "content", "sanction")),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("performance", TEXT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("unfulfilled", "consequence")),
        sa.Column("found_on", sa.Date(), nullable=True),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("found_by", "found_by_code", "accepted_by", "accepted_by_code", "openness")
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("case_number", TEXT, nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_commitment_case_id")),
        sa.ForeignKeyConstraint(
            ["subject_code"], ["subject.code"], name=op.f("fk_commitment_subject_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("code", name=op.f("uq_commitment_code")),
    )
    op.create_index(op.f("ix_commitment_made_on_id"), "commitment", ["made_on", "id"])
    op.create_index(op.f("ix_commitment_subject_code"), "commitment", ["subject_code"])
    op.create_index(op.f("ix_commitment_case_id"), "commitment", ["case_id"])
    op.create_table(
        "commitment_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("before", "after")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("basis", "detail")),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("case_number", "actor", "actor_name", "department")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_event_commitment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_event")),
        sa.UniqueConstraint(
            "commitment_id", "sequence", name=op.f("uq_commitment_event_commitment_id_sequence")
        ),
    )
