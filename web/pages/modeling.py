"""The administrator edits a version: diagrams, tables, forms, letters; judged by the gate, handed in."""

from dataclasses import asdict, is_dataclass
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.actor import Permission
from engine.domain.errors import Conflict, EngineError, Invalid
from engine.domain.views import ModelDraftView, ModelFile
from engine.domain.words import Words
from engine.services import model_drafts, model_previews, modeling, procedures
from web import auth, forms
from web.keepable import must_keep
from web.locale import language, words
from web.office import current_office
from web.pages.papers import as_file
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint(
    "modeling", __name__, url_prefix="/admin/procedures/<uuid:definition_id>/model"
)
#: Which script edits which kind of file.
EDITORS = {"bpmn": "modeler", "dmn": "table_editor"}
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def show(definition_id: UUID) -> str:
    """One file of the version in its editor; `?file=` chooses it, the main diagram else."""
    return _show(definition_id)


def _show(definition_id: UUID, problem: str = "", fields: dict[str, str] | None = None) -> str:
    office = current_office()
    draft = model_drafts.get(office, g.actor, definition_id)
    files = modeling.model_files(office, g.actor, definition_id, draft.texts)
    chosen = _chosen(files)
    is_letter = chosen.kind == "typ"
    return render_template(
        "admin/model.html",
        procedure=procedures.definition(office, g.actor, definition_id, now=g.now),
        files=files,
        chosen=chosen,
        editor=EDITORS.get(chosen.kind, "text_editor"),
        source=_source(definition_id, draft, chosen),
        draft=draft,
        choices=_told(modeling.choices(office, g.actor, definition_id)),
        samples=model_previews.samples(office, g.actor, definition_id, chosen.name)
        if is_letter
        else (),
        problem=problem,
        fields=fields or {},
        sent=request.form,
    )


def _source(definition_id: UUID, draft: ModelDraftView, chosen: ModelFile) -> str:
    if chosen.name in draft.texts:
        return draft.texts[chosen.name]
    held = procedures.file(current_office(), g.actor, definition_id, chosen.name)
    return held.decode("utf-8", "replace")


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


def _json(told: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(told), status, mimetype="application/json")


@blueprint.post("/draft")
def keep(definition_id: UUID) -> Response:
    """Keep one file: JSON {file, text, seen}. The answer says its revision; 409 when another window
    kept it since."""
    told = request.get_json(silent=True)
    given = told if isinstance(told, dict) else {}
    must_keep(given)
    name, text, seen = given.get("file"), given.get("text"), given.get("seen")
    if not (isinstance(name, str) and isinstance(text, str) and isinstance(seen, int)):
        raise Invalid("没有收到改过的文件。", "the edited file did not arrive")
    try:
        revision = model_drafts.keep(
            current_office(), g.actor, definition_id, name, text, seen, now=g.now
        )
    except (Conflict, Invalid) as refusal:
        return _json({"detail": sentence(refusal)}, status_of(refusal))
    return _json({"revision": revision})


@blueprint.post("/discard")
def discard(definition_id: UUID) -> AnyResponse:
    """Throw away one file of the draft, or all of it."""
    name = request.form.get("file") or None
    model_drafts.discard(current_office(), g.actor, definition_id, name)
    flash(_("草稿已放弃。"), "ok")
    return redirect(url_for(".show", definition_id=definition_id))


@blueprint.post("/files")
def add(definition_id: UUID) -> AnyResponse | tuple[str, int]:
    """A new file in the draft, opened in its editor."""
    given = request.form
    try:
        name = model_drafts.add(
            current_office(),
            g.actor,
            definition_id,
            given.get("kind", ""),
            given.get("key", ""),
            now=g.now,
        )
    except Invalid as refusal:
        return _show(definition_id, sentence(refusal), fields_of(refusal)), 422
    return redirect(url_for(".show", definition_id=definition_id, file=name))


@blueprint.post("/carry")
def carry(definition_id: UUID) -> AnyResponse | tuple[str, int]:
    """Bring the draft to the newest version; what both changed as the form says."""
    choices = {name[5:]: side for name, side in request.form.items() if name.startswith("side:")}
    try:
        newest = model_drafts.carry(current_office(), g.actor, definition_id, choices, now=g.now)
    except Conflict as refusal:
        return _show(definition_id, sentence(refusal)), 409
    flash(_("草稿已搬到新的一版。"), "ok")
    return redirect(url_for(".show", definition_id=newest))


@blueprint.post("/preview")
def preview(definition_id: UUID) -> AnyResponse | tuple[str, int]:
    """The form as it would be asked, or the letter as PDF, of the text that was sent."""
    given = request.form
    name, text = given.get("file", "")[:300], given.get("text", "")
    office = current_office()
    try:
        if name.endswith(".typ"):
            sample = given.get("sample", type=UUID)
            if sample is None:
                raise Invalid("还没有发出过文书，没有样例。", "no letter was issued: no sample")
            pdf = model_previews.letter(office, g.actor, definition_id, name, text, sample)
            return as_file(pdf, f"{_('预览')}.pdf", "application/pdf", None)
        schema = model_previews.form(g.actor, text)
    except EngineError as refusal:
        page = render_template(
            "admin/model_preview.html", problem=sentence(refusal), at=fields_of(refusal).get("text")
        )
        return page, status_of(refusal)
    page = render_template(
        "admin/model_preview.html",
        asked=forms.questions(schema, {}, None, language=language()),
        intro=forms.intro(schema),
        submit=forms.submit_label(schema),
        title=Words(str(schema.get("title", "")), str(schema.get("x-title-en", ""))),
    )
    return page, 200


@blueprint.post("/check")
def check(definition_id: UUID) -> Response:
    """What the gate says of the folder with the draft in it."""
    seen = model_drafts.judge(current_office(), g.actor, definition_id, now=g.now)
    return _json({**seen.report.told(), "changes": [asdict(each) for each in seen.changes]})


@blueprint.post("/hand-in")
def hand_in(definition_id: UUID) -> Response:
    """Hand the draft in; the answer says where its report is, from which it is deployed."""
    upload_id = model_drafts.hand_in(current_office(), g.actor, definition_id, now=g.now)
    return _json({"href": url_for("deployments.show", upload_id=upload_id)}, 201)


@blueprint.post("/archive")
def archive(definition_id: UUID) -> Response:
    """The folder with the draft in it, as a zip that `kunxin check` and an upload take."""
    packed = modeling.archive(model_drafts.handed(current_office(), g.actor, definition_id))
    return Response(packed, mimetype="application/zip")
