"""What forms of open cases say, in narrow rows: the inbox is searched in these."""

import sqlalchemy as sa
from alembic import op

revision = "0039_words_of_open_cases"
down_revision = "0038_second_factors"
branch_labels = None
depends_on = None


#: Tasks and waits that a closed case left: the few that have no words.
LEFT = sa.text("NOT is_of_open_case")


def upgrade() -> None:
    op.create_table(
        "open_words",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "id", name="pk_open_words"),
    )
    op.create_index(
        "ix_open_place_left", "open_place", ["id"], postgresql_where=LEFT, sqlite_where=LEFT
    )
    # no draft was written as a document that says null
    op.execute("UPDATE task SET draft = NULL WHERE completed_at IS NULL AND draft = 'null'")


def downgrade() -> None:
    op.drop_index("ix_open_place_left", "open_place")
    op.drop_table("open_words")
