"""Signing in and out."""

from http import HTTPStatus

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import NotAuthenticated, TooManyAttempts
from engine.services import sign_ins
from web import auth
from web.office import current_office
from web.problems import sentence

blueprint = Blueprint("session", __name__)


@blueprint.get("/login")
def login() -> str | Response:
    if g.actor is not None:
        return redirect(auth.home_of(g.actor))
    return _page()


@blueprint.post("/login")
def sign_in() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
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


@blueprint.post("/logout")
def logout() -> Response:
    auth.forget()
    flash(_("已退出。"), "ok")
    return redirect(url_for("portal.home"))


def _page(username: str = "", problem: str = "") -> str:
    return render_template(
        "session/login.html",
        username=username,
        problem=problem,
        next=auth.safe_next(request.values.get("next")) or "",
    )
