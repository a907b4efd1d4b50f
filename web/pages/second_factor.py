"""Two-step sign-in on the page of one's account: setting it up, codes for the day the phone is lost."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.domain.errors import EngineError
from engine.domain.second_factor import Beginning
from engine.services import second_factors
from web import auth
from web.office import current_office
from web.problems import sentence, status_of

blueprint = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")
Answer = str | Response | tuple[str, int]
blueprint.before_request(auth.signed_in_only)


@blueprint.get("")
def show() -> Answer:
    return _page()


@blueprint.post("/begin")
def begin() -> Answer:
    try:
        begun = second_factors.begin(
            current_office(),
            g.actor,
            request.form.get("old_password", ""),
            place=auth.with_device(),
        )
    except EngineError as refusal:
        return _page(refusal)
    return _page(begun=begun)


@blueprint.post("/confirm")
def confirm() -> Answer:
    given = request.form.get("code", "")
    try:
        codes = second_factors.confirm(current_office(), g.actor, given, place=auth.with_device())
    except EngineError as refusal:
        return _page(refusal, waits=True)
    auth.remember(g.actor)  # under a new id: what the password alone has opened is over
    return _page(codes=codes)


@blueprint.post("/codes")
def renew() -> Answer:
    given = request.form.get("code", "")
    try:
        codes = second_factors.renew_codes(current_office(), g.actor, given, place=auth.place())
    except EngineError as refusal:
        return _page(refusal)
    return _page(codes=codes)


@blueprint.post("/remove")
def remove() -> Answer:
    given = request.form.get("code", "")
    try:
        second_factors.remove(current_office(), g.actor, given, place=auth.place())
    except EngineError as refusal:
        return _page(refusal)
    flash(_("两步验证已取消。"), "ok")
    return redirect(url_for("account.index"))


def _page(
    refused: EngineError | None = None, *, begun: Beginning | None = None, **shown: object
) -> Answer:
    page = render_template(
        "account/second_factor.html",
        factor=second_factors.of(current_office(), g.actor),
        begun=begun,
        picture=Markup(begun.picture) if begun else "",  # noqa: S704 - drawn by us
        problem=sentence(refused) if refused else "",
        **shown,
    )
    return (page, status_of(refused)) if refused else page
