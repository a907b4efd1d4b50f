"""What every step writes is kept narrow; timers know the order in which they were armed.

A changed row is logged from its first changed byte to its last, and a large document is stored anew
when a part of it changes. So what a step changes stands together at the end of a case's row, and what
is written once stands in columns of its own.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document

revision = "0006_narrow"
down_revision = "0005_supervision"
branch_labels = None
depends_on = None

CASE = sa.table(
    "case_file",
    sa.column("id", sa.Uuid()),
    sa.column("facts", Document()),
    sa.column("frozen_records", Document()),
    sa.column("found", Document()),
    sa.column("timer_count", sa.Integer()),
)
TIMER = sa.table(
    "timer",
    sa.column("id", sa.Uuid()),
    sa.column("instance_id", sa.Uuid()),
    sa.column("armed_at", sa.DateTime(timezone=True)),
    sa.column("due_at", sa.DateTime(timezone=True)),
    sa.column("sequence", sa.Integer()),
)
INSTANCE = sa.table("process_instance", sa.column("id", sa.Uuid()), sa.column("case_id", sa.Uuid()))

#: What every step changes in a case's row, and how it is declared.
HOT = {
    "timer_count": "integer",
    "step": "varchar(200)",
    "event_count": "integer",
    "event_hash": "varchar(200)",
}
#: Room left on each page, so that the new version of a row finds its place beside the old one.
ROOMY = ("case_file", "process_instance", "task", "clock", "record")


def upgrade() -> None:
    _split_documents()
    _number_timers()
    _narrow_indexes()
    if op.get_bind().dialect.name == "postgresql":
        _put_last(HOT)
        for table in ROOMY:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = 75)")


def _split_documents() -> None:
    with op.batch_alter_table("case_file") as table:
        for name in ("frozen_records", "found"):
            table.add_column(sa.Column(name, Document(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("timer_count", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    for case_id, facts in connection.execute(sa.select(CASE.c.id, CASE.c.facts)).all():
        moved: dict[str, Any] = {name: facts.pop(name, []) for name in ("frozen_records", "found")}
        if any(moved.values()):
            mine = sa.update(CASE).where(CASE.c.id == case_id)
            connection.execute(mine.values(facts=facts, **moved))


def _number_timers() -> None:
    """What is armed already is numbered as it is due."""
    with op.batch_alter_table("timer") as table:
        table.add_column(sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    armed = (
        sa.select(TIMER.c.id, INSTANCE.c.case_id)
        .join(INSTANCE, INSTANCE.c.id == TIMER.c.instance_id)
        .order_by(TIMER.c.armed_at, TIMER.c.due_at, TIMER.c.id)
    )
    counts: dict[Any, int] = {}
    for timer_id, case_id in connection.execute(armed).all():
        counts[case_id] = counts.get(case_id, 0) + 1
        mine = sa.update(TIMER).where(TIMER.c.id == timer_id)
        connection.execute(mine.values(sequence=counts[case_id]))
    for case_id, count in counts.items():
        connection.execute(sa.update(CASE).where(CASE.c.id == case_id).values(timer_count=count))


def _narrow_indexes() -> None:
    op.drop_index("ix_task_state_candidate_group_due_at", "task")
    op.drop_index("ix_task_assignee_state", "task")
    is_open = "completed_at IS NULL"
    for columns, where in (
        (["candidate_group", "due_at"], is_open),
        (["assignee"], f"{is_open} AND assignee IS NOT NULL"),
    ):
        op.create_index(
            op.f(f"ix_task_{'_'.join(columns)}"),
            "task",
            columns,
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )


def _put_last(columns: dict[str, str]) -> None:
    """The columns, physically at the end of the row, in this order."""
    for name, kind in columns.items():
        nullable = name == "step"
        op.execute(f"ALTER TABLE case_file ADD COLUMN {name}_ {kind}")
        op.execute(f"UPDATE case_file SET {name}_ = {name}")  # noqa: S608 - names written above
        if not nullable:
            op.execute(f"ALTER TABLE case_file ALTER COLUMN {name}_ SET NOT NULL")
        op.execute(f"ALTER TABLE case_file DROP COLUMN {name}")
        op.execute(f"ALTER TABLE case_file RENAME COLUMN {name}_ TO {name}")
