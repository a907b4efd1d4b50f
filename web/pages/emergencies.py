"""The administrator's page of emergency responses: declare, change the level, end; a second confirms."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.calendar import SHANGHAI
from engine.domain.choice import Choice
from engine.domain.emergency import Act, EmergencyKind, Level
from engine.domain.errors import EngineError
from engine.services import emergencies, emergency_acts
from engine.services.emergency_acts import Proposal
from web import auth
from web.days import read_day
from web.ids import read_id
from web.office import current_office
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("emergencies", __name__, url_prefix="/admin/emergencies")
Answer = str | Response | tuple[str, int]
Chosen = TypeVar("Chosen", bound=Choice)
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def index() -> Answer:
    return _page()


@blueprint.post("")
def propose() -> Answer:
    given = request.form
    proposal = Proposal(
        act=_one_of(Act, given.get("act")) or Act.DECLARE,
        on=_day(given.get("on")),
        document=given.get("document", ""),
        reason=given.get("reason", ""),
        level=_one_of(Level, given.get("level")),
        emergency_id=read_id(given["emergency"]) if given.get("emergency") else None,
        kind=_one_of(EmergencyKind, given.get("kind")) or EmergencyKind.PUBLIC_HEALTH,
        title=given.get("title", ""),
    )
    try:
        emergency_acts.propose(current_office(), g.actor, proposal, now=g.now)
    except EngineError as refusal:
        return _page(refusal)
    flash(_("已提出，等另一位管理员核对。"), "ok")
    return redirect(url_for(".index"))


@blueprint.post("/<uuid:act_id>")
def decide(act_id: UUID) -> Answer:
    confirmed = request.form.get("then") == "confirm"
    try:
        emergency_acts.decide(
            current_office(),
            g.actor,
            act_id,
            confirmed=confirmed,
            note=request.form.get("note", ""),
            now=g.now,
        )
    except EngineError as refusal:
        return _page(refusal)
    flash(_("已确认。") if confirmed else _("已驳回。"), "ok")
    return redirect(url_for(".index"))


def _page(refused: EngineError | None = None) -> Answer:
    office = current_office()
    page = render_template(
        "admin/emergencies.html",
        responses=emergencies.listed(office, g.actor, now=g.now),
        resting=emergencies.resting(office, g.actor, now=g.now),
        kinds=[(each.value, each.words) for each in EmergencyKind],
        levels=[(each.value, each.words) for each in Level],
        today=g.now.astimezone(SHANGHAI).date(),
        problem=sentence(refused) if refused else "",
        wrong=fields_of(refused) if refused else {},
        sent=request.form,
    )
    return (page, status_of(refused)) if refused else page


def _one_of(kind: type[Chosen], text: str | None) -> Chosen | None:
    return next((each for each in kind if each.value == text), None)


def _day(text: str | None) -> date:
    today: date = g.now.astimezone(SHANGHAI).date()
    return read_day(text) or today
