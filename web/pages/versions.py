"""Versions of a procedure: their files, what differs between two, and cases going from one to another."""

from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.actor import Permission
from engine.domain.errors import EngineError
from engine.domain.views import ProcedureView
from engine.services import migrations, procedures
from web import auth
from web.ids import read_id
from web.office import current_office
from web.problems import sentence, status_of

blueprint = Blueprint("versions", __name__, url_prefix="/admin")
Answer = str | AnyResponse | tuple[str, int]
ONE = "/procedures/<uuid:definition_id>"

#: What stands before an old element's id in the form of a mapping.
MAPPED = "m."
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get(f"{ONE}/files")
def files(definition_id: UUID) -> str:
    return render_template(
        "admin/files.html",
        procedure=_definition(definition_id),
        files=procedures.files(current_office(), g.actor, definition_id),
    )


@blueprint.get(f"{ONE}/files/<path:name>")
def file(definition_id: UUID, name: str) -> Response:
    """One file as plain text: nothing in it is carried out by a browser."""
    content = procedures.file(current_office(), g.actor, definition_id, name)
    return Response(content, mimetype="text/plain", headers={"X-Content-Type-Options": "nosniff"})


@blueprint.get(f"{ONE}/diff")
def compare(definition_id: UUID) -> Answer:
    """`?with=`: the older version to compare with; without it, the one before."""
    target = _definition(definition_id)
    others = _others(target)
    older = request.args.get("with", type=UUID) or _before(target, others)
    if older is None:
        return render_template("admin/diff.html", procedure=target, others=others, diff=None)
    diff = procedures.diff(current_office(), g.actor, older, definition_id)
    return render_template(
        "admin/diff.html", procedure=target, others=others, diff=diff, older=older
    )


@blueprint.get(f"{ONE}/migration")
def plan(definition_id: UUID) -> Answer:
    """The dry run onto `?to=`, with the mapping of the form; nothing is changed by it."""
    origin = _definition(definition_id)
    others = _others(origin)
    to = request.args.get("to", type=UUID) or next(
        (one.definition_id for one in others if one.version > origin.version), None
    )
    return _plan(origin, others, to)


@blueprint.post(f"{ONE}/migration")
def migrate(definition_id: UUID) -> Answer:
    origin, to = _definition(definition_id), read_id(request.form["to"])
    try:
        made = migrations.start(
            current_office(),
            g.actor,
            definition_id,
            to,
            _mapping(),
            reason=request.form.get("why", ""),
            accepts_losses="losses" in request.form,
            now=g.now,
        )
    except EngineError as refusal:
        page = _plan(origin, _others(origin), to, refused=sentence(refusal))
        return page, status_of(refusal)
    flash(_("已开始迁移，一批一批地办。"), "ok")
    return redirect(url_for("versions.migration", migration_id=made))


def _plan(
    origin: ProcedureView, others: list[ProcedureView], to: UUID | None, refused: str = ""
) -> str:
    report = None
    if to is not None and origin.definition_id is not None:
        report = migrations.preview(
            current_office(), g.actor, origin.definition_id, to, _mapping(), now=g.now
        )
    return render_template(
        "admin/migration_plan.html",
        procedure=origin,
        others=others,
        report=report,
        mapping=_mapping(),
        refused=refused,
        reason=request.form.get("why", ""),
    )


def _mapping() -> dict[str, str]:
    return {
        name.removeprefix(MAPPED): value
        for name, value in request.values.items()
        if name.startswith(MAPPED) and value
    }


@blueprint.get("/migrations/<uuid:migration_id>")
def migration(migration_id: UUID) -> str:
    return render_template(
        "admin/migration.html",
        held=migrations.get(current_office(), g.actor, migration_id, now=g.now),
    )


@blueprint.post("/migrations/<uuid:migration_id>/undo")
def undo(migration_id: UUID) -> Answer:
    told = migrations.undo(
        current_office(),
        g.actor,
        migration_id,
        request.form.getlist("case"),
        reason=request.form.get("why", ""),
        now=g.now,
    )
    undone = sum(text == "undone" for text in told.values())
    if undone:
        flash(_("已退回 %(n)s 件。", n=undone), "ok")
    for text in (text for text in told.values() if text != "undone"):
        flash(text, "warn")
    return redirect(url_for("versions.migration", migration_id=migration_id))


def _definition(definition_id: UUID) -> ProcedureView:
    return procedures.definition(current_office(), g.actor, definition_id, now=g.now)


def _others(held: ProcedureView) -> list[ProcedureView]:
    """The other versions of the procedure, the newest first."""
    known = procedures.definitions(current_office(), g.actor, now=g.now)
    found = [
        one for one in known if one.key == held.key and one.definition_id != held.definition_id
    ]
    return sorted(found, key=lambda one: -one.version)


def _before(held: ProcedureView, others: list[ProcedureView]) -> UUID | None:
    older = (one for one in others if one.version < held.version)
    nearest = next(older, None)
    return nearest.definition_id if nearest else None
