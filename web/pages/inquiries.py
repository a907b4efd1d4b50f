"""Questions about a case: asked on the enterprise's page, answered at the desk."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Invalid
from engine.services import cases, inquiries
from web import auth
from web.office import current_office
from web.problems import fields_of, status_of

blueprint = Blueprint("inquiries", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.post("/my/cases/<number>/inquiries")
def ask(number: str) -> Answer:
    auth.enterprise_only()
    text = request.form.get("text", "")
    try:
        inquiries.ask(current_office(), auth.current_actor(), number, text, now=g.now)
    except Invalid as refusal:
        return _asking(number, text, fields_of(refusal).get("text", "")), status_of(refusal)
    flash(_("已留言。答复会出现在这里，也会发通知给您。"), "ok")
    return redirect(url_for("enterprise.case", number=number, _anchor="inquiries"))


def _asking(number: str, text: str, problem: str) -> str:
    """The question again, with what is wrong with it."""
    found = cases.get(current_office(), auth.current_actor(), number, now=g.now)
    return render_template("enterprise/inquiry.html", case=found, text=text, problem=problem)


@blueprint.get("/desk/cases/<number>/inquiries")
def show(number: str) -> str:
    return _show(number)


def _show(number: str, text: str = "", problem: str = "") -> str:
    auth.staff_only()
    office, actor = current_office(), auth.current_actor()
    return render_template(
        "desk/inquiries.html",
        case=cases.get(office, actor, number, now=g.now),
        lines=inquiries.of_case(office, actor, number),
        text=text,
        problem=problem,
    )


@blueprint.post("/desk/cases/<number>/inquiries")
def answer(number: str) -> Answer:
    auth.staff_only()
    text = request.form.get("text", "")
    try:
        inquiries.answer(current_office(), auth.current_actor(), number, text, now=g.now)
    except Invalid as refusal:
        return _show(number, text, fields_of(refusal).get("text", "")), status_of(refusal)
    flash(_("已答复，企业会收到通知。"), "ok")
    return redirect(url_for(".show", number=number))
