"""No index holds what every step changes of a case, so its row is changed in place (HOT)."""

import sqlalchemy as sa
from alembic import op

revision = "0023_in_place"
down_revision = "0022_lights_told"
branch_labels = None
depends_on = None

OPEN, STUCK = sa.text("state = 'open'"), sa.text("open_incidents > 0")
#: Room that a page keeps for the next version of its rows.
ROOM = {"case_file": 80, "process_instance": 80, "clock": 90}


def upgrade() -> None:
    op.drop_index("ix_case_file_state_due_at", "case_file")
    op.drop_index("ix_case_file_stuck", "case_file")
    op.create_index(
        "ix_case_file_open",
        "case_file",
        ["filed_at", "id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "ix_case_file_stuck", "case_file", ["filed_at"], postgresql_where=STUCK, sqlite_where=STUCK
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, share in ROOM.items():
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {share})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ROOM:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
    op.drop_index("ix_case_file_stuck", "case_file")
    op.drop_index("ix_case_file_open", "case_file")
    op.create_index(
        "ix_case_file_stuck", "case_file", ["due_at"], postgresql_where=STUCK, sqlite_where=STUCK
    )
    op.create_index("ix_case_file_state_due_at", "case_file", ["state", "due_at"])
