"""The administrator's pages for folders handed in: the gate's report on the diagram, then deployed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.actor import Permission
from engine.domain.errors import EngineError
from engine.domain.gate_report import Finding
from engine.domain.views import DeploymentView
from engine.services import deployment_rule, folder_uploads
from web import auth
from web.handing_in import handed_in
from web.office import current_office
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("deployments", __name__, url_prefix="/admin/deployments")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding as the page counts it, and how many open cases rest at its element."""

    number: int
    finding: Finding
    live: int


blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def index() -> str:
    return _index()


def _index(problem: str = "", fields: dict[str, str] | None = None) -> str:
    return render_template(
        "admin/deployments.html",
        uploads=folder_uploads.uploads(current_office(), g.actor),
        rule=deployment_rule.shown(current_office(), g.actor),
        problem=problem,
        fields=fields or {},
    )


@blueprint.post("")
def take() -> str | AnyResponse | tuple[str, int]:
    """Keep what was handed in and show what the gate says of it."""
    try:
        handed = handed_in(request.files.get("archive"))
        upload_id = folder_uploads.keep(current_office(), g.actor, handed, now=g.now)
    except EngineError as refusal:
        return _index(sentence(refusal), fields_of(refusal)), 422
    return redirect(url_for(".show", upload_id=upload_id))


@blueprint.get("/<uuid:upload_id>")
def show(upload_id: UUID) -> str:
    return _show(upload_id)


def _show(upload_id: UUID, problem: str = "", reason: str = "") -> str:
    view = folder_uploads.upload(current_office(), g.actor, upload_id, now=g.now, full=True)
    numbered = _numbered(view)
    return render_template(
        "admin/deployment.html",
        view=view,
        numbered=numbered,
        pins={each.process_id: _pins(each.process_id, numbered) for each in view.diagrams},
        problem=problem,
        reason=reason,
    )


def _numbered(view: DeploymentView) -> list[Numbered]:
    live = {(each.process_id, each.element_id): each.count for each in view.live}
    return [
        Numbered(
            number,
            finding,
            live.get((finding.process_id, finding.element_id), 0),
        )
        for number, finding in enumerate(view.report.findings, 1)
    ]


def _pins(process_id: str, numbered: list[Numbered]) -> list[dict[str, Any]]:
    """What web/frontend/src/diagram.js marks: element, number, severity, where it is told."""
    return [
        {
            "id": each.finding.element_id,
            "number": each.number,
            "severity": each.finding.severity.value,
            "href": f"#f{each.number}",
        }
        for each in numbered
        if each.finding.process_id == process_id and each.finding.element_id
    ]


@blueprint.get("/<uuid:upload_id>/report.json")
def report(upload_id: UUID) -> Response:
    """The report for programs, as `kunxin check --json` prints it."""
    view = folder_uploads.upload(current_office(), g.actor, upload_id, now=g.now)
    answer = Response(orjson.dumps(view.report.told()), mimetype="application/json")
    name = f"gate-{view.procedure}-{view.sha256[:8]}.json"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.post("/<uuid:upload_id>/deploy")
def deploy(upload_id: UUID) -> str | AnyResponse | tuple[str, int]:
    """Deploy it, or put it before a second person."""
    office, reason = current_office(), request.form.get("reason", "")[:500]
    try:
        seen = folder_uploads.deploy_upload(office, g.actor, upload_id, reason=reason, now=g.now)
    except EngineError as refusal:
        return _show(upload_id, sentence(refusal), reason), 422
    return _done(seen)


@blueprint.post("/<uuid:upload_id>/approve")
def approve(upload_id: UUID) -> str | AnyResponse | tuple[str, int]:
    try:
        seen = folder_uploads.approve(current_office(), g.actor, upload_id, now=g.now)
    except EngineError as refusal:
        return _show(upload_id, sentence(refusal)), status_of(refusal)
    return _done(seen)


@blueprint.post("/<uuid:upload_id>/reject")
def reject(upload_id: UUID) -> str | AnyResponse | tuple[str, int]:
    note = request.form.get("note", "")[:500]
    try:
        folder_uploads.reject(current_office(), g.actor, upload_id, note=note, now=g.now)
    except EngineError as refusal:
        return _show(upload_id, sentence(refusal)), status_of(refusal)
    flash(_("已退回，不部署。"), "ok")
    return redirect(url_for(".show", upload_id=upload_id))


def _done(seen: DeploymentView) -> AnyResponse:
    if seen.version is None:
        flash(_("已提请另一位管理员批准。"), "ok")
    else:
        flash(_("已部署。新收的件用新版，在办的件依原来的版本办结。"), "ok")
    return redirect(url_for(".show", upload_id=seen.id))


@blueprint.post("/rule")
def rule() -> AnyResponse | tuple[str, int]:
    """Whether a second person is needed; to do without again needs two."""
    wanted = "second" in request.form
    try:
        held = deployment_rule.require(current_office(), g.actor, is_required=wanted, now=g.now)
    except EngineError as refusal:
        return _index(sentence(refusal)), status_of(refusal)
    if held.needs_second == wanted:
        flash(_("已改：部署须两人。") if wanted else _("已改：部署一人即可。"), "ok")
    else:
        flash(_("已记下；另一位管理员也同意后，部署一人即可。"), "info")
    return redirect(url_for(".index"))
