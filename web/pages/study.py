"""The enterprise's pages of a course: sections read, the test, the certificate."""

from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.domain.errors import Conflict, Invalid
from engine.services import course_certificates, courses
from web import auth
from web.office import current_office
from web.pages.courses import section_page
from web.problems import fields_of, sentence

blueprint = Blueprint("study", __name__, url_prefix="/my/course")
blueprint.before_request(auth.enterprise_only)


@blueprint.post("/sections/<key>")
def read(key: str) -> Answer | str | tuple[str, int]:
    """A section was read: on to the next one, or back to the course when it was the last."""
    name = request.form.get("attendee", "")
    try:
        courses.read_section(current_office(), auth.current_actor(), key, attendee=name, now=g.now)
    except Invalid as refusal:
        return section_page(key, attendee=name, problem=fields_of(refusal)["attendee"]), 422
    following = request.form.get("after")
    if following:
        return redirect(url_for("courses.section", key=following))
    return redirect(url_for("courses.index"))


@blueprint.post("/exams")
def begin() -> Answer:
    try:
        exam = courses.begin(current_office(), auth.current_actor(), now=g.now)
    except Conflict as refusal:
        flash(sentence(refusal), "err")
        return redirect(url_for("courses.index"))
    return redirect(url_for(".exam", exam_id=exam))


@blueprint.get("/exams/<uuid:exam_id>")
def exam(exam_id: UUID) -> str:
    return _page(exam_id, {}, {})


@blueprint.post("/exams/<uuid:exam_id>")
def hand_in(exam_id: UUID) -> Answer | str | tuple[str, int]:
    office, actor = current_office(), auth.current_actor()
    sent = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    try:
        told = courses.answer(office, actor, exam_id, sent, now=g.now)
    except Invalid as refusal:
        return _page(exam_id, sent, fields_of(refusal)), 422
    if told.certificate:
        flash(_("通过了，培训证明 %(number)s 已发。", number=told.certificate), "ok")
    return redirect(url_for(".exam", exam_id=exam_id))


def _page(exam_id: UUID, sent: dict[str, list[str]], wrong: dict[str, str]) -> str:
    office, actor = current_office(), auth.current_actor()
    told = courses.exam(office, actor, exam_id, now=g.now)
    course = courses.shown(office, now=g.now)
    return render_template("enterprise/exam.html", exam=told, course=course, sent=sent, wrong=wrong)


@blueprint.get("/certificates/<path:number>")
def certificate(number: str) -> Response:
    actor = auth.current_actor()
    _number, content = course_certificates.open_certificate(current_office(), actor, number)
    return Response(content, mimetype="application/pdf")
