"""Signing in and out, with a password or by the city's identity provider."""

from dataclasses import asdict
from http import HTTPStatus

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import EngineError, NotAuthenticated, TooManyAttempts, Unavailable
from engine.domain.single_sign_on import Started
from engine.services import sign_ins, single_sign_on
from web import auth
from web.office import current_office
from web.problems import sentence, status_of

blueprint = Blueprint("session", __name__)
Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
_STARTED = "sign_on"


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
    auth.remember(actor)
    return redirect(auth.safe_next(request.form.get("next")) or auth.home_of(actor))


@blueprint.get("/login/provider")
@auth.limiter.limit("30 per minute")
def ask_provider() -> Answer:
    """To the city's identity provider; what must come back from there stays in the browser."""
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
    id_token = auth.forget()
    flash(_("已退出。"), "ok")
    if id_token:
        home = str(current_app.config["PUBLIC_URL"]) + url_for("portal.home")
        try:
            if address := single_sign_on.sign_out_address(current_office(), id_token, home):
                return redirect(address)
        except Unavailable:
            pass  # signed out here in any case
    return redirect(url_for("portal.home"))


def _page(username: str = "", problem: str = "") -> str:
    return render_template(
        "session/login.html",
        username=username,
        problem=problem,
        next=auth.safe_next(request.values.get("next")) or "",
        provider=current_app.config["SIGN_ON"],
    )
