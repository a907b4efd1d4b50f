"""办事指南: what can be done online, and for each service: who, papers, limits, law, the form."""

from flask import Blueprint, g, render_template

from engine.services import guides, procedures
from web.office import current_office

blueprint = Blueprint("services", __name__, url_prefix="/services")


@blueprint.get("")
def index() -> str:
    offered = procedures.open_procedures(current_office(), g.actor, now=g.now)
    about_records = [each for each in offered if each.takes_records]
    others = [each for each in offered if not each.takes_records]
    return render_template("portal/services.html", about_records=about_records, others=others)


@blueprint.get("/<key>")
def show(key: str) -> str:
    return render_template(
        "portal/service.html", guide=guides.guide(current_office(), key, now=g.now)
    )
