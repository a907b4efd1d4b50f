"""What a change of the calendar moved is listed from the lines it left in the histories."""

import sqlalchemy as sa
from alembic import op

revision = "0014_calendar_lines"
down_revision = "0013_breaches"
branch_labels = None
depends_on = None

CALENDAR = sa.text("kind = 'calendar_changed'")


def upgrade() -> None:
    op.create_index(
        "ix_event_calendar", "event", ["at", "id"], postgresql_where=CALENDAR, sqlite_where=CALENDAR
    )


def downgrade() -> None:
    op.drop_index("ix_event_calendar", "event")
