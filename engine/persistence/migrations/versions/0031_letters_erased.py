"""Letters whose text is erased with their case; the clocks' ledger keeps what was done, not why and by whom."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0031_letters_erased"
down_revision = "0030_audit"
branch_labels = None
depends_on = None

#: As in 0029, and of the entries of the case's clocks the words and names.
ERASE = """
CREATE OR REPLACE FUNCTION erase_history(of_case uuid, through integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE erased integer;
BEGIN
    IF NOT EXISTS (
        SELECT FROM event e JOIN case_file c ON c.id = e.case_id
        WHERE e.case_id = of_case AND c.state = 'closed' AND e.kind = 'history_erased'
          AND e.sequence > through AND (e.changes ->> 'through')::integer = through
    ) THEN
        RAISE EXCEPTION 'no line of the history says that this is erased'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE event SET detail = '', changes = '{}', actor_name = '', salt = NULL, is_erased = true
    WHERE case_id = of_case AND sequence <= through AND NOT is_erased AND kind <> 'history_erased';
    GET DIAGNOSTICS erased = ROW_COUNT;
    UPDATE clock_entry SET reason = '', actor = '' WHERE case_id = of_case;
    RETURN erased;
END $$
"""


def upgrade() -> None:
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("erased_at", Moment(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ERASE)


def downgrade() -> None:
    with op.batch_alter_table("letter") as table:
        table.drop_column("erased_at")
