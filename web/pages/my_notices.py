"""Notices for whoever is signed in: the list, one of them, and how one wants to be told."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import EngineError
from engine.domain.notice import Channel, NoticeChoices
from engine.services import notices, own_password
from web import auth
from web.office import current_office
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
OUTSIDE = tuple(each.value for each in Channel if each is not Channel.INBOX)
blueprint.before_request(auth.signed_in_only)


@blueprint.app_context_processor
def _badge() -> dict[str, object]:
    return {"unread_notices": _unread}


def _unread() -> int:
    """How many the reader of this page has not read; asked once a page."""
    if g.get("actor") is None or g.actor.id is None:
        return 0
    if "unread_notices" not in g:
        g.unread_notices = notices.unread(current_office(), g.actor)
    found: int = g.unread_notices
    return found


@blueprint.get("")
def index() -> str:
    return _page(notices.choices(current_office(), g.actor), {})


def _page(chosen: NoticeChoices, problems: dict[str, str]) -> str:
    only = request.args.get("show") == "unread"
    page = notices.mine(
        current_office(), g.actor, unread=only, cursor=request.args.get("cursor") or None, limit=30
    )
    return render_template(
        "notices/index.html",
        page=page,
        only_unread=only,
        chosen=chosen,
        problems=problems,
        outside=OUTSIDE,
        asks_password=notices.email_opens(current_office()),
    )


@blueprint.get("/<uuid:notice_id>")
def show(notice_id: UUID) -> Response:
    """Where an e-mail leads: the notice is read, and its case shown."""
    found = notices.read(current_office(), g.actor, notice_id, now=g.now)
    if found.case_number is None:
        return redirect(url_for(".index") if g.actor.is_enterprise else url_for("desk.inbox"))
    room = "enterprise.case" if g.actor.is_enterprise else "desk.case"
    return redirect(url_for(room, number=found.case_number))


@blueprint.post("/read")
def read_all() -> Response:
    notices.read_all(current_office(), g.actor, now=g.now)
    return redirect(url_for(".index"))


@blueprint.post("/preferences")
def choose() -> Response | tuple[str, int]:
    sent = request.form
    chosen = NoticeChoices(
        sent.get("email", ""),
        sent.get("phone", ""),
        tuple(each for each in OUTSIDE if each in sent.getlist("channels")),
        sent.get("language", "zh"),
    )
    try:
        notices.choose(
            current_office(),
            g.actor,
            email=chosen.email,
            phone=chosen.phone,
            channels=chosen.channels,
            language=chosen.language,
            old_password=sent.get("old_password", ""),
            place=auth.place(),
        )
    except EngineError as refusal:
        told = fields_of(refusal) or {own_password.FIELD: sentence(refusal)}
        return _page(chosen, told), status_of(refusal)
    flash(_("通知方式已保存。"), "ok")
    return redirect(url_for(".index"))
