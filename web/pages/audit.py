"""审计: who did what across cases, records and accounts; whether the history is whole."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.actor import Permission
from engine.domain.audit import KINDS, MOST_DAYS, Asked, AuditLine, Source
from engine.domain.errors import EngineError, Invalid
from engine.domain.views import Page
from engine.domain.words import Words
from engine.services import history_checks, office_history, retention_view
from web import auth
from web.days import read_day
from web.locale import language
from web.office import current_office
from web.pages import downloads
from web.problems import fields_of, sentence

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")
blueprint.before_request(auth.staff_with(Permission.AUDIT))


@blueprint.get("")
def index() -> str | tuple[str, int]:
    office, problem = current_office(), ""
    fields: dict[str, str] = {}
    asked = _source()
    page: Page[AuditLine] = Page(())
    try:
        asked = _asked()
        cursor = request.args.get("cursor") or None
        page = office_history.listed(office, g.actor, asked, now=g.now, cursor=cursor)
    except Invalid as refusal:
        problem, fields = sentence(refusal), fields_of(refusal)
    shown = render_template(
        "admin/audit.html",
        chain=history_checks.state(office, g.actor),
        page=page,
        asked=asked,
        kinds=list(KINDS.get(asked.source, ())),
        sources=list(Source),
        given=_given(),
        most_days=MOST_DAYS,
        problem=problem,
        fields=fields,
    )
    return (shown, 422) if problem else shown


def _source() -> Asked:
    """Invalid for a book that the office does not keep: the lines of another would answer for it."""
    told = request.args.get("source", Source.CASES.value)
    if told not in {*Source}:
        raise Invalid("没有这一类审计记录。", "there is no such book of the audit")
    return Asked(source=Source(told))


def _asked() -> Asked:
    given = {name: request.args.get(name, "").strip()[:100] for name in NAMES}
    return replace(
        _source(),
        who=given["who"],
        kind=given["kind"],
        about=given["about"],
        address=given["address"],
        since=_day(given["since"], "since"),
        until=_day(given["until"], "until"),
    )


NAMES = ("who", "kind", "about", "address", "since", "until")


def _given() -> dict[str, str]:
    """What is in the address now, so that links and the export carry it along."""
    return {name: held for name in NAMES if (held := request.args.get(name, "").strip()[:100])}


def _day(text: str, name: str) -> date | None:
    found = read_day(text)
    if text and found is None:
        told = Words("请按年-月-日填写", "write it as year-month-day")
        raise Invalid(told.zh, told.en, fields={name: told})
    return found


@blueprint.get("/export.xlsx")
def export() -> Response:
    content = office_history.as_workbook(current_office(), g.actor, _asked(), **_taker())
    return downloads.workbook(content, _("审计清单"), g.now)


@blueprint.get("/export.csv")
def export_csv() -> Response:
    content = office_history.as_csv(current_office(), g.actor, _asked(), **_taker())
    return downloads.csv(content, _("审计清单"), g.now)


def _taker() -> dict[str, Any]:
    return {"now": g.now, "language": language(), "address": auth.place().address}


@blueprint.post("/checks")
def check() -> AnyResponse:
    """Promise a check, and show how it goes."""
    try:
        check_id = history_checks.ask(current_office(), g.actor)
    except EngineError as refusal:
        flash(sentence(refusal), "err")
        return redirect(url_for(".index"))
    return redirect(url_for(".result", check_id=check_id))


@blueprint.get("/checks/<uuid:check_id>")
def result(check_id: UUID) -> str:
    held = history_checks.get(current_office(), g.actor, check_id)
    return render_template("admin/audit_check.html", check=held)


@blueprint.get("/retention")
def retention() -> str:
    """What is kept for how long and by which law, what is due, and every erasure so far."""
    seen = retention_view.look(current_office(), g.actor, now=g.now)
    return render_template("admin/retention.html", seen=seen)
