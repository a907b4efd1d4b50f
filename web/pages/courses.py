"""The public's pages of a course: what is taught today, each section, and the check of a certificate."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.domain.errors import NotFound
from engine.domain.views import StudyView
from engine.services import course_certificates, courses
from web import auth
from web.office import current_office
from web.problems import sentence

blueprint = Blueprint("courses", __name__, url_prefix="/courses")


@blueprint.get("")
def index() -> str:
    study = own_study()
    course = study.course if study else courses.shown(current_office(), now=g.now)
    return render_template("portal/course.html", course=course, study=study)


@blueprint.get("/sections/<key>")
def section(key: str) -> str:
    """Anybody may read; who has an enterprise's account is noted to have read."""
    return section_page(key)


def section_page(key: str, *, attendee: str = "", problem: str = "") -> str:
    study = own_study()
    course = study.course if study else courses.shown(current_office(), now=g.now)
    keys = [each.key for each in course.sections]
    if key not in keys:
        abort(404)
    place = keys.index(key)
    return render_template(
        "portal/course_section.html",
        course=course,
        study=study,
        section=course.sections[place],
        place=place + 1,
        before=keys[place - 1] if place else None,
        after=keys[place + 1] if place + 1 < len(keys) else None,
        attendee=attendee or (study.attendee or g.actor.name if study else ""),
        problem=problem,
    )


def own_study() -> StudyView | None:
    if g.actor is None or not g.actor.is_enterprise:
        return None
    return courses.study(current_office(), g.actor, now=g.now)


@blueprint.get("/certificates")
def check() -> str | Response:
    number = request.args.get("number", "").strip()
    if number:
        return redirect(url_for(".checked", number=number))
    return render_template("portal/course_check.html", number="", problem="", found=None)


@blueprint.get("/certificates/<path:number>")
@auth.limiter.limit("30 per minute")
def checked(number: str) -> str | tuple[str, int]:
    try:
        found = course_certificates.check(current_office(), number, now=g.now)
    except NotFound as error:
        told = sentence(error)
        page = render_template("portal/course_check.html", number=number, problem=told, found=None)
        return page, 404
    return render_template("portal/course_check.html", number=number, problem="", found=found)
