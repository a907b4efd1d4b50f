"""Leave cover: the officer's own page, and the supervisor's view of who is away."""

from datetime import date
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.calendar import SHANGHAI
from engine.domain.errors import EngineError, Invalid
from engine.domain.leave import Cover
from engine.services import leave, people
from web.auth import safe_next
from web.days import read_day
from web.locale import language
from web.office import current_office
from web.problems import sentence, status_of

Answer = str | Response | tuple[str, int]


def own() -> Answer:
    """Whose leave it is, the dates, the substitute; what is in hand and would breach meanwhile."""
    return _page()


def _page(refused: EngineError | None = None) -> Answer:
    office, given = current_office(), request.values
    person = given.get("person") or g.actor.username
    today = g.now.astimezone(SHANGHAI).date()
    first = _day(given.get("starts_on")) or today
    last = _day(given.get("ends_on")) or first
    new = Cover(person, given.get("substitute") or None, first, last)
    seen = leave.preview(office, g.actor, new, now=g.now)
    asked = "starts_on" in given
    page = render_template(
        "desk/leave.html",
        seen=seen,
        first=first,
        last=last,
        substitute=new.substitute,
        reason=given.get("reason", ""),
        asked=asked,
        today=today,
        refused=sentence(refused) if refused else "",
        wrong=refused.fields_within(language()) if refused else {},
        covers=leave.mine(office, g.actor, now=g.now) if person == g.actor.username else (),
        is_own=person == g.actor.username,
    )
    return (page, status_of(refused)) if refused else page


def enter() -> Answer:
    given = request.form
    person = given.get("person") or g.actor.username
    first, last = _day(given.get("starts_on")), _day(given.get("ends_on"))
    if first is None or last is None:
        return _page(Invalid("请填写第一天和最后一天。", "give the first day and the last"))
    new = Cover(person, given.get("substitute") or None, first, last)
    reason = given.get("reason", "").strip()
    try:
        made = leave.enter(current_office(), g.actor, new, now=g.now, reason=reason)
    except EngineError as refusal:
        return _page(refusal)
    flash(_("已登记 %(name)s 的请假，到期自动结束。", name=made.person_name), "ok")
    return redirect(_back(person))


def end(leave_id: UUID) -> Response:
    leave.end(current_office(), g.actor, leave_id, now=g.now)
    flash(_("已销假，工作回到本人手里。"), "ok")
    return redirect(_back(g.actor.username))


def _back(person: str) -> str:
    wanted = safe_next(request.form.get("next"))
    if wanted:
        return wanted
    is_own = person == g.actor.username
    return url_for("desk.leave") if is_own else url_for("supervision.leave")


def overview() -> str:
    office = current_office()
    staff = [one for one in people.people(office, g.actor) if not one.subject and one.is_active]
    return render_template(
        "supervision/leave.html",
        covers=leave.overview(office, g.actor, now=g.now),
        staff=staff,
        may=g.actor.may(Permission.SUPERVISE),
    )


def _day(text: str | None) -> date | None:
    return read_day(text)
