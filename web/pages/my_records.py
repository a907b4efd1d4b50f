"""An enterprise's own record: three axes, history, cases, other sites; and its word "still shown"."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Conflict, Invalid
from engine.domain.record import Publication
from engine.services import record_file, records, site_work, still_shown
from web import auth
from web.office import current_office
from web.pages.sites import proof_of_request
from web.problems import fields_of, sentence

blueprint = Blueprint("my_records", __name__, url_prefix="/my/records")
blueprint.before_request(auth.enterprise_only)


@blueprint.get("/<uuid:record_id>")
def show(record_id: UUID) -> str:
    office, actor = current_office(), auth.current_actor()
    record, events = records.get(office, actor, record_id, now=g.now)
    found = record_file.get(office, actor, record_id, now=g.now)
    return render_template(
        "enterprise/record.html",
        record=record,
        events=events,
        file=found,
        may_say=record.publication not in (Publication.SHOWN, Publication.NOT_SHOWN),
    )


@blueprint.get("/<uuid:record_id>/sites/<uuid:obligation_id>")
def site(record_id: UUID, obligation_id: UUID) -> str:
    found = site_work.get(current_office(), auth.current_actor(), obligation_id, now=g.now)
    return render_template("enterprise/site.html", found=found, record_id=record_id)


@blueprint.route("/<uuid:record_id>/still-shown", methods=["GET", "POST"])
def say(record_id: UUID) -> str | Response | tuple[str, int]:
    """仍在公示: which site, and a link or a picture."""
    office, actor, form = current_office(), auth.current_actor(), request.form
    record, _events = records.get(office, actor, record_id, now=g.now)
    problem, problems, status = "", {}, 200
    if request.method == "POST":
        try:
            still_shown.say(
                office,
                actor,
                record_id,
                form.get("site", ""),
                link=form.get("link", ""),
                note=form.get("note", ""),
                proof=proof_of_request(),
                now=g.now,
            )
        except (Invalid, Conflict) as refusal:
            problem, problems, status = sentence(refusal), fields_of(refusal), 422
        else:
            flash(_("已收到，2 个工作日内核实并答复您。"), "ok")
            return redirect(url_for(".show", record_id=record_id, _anchor="sites"))
    page = render_template(
        "enterprise/still_shown.html",
        record=record,
        sites=tuple(office.sites.sites.values()),
        given=form or request.args,
        problem=problem,
        problems=problems,
    )
    return page if status == 200 else (page, status)
