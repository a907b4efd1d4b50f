"""Breaches are written set-wise: no key to check for each row, one index fewer."""

from alembic import op

revision = "0013_breaches"
down_revision = "0012_certificates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.drop_constraint("fk_breach_case_id", type_="foreignkey")
        batch_op.drop_index("ix_breach_due_at")


def downgrade() -> None:
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.create_index("ix_breach_due_at", ["due_at"], unique=False)
        batch_op.create_foreign_key("fk_breach_case_id", "case_file", ["case_id"], ["id"])
