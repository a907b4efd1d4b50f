"""The administrator draws: a version opened in the modeler, judged by the gate, handed in."""

from dataclasses import asdict, is_dataclass
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, abort, g, render_template, request, url_for

from engine.domain.actor import Permission
from engine.domain.errors import Invalid
from engine.domain.views import ModelFile
from engine.domain.words import Words
from engine.services import folder_uploads, modeling, procedures
from engine.services.folder_uploads import Handed
from web import auth
from web.locale import words
from web.office import current_office

blueprint = Blueprint(
    "modeling", __name__, url_prefix="/admin/procedures/<uuid:definition_id>/model"
)


@blueprint.before_request
def _only_administrators() -> None:
    auth.staff_only()
    g.actor.must(Permission.ADMINISTER)


@blueprint.get("")
def show(definition_id: UUID) -> str:
    """One drawing of the version in its editor; `?file=` chooses it, the main diagram else."""
    office = current_office()
    files = modeling.model_files(office, g.actor, definition_id)
    chosen = _chosen(files)
    source = procedures.file(office, g.actor, definition_id, chosen.name)
    return render_template(
        "admin/model.html",
        procedure=procedures.definition(office, g.actor, definition_id, now=g.now),
        files=files,
        chosen=chosen,
        source=source.decode("utf-8", "replace"),
        choices=_told(modeling.choices(office, g.actor, definition_id)),
    )


def _chosen(files: tuple[ModelFile, ...]) -> ModelFile:
    asked = request.args.get("file")
    found = next((one for one in files if asked in (None, one.name)), None)
    if found is None:
        abort(404)
    return found


def _told(value: Any) -> Any:
    """Frozen values as JSON has them, words in the reader's language."""
    if isinstance(value, Words):
        return words(value)
    if isinstance(value, tuple):
        return [_told(each) for each in value]
    if is_dataclass(value):
        return {name: _told(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


@blueprint.post("/check")
def check(definition_id: UUID) -> Response:
    """What the gate says of the edited folder; nothing is kept. JSON {files: {name: XML}}."""
    seen = folder_uploads.look(current_office(), g.actor, _edited(definition_id), now=g.now)
    told = {**seen.report.told(), "changes": [asdict(each) for each in seen.changes]}
    return Response(orjson.dumps(told), mimetype="application/json")


@blueprint.post("/hand-in")
def hand_in(definition_id: UUID) -> Response:
    """Keep the edited folder; the answer says where its report is, from which it is deployed."""
    upload_id = folder_uploads.keep(current_office(), g.actor, _edited(definition_id), now=g.now)
    told = {"href": url_for("deployments.show", upload_id=upload_id)}
    return Response(orjson.dumps(told), 201, mimetype="application/json")


@blueprint.post("/archive")
def archive(definition_id: UUID) -> Response:
    """The edited folder as a zip that `kunxin check` and an upload take."""
    packed = modeling.archive(_edited(definition_id))
    return Response(packed, mimetype="application/zip")


def _edited(definition_id: UUID) -> Handed:
    told = request.get_json(silent=True)
    files = told.get("files") if isinstance(told, dict) else None
    if not isinstance(files, dict) or not all(isinstance(each, str) for each in files.values()):
        raise Invalid("没有收到改过的图。", "the edited drawings did not arrive")
    return modeling.edited(current_office(), g.actor, definition_id, files)
