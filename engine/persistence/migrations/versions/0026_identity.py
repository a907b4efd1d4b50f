"""Who is at the door: sessions that end on the server, places known, tokens with scopes, what happened to accounts."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0026_identity"
down_revision = "0025_two_chains"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(
            sa.Column("is_service", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("temporary_until", Moment(), nullable=True))
        table.add_column(sa.Column("password_changed_at", Moment(), nullable=True))
    _tokens()
    op.create_table(
        "web_session",
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_web_session_person_id_person")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_web_session")),
        sa.UniqueConstraint("id", name=op.f("uq_web_session_id")),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"])
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"])
    op.create_table(
        "known_place",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_known_place_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "place", name=op.f("pk_known_place")),
    )
    op.create_table(
        "sign_in_count",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_count")),
    )
    op.create_index(op.f("ix_sign_in_count_last_at"), "sign_in_count", ["last_at"])
    op.create_table(
        "linked_identity",
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_linked_identity_person_id_person")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_linked_identity")),
        sa.UniqueConstraint(
            "person_id", "issuer", name=op.f("uq_linked_identity_person_id_issuer")
        ),
    )
    op.create_table(
        "account_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("detail", Document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_event")),
    )
    op.create_index(op.f("ix_account_event_username_at"), "account_event", ["username", "at"])
    op.create_index(op.f("ix_account_event_at"), "account_event", ["at"])
    _guards()


def _tokens() -> None:
    """A token that is in use stays in use: it may do what it could, until it expires."""
    with op.batch_alter_table("token") as table:
        table.add_column(sa.Column("id", sa.Uuid(), nullable=True))
        table.add_column(
            sa.Column("title", sa.String(length=200), nullable=False, server_default="")
        )
        table.add_column(
            sa.Column("prefix", sa.String(length=200), nullable=False, server_default="")
        )
        table.add_column(sa.Column("scopes", Document(), nullable=True))
        table.add_column(
            sa.Column("created_by", sa.String(length=200), nullable=False, server_default="")
        )
        table.add_column(sa.Column("last_used_at", Moment(), nullable=True))
    held = sa.table("token", sa.column("hash", sa.String()), sa.column("id", sa.Uuid()))
    bind = op.get_bind()
    for each in bind.scalars(sa.select(held.c.hash)).all():
        bind.execute(sa.update(held).where(held.c.hash == each).values(id=uuid4()))
    with op.batch_alter_table("token") as table:
        table.alter_column("id", existing_type=sa.Uuid(), nullable=False)
        table.create_unique_constraint(op.f("uq_token_id"), ["id"])
    op.create_index(op.f("ix_token_person_id"), "token", ["person_id"])


def _guards() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER account_event_append_only BEFORE UPDATE OR DELETE ON account_event "
            "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER account_event_no_{act.lower()} BEFORE {act} ON account_event "
            "BEGIN SELECT RAISE(ABORT, 'account_event is append-only'); END"
        )


def downgrade() -> None:
    for name in (
        "account_event",
        "linked_identity",
        "sign_in_count",
        "known_place",
        "web_session",
    ):
        op.drop_table(name)
    op.drop_index(op.f("ix_token_person_id"), "token")
    with op.batch_alter_table("token") as table:
        table.drop_constraint(op.f("uq_token_id"), type_="unique")
        for column in ("id", "title", "prefix", "scopes", "created_by", "last_used_at"):
            table.drop_column(column)
    with op.batch_alter_table("person") as table:
        for column in ("is_service", "temporary_until", "password_changed_at"):
            table.drop_column(column)
