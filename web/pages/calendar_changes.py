"""The administrator's pages for changes of the calendar: propose, see what moves, decide, take back."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babel.dates import format_date
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.calendar import CalendarDay
from engine.domain.calendar_views import CalendarChangeView, ChangePreview, MovedLimit
from engine.domain.errors import EngineError
from engine.services import (
    calendar_changes,
    calendar_drafts,
    calendar_moved,
    calendar_sheet,
    calendars,
)
from engine.services.calendar_drafts import Request
from web import auth
from web.days import read_day
from web.locale import language
from web.office import current_office
from web.pages.downloads import workbook
from web.problems import fields_of, sentence

NAMES = ("source", "text", "year", "on", "name", "document", "reason", "letters", "acknowledged")

blueprint = Blueprint("calendar_changes", __name__, url_prefix="/admin/calendars/changes")
#: Which limits a preview lists.
SHOWN = ("all", "later", "earlier", "red", "green", "letter")
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def index() -> str:
    return _index({})


def _index(asked: dict[str, str], problem: str = "", fields: dict[str, str] | None = None) -> str:
    return render_template(
        "admin/calendar_changes.html",
        changes=calendar_changes.changes(current_office(), g.actor),
        asked=asked,
        problem=problem,
        fields=fields or {},
    )


@blueprint.post("")
def propose() -> str | Response | tuple[str, int]:
    """The first press shows what would move; the second, with a reason, proposes it."""
    office, asked = current_office(), _asked()
    try:
        asked |= _sent()
        seen = calendar_drafts.preview(office, g.actor, _request(asked), now=g.now)
    except EngineError as refusal:
        return _index(asked, sentence(refusal), fields_of(refusal)), 422
    if "propose" not in request.form:
        return _preview(seen, asked)
    try:
        made = calendar_changes.propose(office, g.actor, _request(asked), now=g.now)
    except EngineError as refusal:
        return _preview(seen, asked, fields_of(refusal) or {"reason": sentence(refusal)}), 422
    flash(_("已提出，等另一位管理员核对批准。"), "ok")
    return redirect(url_for(".show", change_id=made))


def _preview(
    seen: ChangePreview, asked: dict[str, str], fields: dict[str, str] | None = None
) -> str:
    return render_template(
        "admin/calendar_change.html",
        change=None,
        seen=seen,
        asked={**asked, "document": asked["document"] or seen.document},
        fields=fields or {},
        months=_months(seen),
        limits=_chosen(seen),
        shown="all",
    )


def _asked() -> dict[str, str]:
    asked = {name: request.form.get(name, "").strip() for name in NAMES}
    return asked | _source(asked["text"]) if asked["source"] == "file" else asked


def _sent() -> dict[str, str]:
    """What an uploaded file says, in place of the pasted text. Invalid for what is no text."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return {}
    text = calendar_drafts.text_of(sent.filename, sent.read()).strip()
    return {"text": text, **_source(text)}


def _source(text: str) -> dict[str, str]:
    return {"source": "file" if text.startswith("#") else "notice"}


def _request(asked: dict[str, str]) -> Request:
    return Request(
        source=asked["source"] or "notice",
        text=asked["text"],
        year=int(asked["year"]) if re.fullmatch(r"\d{4}", asked["year"]) else None,
        on=read_day(asked["on"]),
        name=asked["name"],
        document=asked["document"],
        reason=asked["reason"],
        tells_by_letter=bool(asked["letters"]),
        acknowledged=bool(asked["acknowledged"]),
    )


@blueprint.get("/<uuid:change_id>")
def show(change_id: UUID) -> str:
    office = current_office()
    found = calendar_changes.change(office, g.actor, change_id)
    seen = None
    if found.state == "proposed":
        seen = calendar_changes.change_preview(office, g.actor, change_id, now=g.now)
    cursor = request.args.get("cursor")
    shown = request.args.get("shown", "all")
    return render_template(
        "admin/calendar_change.html",
        change=found,
        seen=seen,
        moved=calendar_moved.moved(office, g.actor, change_id, cursor=cursor),
        is_continued=bool(cursor),
        asked={},
        fields={},
        months=_months(seen or found),
        limits=_chosen(seen, shown) if seen else (),
        shown=shown if shown in SHOWN else "all",
    )


def _chosen(seen: ChangePreview, shown: str = "all") -> list[MovedLimit]:
    return [one for one in seen.limits if shown == "all" or shown in _ways(one)]


def _ways(one: MovedLimit) -> set[str]:
    letter = "letter" if one.in_letter else ""
    return {"later" if one.days > 0 else "earlier", one.turns, letter}


@blueprint.get("/<uuid:change_id>/differences.xlsx")
def differences(change_id: UUID) -> Response:
    """Of a proposal, what would move; of a change in force, what it has moved."""
    office = current_office()
    found = calendar_changes.change(office, g.actor, change_id)
    if found.state == "proposed":
        seen = calendar_changes.change_preview(office, g.actor, change_id, now=g.now, most=None)
        content = calendar_sheet.differences(office, seen, language=language())
    else:
        content = calendar_sheet.moved(
            office, g.actor, change_id, found.document, language=language()
        )
    return workbook(content, _("工作日历变更"), g.now)


@blueprint.post("/<uuid:change_id>/approve")
def approve(change_id: UUID) -> Response:
    note = request.form.get("note", "").strip()
    try:
        made = calendar_changes.approve(current_office(), g.actor, change_id, now=g.now, note=note)
    except EngineError as refusal:
        flash(sentence(refusal), "err")
    else:
        flash(_("已批准，%(n)s 个期限改了末日。", n=made.moved), "ok")
    return redirect(url_for(".show", change_id=change_id))


@blueprint.post("/<uuid:change_id>/reject")
def reject(change_id: UUID) -> Response:
    note = request.form.get("note", "").strip()
    try:
        calendar_changes.reject(current_office(), g.actor, change_id, now=g.now, note=note)
    except EngineError as refusal:
        flash(sentence(refusal), "err")
    else:
        flash(_("已退回，日历没有变。"), "ok")
    return redirect(url_for(".show", change_id=change_id))


@blueprint.post("/<uuid:change_id>/revoke")
def revoke(change_id: UUID) -> Response:
    reason = request.form.get("reason", "").strip()
    try:
        back = calendar_changes.revoke(
            current_office(), g.actor, change_id, now=g.now, reason=reason
        )
    except EngineError as refusal:
        flash(sentence(refusal), "err")
        return redirect(url_for(".show", change_id=change_id))
    flash(_("已提出撤销，等另一位管理员批准。"), "ok")
    return redirect(url_for(".show", change_id=back))


@dataclass(frozen=True, slots=True)
class ChangedMonth:
    """A month as it will stand, `blank` cells before its first day; `changed` days are marked."""

    title: str
    blank: int
    days: tuple[CalendarDay, ...]


def _months(held: ChangePreview | CalendarChangeView) -> list[ChangedMonth]:
    """The months in which a day changes, as they stand after the change."""
    changed = {day.on: day.after for day in held.days}
    found = []
    for year, number in sorted({(on.year, on.month) for on in changed})[:6]:
        days = calendars.year(current_office(), year)
        first, length = monthrange(year, number)
        start = (date(year, number, 1) - date(year, 1, 1)).days
        pattern = "M月" if language() == "zh" else "LLLL"
        title = format_date(date(year, number, 1), pattern, locale=language())
        shown = tuple(changed.get(day.on, day) for day in days[start : start + length])
        found.append(ChangedMonth(title, first, shown))
    return found
