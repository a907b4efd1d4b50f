"""Parameters of lights, local limits and extensions: seen and set by the administrator."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import Invalid
from engine.domain.views import ParameterView
from engine.services import parameters
from web import auth
from web.office import current_office
from web.problems import fields_of, sentence

blueprint = Blueprint("parameters", __name__, url_prefix="/admin/parameters")
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def index() -> str:
    return _page()


@blueprint.post("")
def change() -> Response | tuple[str, int]:
    scope, key = request.form.get("scope", ""), request.form.get("key", "")
    try:
        parameters.set_value(
            current_office(),
            g.actor,
            scope=scope,
            key=key,
            value=request.form.get("value", ""),
            basis=request.form.get("basis", ""),
            now=g.now,
        )
    except Invalid as refusal:
        said = " ".join(fields_of(refusal).values()) or sentence(refusal)
        return _page(wrong=(scope, key, said)), 422
    is_of_heat = key in parameters.HEAT_TITLES
    flash(
        _("已改，热力图从现在起按此着色。")
        if is_of_heat
        else _("已改，从现在起新起算的期限按此计算。"),
        "ok",
    )
    return redirect(url_for("parameters.index", at=scope, _anchor="p-" + key))


def _page(wrong: tuple[str, str, str] = ("", "", "")) -> str:
    every = parameters.listed(current_office(), g.actor)
    scopes: dict[str, list[ParameterView]] = {}
    for each in every:
        scopes.setdefault(each.scope, []).append(each)
    asked = request.values.get("scope", request.args.get("at", ""))
    chosen = asked if asked in scopes else ""
    return render_template(
        "admin/parameters.html",
        scopes={scope: held[0].scope_title for scope, held in scopes.items()},
        chosen=chosen,
        held=scopes.get(chosen, []),
        wrong=wrong,
        sent=request.form,
    )
