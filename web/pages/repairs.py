"""The page of an incident: what it is, what was tried, and what an administrator does about it."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import EngineError, Invalid
from engine.domain.views import IncidentDetail, RepairPlan
from engine.services import incidents
from engine.services.incidents import Correction, Move
from web import auth, forms
from web.ids import read_id
from web.locale import language
from web.office import current_office
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("repairs", __name__, url_prefix="/admin/incidents")
Answer = str | Response | tuple[str, int]

#: What stands before the name of a process variable in the form.
VARIABLE = "v."
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("/<uuid:incident_id>")
def show(incident_id: UUID) -> str:
    return _page(_detail(incident_id))


@blueprint.post("/<uuid:incident_id>/retry")
def retry(incident_id: UUID) -> Answer:
    def act() -> RepairPlan:
        return incidents.retry(current_office(), g.actor, incident_id, now=g.now)

    return _done(incident_id, act, _("再试成功，办件继续往下走了。"), "retry")


@blueprint.post("/<uuid:incident_id>/answer")
def answer(incident_id: UUID) -> Answer:
    detail = _detail(incident_id)
    try:
        correction = _correction(detail)
    except Invalid as refusal:
        return _refused(detail, refusal, "answer")

    def act() -> RepairPlan:
        return incidents.answer(
            current_office(),
            g.actor,
            incident_id,
            correction,
            now=g.now,
            is_preview=_is_preview(),
        )

    return _done(incident_id, act, _("已按改正的内容办理，办件继续往下走了。"), "answer")


@blueprint.post("/<uuid:incident_id>/move")
def move(incident_id: UUID) -> Answer:
    process_id, _sep, element_id = request.form.get("target", "").partition(":")

    def act() -> RepairPlan:
        wanted = Move(
            read_id(request.form["wait"]),
            process_id,
            element_id,
            request.form.get("why", ""),
            alone="alone" in request.form,
        )
        office = current_office()
        return incidents.move(
            office, g.actor, incident_id, wanted, now=g.now, is_preview=_is_preview()
        )

    return _done(incident_id, act, _("已移动，办件从新的位置继续。"), "move")


@blueprint.post("/<uuid:incident_id>/confirm")
def confirm(incident_id: UUID) -> Answer:
    def act() -> RepairPlan:
        return incidents.confirm(current_office(), g.actor, incident_id, now=g.now)

    return _done(incident_id, act, _("已确认，办件从新的位置继续。"), "move")


@blueprint.post("/setting")
def setting() -> Response:
    required = "second" in request.form
    held = incidents.require_second(current_office(), g.actor, is_required=required)
    if held.needs_second == required:
        flash(
            _("已改：移动办件须第二人确认。") if required else _("已改：移动办件一人即可。"), "ok"
        )
    else:
        flash(_("已记下；另一位管理员也同意后，移动办件一人即可。"), "info")
    return redirect(url_for("admin.stuck"))


def _is_preview() -> bool:
    return request.form.get("act") != "apply"


def _detail(incident_id: UUID) -> IncidentDetail:
    return incidents.get(current_office(), g.actor, incident_id, now=g.now)


def _correction(detail: IncidentDetail) -> Correction:
    """What was typed that differs from what was tried."""
    given: Any = None
    if detail.form:
        given = forms.parse_form(detail.form, request.form)
        if wrong := forms.validate(detail.form, given, language=language()):
            raise Invalid(_("有未填或填错的内容。"), "something is missing or wrong", fields=wrong)
    elif "payload" in request.form:
        given = _json(request.form["payload"])
    variables = {
        name.removeprefix(VARIABLE): _loose(text)
        for name, text in request.form.items()
        if name.startswith(VARIABLE)
    }
    return Correction(
        answers=None if given == detail.answers else given,
        variables={k: v for k, v in variables.items() if v != detail.variables.get(k, "")},
        case_number=request.form.get("case_number", "").strip(),
        reason=request.form.get("why", "").strip(),
    )


def _json(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        wrong = _("消息内容应为 JSON 对象。")
        raise Invalid(wrong, "a message is a JSON object", fields={"payload": wrong})
    return told


def _loose(text: str) -> Any:
    """A variable as typed: JSON where it is JSON, text otherwise."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _done(incident_id: UUID, act: Callable[[], RepairPlan], said: str, part: str) -> Answer:
    try:
        plan = act()
    except EngineError as refusal:
        return _refused(_detail(incident_id), refusal, part)
    if plan.awaits_second:
        flash(_("已提议，等另一位管理员确认。"), "info")
        return redirect(url_for("repairs.show", incident_id=incident_id))
    if not plan.is_applied:
        return _page(_detail(incident_id), plan=plan, part=part)
    flash(said, "ok")
    return redirect(url_for("repairs.show", incident_id=incident_id))


def _refused(detail: IncidentDetail, refusal: EngineError, part: str) -> Answer:
    return (
        _page(detail, part=part, refused=sentence(refusal), wrong=fields_of(refusal)),
        status_of(refusal),
    )


def _page(
    detail: IncidentDetail,
    *,
    plan: RepairPlan | None = None,
    part: str = "",
    refused: str = "",
    wrong: dict[str, str] | None = None,
) -> str:
    sent = request.form if part == "answer" else None
    answers = forms.parse_form(detail.form, sent) if sent and detail.form else detail.answers
    asked = forms.questions(detail.form, answers, wrong, language=language()) if detail.form else []
    is_open = detail.incident.resolved_at is None
    return render_template(
        "admin/incident.html",
        detail=detail,
        one=detail.incident,
        asked=asked if is_open else [],
        plan=plan,
        part=part,
        refused=refused,
        sent=request.form,
        payload=json.dumps(detail.answers, ensure_ascii=False, indent=1),
        variables={k: _shown(v) for k, v in detail.variables.items()},
        marks=_marks(detail),
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _marks(detail: IncidentDetail) -> dict[str, dict[str, str]]:
    """Process -> element states, the incident's element marked as what is late is."""
    one = detail.incident
    return {
        view.process_id: {
            **view.elements,
            **({one.element_id or "": "late"} if view.process_id == one.process_id else {}),
        }
        for view in detail.diagrams
    }
