"""What completing a task would lead to, its letters as they would be issued: looked at before the deed."""

from uuid import UUID

from flask import Response, g, render_template, request
from flask_babel import gettext as _

from engine.domain.errors import Conflict, Invalid, NotPermitted, StepFailed
from engine.domain.views import TaskPage
from engine.services import foresight, tasks
from web import forms
from web.locale import language
from web.office import current_office
from web.pages.fragments import is_fragment
from web.pages.papers import as_file
from web.problems import fields_of, sentence

#: Kinds of change a caseworker is told of; timers are the machine's own affair.
TOLD = ("open", "letter", "clock", "case")


def show(task_id: UUID) -> str:
    page = tasks.get(current_office(), g.actor, task_id, now=g.now)
    answers = forms.parse_form(page.form, request.form)
    if wrong := forms.validate(page.form, answers, language=language()):
        asked = forms.questions(page.form, answers, wrong, language=language())
        return _page(page, problems=forms.problems_of(asked))
    try:
        seen = foresight.look(current_office(), g.actor, task_id, answers, now=g.now)
    except (Invalid, Conflict, NotPermitted, StepFailed) as refusal:
        told = [("", text) for text in fields_of(refusal).values()] or [("", sentence(refusal))]
        return _page(page, problems=told)
    return _page(page, seen=seen)


def _page(page: TaskPage, **given: object) -> str:
    sent = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    return render_template(
        "desk/foreseen.html",
        **{"seen": None, "problems": [], **given},
        task=page.task,
        sent=sent,
        told=TOLD,
        is_fragment=is_fragment(),
    )


def letter(task_id: UUID, key: str) -> Response:
    """One letter as PDF, from the answers that were sent."""
    office = current_office()
    schema = tasks.form(office, g.actor, task_id, now=g.now)
    answers = forms.parse_form(schema, request.form)
    pdf = foresight.letter(office, g.actor, task_id, answers, key, now=g.now)
    return as_file(pdf, f"{_('预览')} {key}.pdf", "application/pdf", None)
