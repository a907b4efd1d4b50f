"""Records of several kinds: what was there are penalties; the others may have no grade and no term."""

import sqlalchemy as sa
from alembic import op

revision = "0018_record_kinds"
down_revision = "0017_open_copies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("record", "record_import"):
        with op.batch_alter_table(table) as changed:
            changed.add_column(
                sa.Column("kind", sa.String(200), nullable=False, server_default="penalty")
            )
    with op.batch_alter_table("record") as record:
        record.alter_column("grade", existing_type=sa.String(200), nullable=True)
        record.alter_column("ends_on", existing_type=sa.Date(), nullable=True)
        record.alter_column("import_id", existing_type=sa.Uuid(), nullable=True)
        record.create_index(op.f("ix_record_kind_reporting"), ["kind", "reporting"])
