"""What the desk finds: tasks by their place, cases by a part of what they are called; figures for the planner."""

import sqlalchemy as sa
from alembic import op

revision = "0033_finding"
down_revision = "0032_packed_rows"
branch_labels = None
depends_on = None

OPEN = sa.text("completed_at IS NULL")
#: Each two neighbouring characters of a text. Chinese is searched by two, which is less than the three
#: of PostgreSQL's own extension, and an extension has to be installed by somebody.
PAIRS = """
CREATE FUNCTION pairs_of(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT coalesce(array_agg(DISTINCT substr(said, place, 2)), '{}')
FROM generate_series(1, length(said) - 1) AS place
$$
"""
CALLED = """
CREATE INDEX ix_case_file_called ON case_file
USING gin (pairs_of(number || ' ' || subject_name || ' ' || line))
"""
#: That a task without a moment of completion is open, and most of these unclaimed, no column says by
#: itself: taken for independent of each other, they make a full list look empty, and it is sorted whole.
FIGURES = {
    "task_open": "state, completed_at, assignee, candidate_group, department",
    "task_open_places": "state, completed_at, candidate_group, department, process_id, element_id",
}
#: Combinations kept of each: a city has some hundred groups and departments at some dozen steps.
COMBINATIONS = 400


def upgrade() -> None:
    op.create_index(
        "ix_task_element_id_department",
        "task",
        ["element_id", "department"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    if op.get_bind().dialect.name != "postgresql":
        return  # SQLite keeps a training office: some thousand cases are read through in no time
    op.execute(PAIRS)
    op.execute(CALLED)
    for name, columns in FIGURES.items():
        op.execute(f"CREATE STATISTICS {name} (mcv) ON {columns} FROM task")
        op.execute(f"ALTER STATISTICS {name} SET STATISTICS {COMBINATIONS}")
    op.execute("ANALYZE task")
    op.execute("ANALYZE case_file")


def downgrade() -> None:
    op.drop_index("ix_task_element_id_department", "task")
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in FIGURES:
        op.execute(f"DROP STATISTICS {name}")
    op.drop_index("ix_case_file_called", "case_file")
    op.execute("DROP FUNCTION pairs_of")
