"""The public's pages: services, tracking, verification, published records."""

from flask import Blueprint, render_template

blueprint = Blueprint("portal", __name__)


@blueprint.get("/")
def home() -> str:
    return render_template("portal/home.html")


@blueprint.get("/track")
def track() -> str:
    return render_template("portal/home.html")


@blueprint.get("/about")
def about() -> str:
    return render_template("portal/home.html")
