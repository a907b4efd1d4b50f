"""One's own account: where one is signed in, the password, the tokens of one's programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import EngineError, NotFound
from engine.domain.password import LONGEST, SHORTEST
from engine.domain.scope import Scope
from engine.services import own_password, sessions, tokens
from web import auth
from web.office import current_office
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("account", __name__, url_prefix="/account")
Answer = str | Response | tuple[str, int]

#: Days that a token may be made for.
DAYS = (7, 30, 90, 180, 365)
blueprint.before_request(auth.signed_in_only)


@blueprint.get("")
def index() -> Answer:
    return _index_page()


def _index_page(refused: EngineError | None = None) -> Answer:
    office = current_office()
    page = render_template(
        "account/index.html",
        wrong=(fields_of(refused).get(own_password.FIELD) or sentence(refused)) if refused else "",
        sessions=sessions.mine(office, g.actor, this=g.get("session_id")),
        tokens=tokens.mine(office, g.actor),
    )
    return (page, status_of(refused)) if refused else page


@blueprint.post("/sessions/end")
def end_others() -> Answer:
    try:
        sessions.end_others(current_office(), g.actor, **_proof())
    except EngineError as refusal:
        return _index_page(refusal)
    flash(_("其他登录都已结束。"), "ok")
    return redirect(url_for(".index"))


@blueprint.post("/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> Answer:
    try:
        sessions.end_one(current_office(), g.actor, session_id, **_proof())
    except NotFound:
        raise
    except EngineError as refusal:
        return _index_page(refusal)
    flash(_("这次登录已结束。"), "ok")
    return redirect(url_for(".index"))


def _proof() -> dict[str, Any]:
    """The session that asks, and the password that is asked for again."""
    given = request.form.get(own_password.FIELD, "")
    return {"this": g.get("session_id"), "password": given, "place": auth.place()}


@blueprint.get("/password")
def password() -> Answer:
    return _password_page()


@blueprint.post("/password")
def change() -> Answer:
    given = request.form
    old, new = given.get("old_password", ""), given.get("new_password", "")
    if new != given.get("again", ""):
        return _password_page({"again": _("两次填的新密码不一样。")}, 422)
    try:
        own_password.change(
            current_office(),
            g.actor,
            old,
            new,
            place=auth.with_device(),
        )
    except EngineError as refusal:
        wrong = fields_of(refusal) or {own_password.FIELD: sentence(refusal)}
        return _password_page(wrong, status_of(refusal))
    auth.remember(g.actor)  # under a new id: whoever held the old one is out
    flash(_("密码已改。其他登录和令牌都已结束。"), "ok")
    return redirect(auth.home_of(g.actor))


def _password_page(wrong: dict[str, str] | None = None, status: int = 200) -> Answer:
    page = render_template(
        "account/password.html",
        wrong=wrong or {},
        must_change=g.get("must_change_password", False),
        shortest=SHORTEST,
        longest=LONGEST,
    )
    return page, status


@blueprint.get("/tokens")
def own_tokens() -> Answer:
    return _token_page()


@blueprint.post("/tokens")
def make_token() -> Answer:
    try:
        made, until = token_made()
    except EngineError as refusal:
        return _token_page(refusal)
    return _token_page(made=made, until=until)


def token_made(username: str | None = None) -> tuple[str, datetime]:
    """The token that the form asks for, one's own or that of a service; and when it ends."""
    given = request.form
    return tokens.make(
        current_office(),
        g.actor,
        given.get("title", ""),
        given.getlist("scopes"),
        given.get("days", 0, int),
        place=auth.place(),
        username=username,
    )


def _token_page(refused: EngineError | None = None, **shown: object) -> Answer:
    page = render_template(
        "account/tokens.html",
        tokens=tokens.mine(current_office(), g.actor),
        scopes=scopes_for(administers=g.actor.may(Permission.ADMINISTER)),
        days=DAYS,
        problem=sentence(refused) if refused else "",
        wrong=fields_of(refused) if refused else {},
        sent=request.form if refused else {},
        chosen=request.form.getlist("scopes") if refused else [],
        **shown,
    )
    return (page, status_of(refused)) if refused else page


def scopes_for(*, administers: bool) -> list[Scope]:
    """The scopes worth offering: those of administration to administrators only."""
    return [each for each in Scope if administers or not each.startswith("administration")]


@blueprint.post("/tokens/<uuid:token_id>/revoke")
def revoke_token(token_id: UUID) -> Answer:
    tokens.revoke(current_office(), g.actor, token_id, place=auth.place())
    flash(_("令牌已撤销，立即失效。"), "ok")
    return redirect(url_for(".own_tokens"))
