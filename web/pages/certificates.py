"""The register of certificates: what was issued, its state now, sums by currency and country."""

from flask import Blueprint, Response, g, render_template, request
from flask_babel import gettext as _

from engine.domain.actor import Permission
from engine.services import certificate_sheets, certificates
from web import auth
from web.office import current_office
from web.pages import downloads

blueprint = Blueprint("certificates", __name__, url_prefix="/records/certificates")
blueprint.before_request(auth.staff_only)


@blueprint.get("")
def index() -> str:
    told = certificates.register(
        current_office(), g.actor, now=g.now, cursor=request.args.get("cursor") or None
    )
    may_open = g.actor.may(Permission.SEE_ALL_CASES)
    return render_template("records/certificates.html", register=told, may_open=may_open)


@blueprint.get("/export.xlsx")
def export() -> Response:
    content = certificate_sheets.as_workbook(current_office(), g.actor, now=g.now)
    return downloads.workbook(content, _("证明台账"), g.now)
