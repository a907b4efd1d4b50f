"""Signing in and out, with a password or by the city's identity provider."""

from dataclasses import asdict
from http import HTTPStatus
from time import time
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Actor
from engine.domain.errors import EngineError, NotAuthenticated, TooManyAttempts, Unavailable
from engine.domain.second_factor import PATIENCE
from engine.domain.single_sign_on import Started
from engine.services import breached, second_factors, sign_ins, single_sign_on
from web import auth
from web.office import current_office
from web.problems import sentence, status_of

blueprint = Blueprint("session", __name__)
Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
_STARTED, _HALF = "sign_on", "half"


@blueprint.get("/login")
def login() -> Answer:
    if g.actor is not None:
        return redirect(auth.home_of(g.actor))
    return _page()


@blueprint.post("/login")
def sign_in() -> Answer:
    username = request.form.get("username", "").strip()
    password = request.form.get("password", "")
    try:
        actor = sign_ins.sign_in(current_office(), username, password, place=auth.with_device())
    except TooManyAttempts as slowed:
        told = {"Retry-After": str(slowed.retry_after)}
        return _page(username, sentence(slowed)), HTTPStatus.TOO_MANY_REQUESTS, told
    except NotAuthenticated:
        return _page(username, _("账号或密码不对。请再看一遍，注意大小写。")), 401
    is_breached = breached.tell(current_office(), actor, password, place=auth.place())
    wanted = auth.safe_next(request.form.get("next")) or ""
    if second_factors.is_asked(current_office(), actor):
        auth.forget()
        auth.keep(
            _HALF, {"person": str(actor.id), "at": time(), "next": wanted, "breached": is_breached}
        )
        return redirect(url_for(".code"))
    return _let_in(actor, wanted, is_breached=is_breached)


def _let_in(actor: Actor, wanted: str, *, is_breached: bool) -> Response:
    auth.remember(actor)
    if is_breached:
        flash(
            _("您的密码出现在已泄露的密码名单里，别人可能用它登录。请到“我的账号”改密码。"), "warn"
        )
    return redirect(auth.safe_next(wanted) or auth.home_of(actor))


@blueprint.get("/login/code")
def code() -> Answer:
    half = _half()
    if half is None:
        return _page(problem=_("请先输入账号和密码。")), HTTPStatus.BAD_REQUEST
    return render_template("session/code.html", problem="")


@blueprint.post("/login/code")
def prove() -> Answer:
    """The second step: a code of the authenticator, or one of those on paper."""
    half = _half()
    if half is None:
        return _page(problem=_("隔得太久了，请再输入一次账号和密码。")), HTTPStatus.BAD_REQUEST
    given = request.form.get("code", "")
    try:
        actor = second_factors.check(
            current_office(), UUID(half["person"]), given, place=auth.with_device()
        )
    except TooManyAttempts as slowed:
        told = {"Retry-After": str(slowed.retry_after)}
        page = render_template("session/code.html", problem=sentence(slowed))
        return page, HTTPStatus.TOO_MANY_REQUESTS, told
    except NotAuthenticated as refusal:
        return render_template("session/code.html", problem=sentence(refusal)), 401
    return _let_in(actor, half["next"], is_breached=bool(half.get("breached")))


def _half() -> dict[str, Any] | None:
    """Who gave the right password in this browser a few minutes ago; it stays until the code fits."""
    held = auth.take(_HALF)
    if not held or abs(time() - held["at"]) > PATIENCE:
        return None
    auth.keep(_HALF, held)
    return held


@blueprint.get("/login/provider")
@auth.limiter.limit("30 per minute")
def ask_provider() -> Answer:
    """To the city's identity provider; what must come back from there stays in the browser.

    Who is sent here by another site sees the page and its button: nobody is signed in unasked.
    """
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return _page()
    try:
        address, started = single_sign_on.begin(current_office(), _back())
    except Unavailable as away:
        return _page(problem=sentence(away)), status_of(away)
    wanted = auth.safe_next(request.args.get("next")) or ""
    auth.keep(_STARTED, {**asdict(started), "next": wanted})
    return redirect(address)


@blueprint.get("/login/provider/back")
@auth.limiter.limit("30 per minute")
def back_from_provider() -> Answer:
    kept = auth.take(_STARTED)
    wanted = kept.pop("next", "")
    if not kept:
        problem = _("单点登录没有从这里开始，或已经用过。请再点一次。")
        return _page(problem=problem), HTTPStatus.BAD_REQUEST
    told = request.args.to_dict()
    try:
        actor, id_token = single_sign_on.finish(
            current_office(), told, Started(**kept), _back(), place=auth.place()
        )
    except EngineError as refusal:
        return _page(problem=sentence(refusal)), status_of(refusal)
    auth.remember(actor, id_token=id_token, by_provider=True)
    return redirect(auth.safe_next(wanted) or auth.home_of(actor))


def _back() -> str:
    return str(current_app.config["PUBLIC_URL"]) + url_for("session.back_from_provider")


@blueprint.post("/logout")
def logout() -> Response:
    response = redirect(_after_sign_out(auth.forget()))
    response.headers["Clear-Site-Data"] = CLEARED
    return response


#: What a browser drops of this site: the papers and letters it has kept. Scripts store only whether keys are
#: off and a diagram that is being drawn; the cookie that knows the browser again says nothing of anybody.
CLEARED = '"cache"'


def _after_sign_out(id_token: str) -> str:
    flash(_("已退出。"), "ok")
    if id_token:
        home = str(current_app.config["PUBLIC_URL"]) + url_for("portal.home")
        try:
            if address := single_sign_on.sign_out_address(current_office(), id_token, home):
                return address
        except Unavailable:
            pass  # signed out here in any case
    return url_for("portal.home")


def _page(username: str = "", problem: str = "") -> str:
    return render_template(
        "session/login.html",
        username=username,
        problem=problem,
        next=auth.safe_next(request.values.get("next")) or "",
        provider=current_app.config["SIGN_ON"],
    )
