"""The register of training: who attended, how far, which certificates were issued."""

from flask import Blueprint, Response, g, render_template, request

from engine.domain.views import CourseView
from engine.services import course_certificates, courses
from web import auth
from web.office import current_office

blueprint = Blueprint("course_register", __name__, url_prefix="/records/courses")
blueprint.before_request(auth.staff_only)


@blueprint.get("")
def index() -> str:
    office = current_office()
    course: CourseView = courses.shown(office, now=g.now)
    page = course_certificates.register(
        office,
        g.actor,
        {course.key: course.title},
        now=g.now,
        cursor=request.args.get("cursor") or None,
    )
    return render_template("records/courses.html", page=page, course=course)


@blueprint.get("/certificates/<path:number>")
def certificate(number: str) -> Response:
    _number, content = course_certificates.open_certificate(current_office(), g.actor, number)
    return Response(content, mimetype="application/pdf")
