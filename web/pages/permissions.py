"""谁可以办什么: the written matrix, for who oversees."""

from flask import Blueprint, g, render_template

from engine.domain.actor import Permission
from engine.domain.permission_matrix import MARKS
from engine.services import permissions
from web import auth
from web.office import current_office

blueprint = Blueprint("permissions", __name__, url_prefix="/admin/permissions")
blueprint.before_request(auth.staff_with(Permission.INSPECT))


@blueprint.get("")
def index() -> str:
    shown = permissions.shown(current_office(), g.actor)
    return render_template("admin/permissions.html", matrix=shown, marks=MARKS)
