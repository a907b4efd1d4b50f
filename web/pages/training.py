"""The clock of a training installation: moved by hand, and what falls due on the way happens."""

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import EngineError
from engine.services import calendars, training
from web import auth, problems
from web.locale import SHANGHAI, moment
from web.office import current_office

blueprint = Blueprint("training", __name__, url_prefix="/sandbox")

OPENS = time(9, 0)


@blueprint.before_request
def only_in_training() -> None:
    if not current_office().is_training:
        abort(404)


@blueprint.get("/clock")
def clock() -> str:
    return _page()


@blueprint.post("/clock")
def move() -> str | Response | tuple[str, int]:
    try:
        to = _asked_for(g.now)
        reached = training.set_clock(current_office(), g.actor, to, now=g.now)
    except ValueError:
        return _page(_("请填一个日期和时刻，例如 2020-03-09 09:00。")), 422
    except EngineError as error:
        return _page(problems.sentence(error)), problems.status_of(error)
    flash(_("时钟已拨到 %(moment)s，到期的定时都已触发。", moment=moment(reached.now)), "ok")
    return redirect(auth.safe_next(request.form.get("next")) or url_for(".clock"))


@blueprint.get("/mail")
def mail() -> str:
    """What would have been sent by e-mail."""
    return render_template("session/mail.html", mails=training.mails(current_office()))


def _asked_for(now: datetime) -> datetime:
    """The moment that the pressed button means; ValueError when the date cannot be read."""
    match request.form.get("by"):
        case "hour":
            return now + timedelta(hours=1)
        case "working-day":
            today = now.astimezone(SHANGHAI).date()
            opening = calendars.due(current_office(), today, 1)
            return datetime.combine(opening, OPENS, SHANGHAI).astimezone(UTC)
        case _:
            written = f"{request.form.get('date', '')}T{request.form.get('time', '') or '09:00'}"
            return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI).astimezone(UTC)


def _page(problem: str = "") -> str:
    return render_template(
        "session/clock.html",
        problem=problem,
        next=auth.safe_next(request.values.get("next")) or "",
        today=g.now.astimezone(SHANGHAI),
    )
