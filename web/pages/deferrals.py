"""The register of deferrals: what runs until when, what ends soon, what became of the others."""

from flask import Blueprint, Response, g, render_template, request
from flask_babel import gettext as _

from engine.services import deferral_register, records
from web import auth
from web.office import current_office
from web.pages import downloads

blueprint = Blueprint("deferrals", __name__, url_prefix="/records/deferrals")
blueprint.before_request(auth.staff_only)


@blueprint.get("")
def index() -> str:
    office, show, q = current_office(), _show("running"), request.args.get("q", "").strip()
    cursor = request.args.get("cursor") or None
    page = deferral_register.listed(office, g.actor, now=g.now, show=show, q=q, cursor=cursor)
    return render_template(
        "records/deferrals.html",
        page=page,
        counts=deferral_register.counts(office, g.actor, now=g.now),
        show=show,
        q=q,
        may_open=records.cases_open_to(office, g.actor, (each.case_number for each in page.items)),
    )


@blueprint.get("/export.xlsx")
def export() -> Response:
    show, q = _show("all"), request.args.get("q", "").strip()
    content = deferral_register.as_workbook(current_office(), g.actor, now=g.now, show=show, q=q)
    return downloads.workbook(content, _("暂缓台账"), g.now)


def _show(usual: str) -> str:
    asked = request.args.get("show", usual)
    return asked if asked in deferral_register.SHOWS else usual
