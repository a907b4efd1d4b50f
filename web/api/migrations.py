"""Migrations of running cases onto another version of their procedure."""

from uuid import UUID

from flask import g

from engine.domain.views import MigrationReport, MigrationView, Page
from engine.services import migrations
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.repair import (
    Migration,
    MigrationOrder,
    MigrationPage,
    MigrationWanted,
    Report,
    Undone,
    UndoOrder,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("migrations", "Running cases onto another version")
ONE = "/process-definitions/<uuid:definition_id>"


@noun.call(
    Call(
        "POST",
        f"{ONE}/migrations/preview",
        body=MigrationWanted,
        answer=Report,
        refuses=(404,),
    )
)
def preview(body: Body, definition_id: UUID) -> MigrationReport:
    """How every live case of this version stands to another; nothing is changed"""
    return migrations.preview(
        current_office(),
        current_actor(),
        definition_id,
        body["target"],
        body["mapping"],
        now=g.now,
    )


@noun.call(
    Call(
        "POST",
        f"{ONE}/migrations",
        body=MigrationOrder,
        answer=Migration,
        status=201,
        at="/api/v1/migrations/{id}",
        keyed=True,
        refuses=(404, 409),
    )
)
def migrate(body: Body, definition_id: UUID) -> MigrationView:
    """Migrate the live cases of this version that fit onto another; carried out in batches"""
    office, actor = current_office(), current_actor()
    made = migrations.start(
        office,
        actor,
        definition_id,
        body["target"],
        body["mapping"],
        reason=body["reason"],
        accepts_losses=body["accepts_losses"],
        now=g.now,
    )
    return migrations.get(office, actor, made, now=g.now)


@noun.call(Call("GET", "/migrations", answer=MigrationPage))
def all_migrations() -> Page[MigrationView]:
    """Migrations of running cases, the newest first, without their cases"""
    return Page(migrations.history(current_office(), current_actor()))


@noun.call(Call("GET", "/migrations/<uuid:migration_id>", answer=Migration, refuses=(404,)))
def migration(migration_id: UUID) -> MigrationView:
    """How far a migration is, case by case"""
    return migrations.get(current_office(), current_actor(), migration_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/migrations/<uuid:migration_id>/undo",
        body=UndoOrder,
        answer=Undone,
        refuses=(404,),
    )
)
def undo(body: Body, migration_id: UUID) -> dict[str, object]:
    """Take migrated cases back that have not moved since"""
    told = migrations.undo(
        current_office(),
        current_actor(),
        migration_id,
        body["cases"],
        reason=body["reason"],
        now=g.now,
    )
    return {"cases": told}
