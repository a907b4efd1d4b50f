"""The enterprise's own pages: its records, applications and cases."""

from flask import Blueprint, render_template

from web import auth

blueprint = Blueprint("enterprise", __name__, url_prefix="/my")
blueprint.before_request(auth.enterprise_only)


@blueprint.get("")
def home() -> str:
    return render_template("portal/home.html")


@blueprint.get("/records")
def records() -> str:
    return render_template("portal/home.html")
