"""Signing in and out."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import NotAuthenticated
from engine.services import people
from web import auth
from web.office import current_office

blueprint = Blueprint("session", __name__)


@blueprint.get("/login")
def login() -> str | Response:
    if g.actor is not None:
        return redirect(auth.home_of(g.actor))
    return _page()


@blueprint.post("/login")
@auth.limit_sign_in
def sign_in() -> str | Response | tuple[str, int]:
    username = request.form.get("username", "").strip()
    password = request.form.get("password", "")
    try:
        actor = people.sign_in(current_office(), username, password, now=g.now)
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
