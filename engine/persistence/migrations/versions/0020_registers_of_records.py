"""Clocks of records, reports upwards, obligations of other sites; histories that cannot be rewritten."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Moment

revision = "0020_registers"
down_revision = "0019_closed_cases"
branch_labels = None
depends_on = None

#: Lines that are added and never changed.
APPEND_ONLY = ("record_event", "record_clock_entry", "obligation_act")
AXES = ("publication", "reporting")


def upgrade() -> None:
    _clocks()
    _reports()
    _obligations()
    _guards()


def _text(name: str, *, length: int | None = 200, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=nullable)


def _id() -> sa.Column[UUID]:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def _of(table: str, name: str = "", *, unique: bool = False) -> sa.Column[UUID]:
    return sa.Column(
        name or f"{table}_id",
        sa.Uuid(),
        sa.ForeignKey(f"{table}.id"),
        nullable=False,
        unique=unique,
    )


def _moment(name: str, *, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, Moment(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _clocks() -> None:
    op.create_table(
        "record_clock",
        _id(),
        _of("record"),
        _text("key"),
        _number("amount"),
        _text("unit"),
        _text("basis", length=None),
        _text("state"),
        _moment("due_at", nullable=False),
        _moment("warn_at", nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        _moment("late_at"),
        _number("entry_count"),
        _number("calendar_edition"),
    )
    op.create_index("ix_record_clock_record_id", "record_clock", ["record_id"])
    op.create_index("ix_record_clock_state", "record_clock", ["state", "calendar_edition"])
    op.create_table(
        "record_clock_entry",
        _id(),
        _of("record_clock", "clock_id"),
        _number("sequence"),
        _text("kind"),
        _moment("effective_at", nullable=False),
        _moment("recorded_at", nullable=False),
        _text("basis", length=None),
        _text("document"),
        _text("actor"),
        _text("reason"),
        sa.Column("names_day", sa.Boolean(), nullable=False),
        _text("ground"),
        _moment("expected_at"),
        _moment("due_before"),
        _moment("due_after"),
        _number("voids"),
        sa.UniqueConstraint("clock_id", "sequence"),
    )


def _reports() -> None:
    op.create_table(
        "record_report",
        _id(),
        _of("record", unique=True),
        _of("record_clock", "clock_id"),
        _text("state"),
        _text("unit"),
        _text("unit_name"),
        _moment("collected_at", nullable=False),
        sa.Column("batch_id", sa.Uuid()),
        _moment("sent_at"),
        _moment("answered_at"),
        _text("cause", length=None),
        _number("tries"),
    )
    op.create_index("ix_record_report_state", "record_report", ["state"])
    op.create_index("ix_record_report_unit", "record_report", ["unit", "state"])


def _obligations() -> None:
    op.create_table(
        "obligation",
        _id(),
        _of("record"),
        _of("record_clock", "clock_id"),
        _text("site"),
        _text("duty"),
        _text("event"),
        _text("case_number", nullable=True),
        _text("document"),
        _moment("opened_at", nullable=False),
        _text("state"),
        _number("act_count"),
        _text("claimed_by", nullable=True),
        _text("claimed_name", nullable=True),
        _text("seen_by", nullable=True),
        _moment("seen_at"),
        _moment("recheck_at"),
        _number("version"),
    )
    for column in ("record_id", "state", "case_number"):
        op.create_index(f"ix_obligation_{column}", "obligation", [column])
    op.create_table(
        "obligation_act",
        _id(),
        _of("obligation"),
        _number("sequence"),
        _moment("at", nullable=False),
        *(_text(name) for name in ("act", "before", "after", "actor", "actor_name", "channel")),
        _text("note", length=None),
        _text("link", length=None),
        _text("proof_sha256", nullable=True),
        _text("proof_name"),
        _text("proof_type"),
        sa.UniqueConstraint("obligation_id", "sequence"),
    )
    op.create_table(
        "still_shown",
        _id(),
        _of("obligation"),
        _of("record_clock", "clock_id"),
        _text("said_by"),
        _text("said_by_name"),
        _moment("said_at", nullable=False),
        _text("link", length=None),
        _text("note", length=None),
        _text("proof_sha256", nullable=True),
        _text("proof_name"),
        _text("proof_type"),
        _text("state"),
        _text("finding"),
        _text("answer", length=None),
        _text("answered_by", nullable=True),
        _moment("answered_at"),
    )
    for column in ("obligation_id", "state"):
        op.create_index(f"ix_still_shown_{column}", "still_shown", [column])


# ── what the database itself refuses ────────────────────────────────────────────────────────────


def _guards() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guards_of_postgresql()
    else:
        _guards_of_sqlite()


def _guards_of_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
    op.execute(
        "CREATE FUNCTION refuse_silent_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'a record changes with a line in its history' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    changed = " OR ".join(f"OLD.{axis} <> NEW.{axis}" for axis in AXES)
    op.execute(
        "CREATE TRIGGER record_changes_in_history BEFORE UPDATE ON record FOR EACH ROW "
        f"WHEN (({changed}) AND NEW.version <= OLD.version) "
        "EXECUTE FUNCTION refuse_silent_change()"
    )


def _guards_of_sqlite() -> None:
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    changed = " OR ".join(f"OLD.{axis} <> NEW.{axis}" for axis in AXES)
    op.execute(
        f"CREATE TRIGGER record_changes_in_history BEFORE UPDATE OF {', '.join(AXES)} ON record "
        f"WHEN ({changed}) AND NEW.version <= OLD.version "
        "BEGIN SELECT RAISE(ABORT, 'a record changes with a line in its history'); END"
    )


def downgrade() -> None:
    is_server = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER record_changes_in_history" + (" ON record" if is_server else ""))
    if is_server:
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION refuse_rewriting()")
        op.execute("DROP FUNCTION refuse_silent_change()")
    else:
        for table in APPEND_ONLY:
            for act in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{act}")
    for table in ("still_shown", "obligation_act", "obligation", "record_report"):
        op.drop_table(table)
    op.drop_table("record_clock_entry")
    op.drop_table("record_clock")
