"""A record is held by one open case of each kind: a repair and an objection may be open at once."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document

revision = "0003_holds"
down_revision = "0002_calendar"
branch_labels = None
depends_on = None

RECORD = sa.table(
    "record",
    sa.column("id", sa.Uuid()),
    sa.column("open_case", sa.String()),
    sa.column("holds", Document()),
)


def upgrade() -> None:
    with op.batch_alter_table("record") as record:
        record.add_column(sa.Column("holds", Document(), nullable=False, server_default="{}"))
        record.add_column(sa.Column("notes", Document(), nullable=False, server_default="[]"))
    connection = op.get_bind()
    held = sa.select(RECORD.c.id, RECORD.c.open_case).where(RECORD.c.open_case.is_not(None))
    for record_id, number in connection.execute(held).all():
        mine = sa.update(RECORD).where(RECORD.c.id == record_id)
        connection.execute(mine.values(holds={"repair": number}))
    with op.batch_alter_table("record") as record:
        record.drop_column("open_case")
