"""Notes of colleagues on a case: written beside the task, read by who may see the case."""

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Invalid
from engine.services import cases, notes
from web.auth import safe_next
from web.locale import words
from web.office import current_office
from web.problems import fields_of, sentence, status_of

Answer = str | Response | tuple[str, int]


def add(number: str) -> Answer:
    text = request.form.get("text", "")
    back = safe_next(request.form.get("next")) or url_for("desk.case", number=number, tab="notes")
    try:
        notes.add(current_office(), g.actor, number, text, now=g.now)
    except Invalid as refusal:
        case = cases.get(current_office(), g.actor, number, now=g.now)
        wrong = fields_of(refusal).get("text") or sentence(refusal)
        page = render_template("desk/note.html", case=case, text=text, wrong=wrong, next=back)
        return page, status_of(refusal)
    flash(_("便笺已存，提到的人会收到通知。") if "@" in text else _("便笺已存。"), "ok")
    return redirect(back)


def people() -> Response:
    """Names for who writes @ and the beginning of one."""
    found = notes.people_like(current_office(), g.actor, request.args.get("q", ""))
    return jsonify([[one.name, words(one.department_title)] for one in found])
