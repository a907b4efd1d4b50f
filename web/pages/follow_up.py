"""What is begun on a closed case: its form, at the desk and for the enterprise."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Conflict, Invalid
from engine.domain.views import CaseView, FollowUpView
from engine.services import cases, tellings
from web import auth, forms
from web.locale import language
from web.office import current_office
from web.problems import fields_of, sentence

Answer = str | Response | tuple[str, int]


def show_at_desk(number: str, key: str) -> Answer:
    return _show("desk", number, key)


def begin_at_desk(number: str, key: str) -> Answer:
    return _begin("desk", number, key)


def show(number: str, key: str) -> Answer:
    return _show("enterprise", number, key)


def begin(number: str, key: str) -> Answer:
    return _begin("enterprise", number, key)


def _show(area: str, number: str, key: str) -> str:
    case, offered = _offered(area, number, key)
    return _page(area, case, offered, {}, {})


def _begin(area: str, number: str, key: str) -> Answer:
    case, offered = _offered(area, number, key)
    answers = forms.parse_form(offered.form, request.form)
    errors = forms.validate(offered.form, answers, language=language())
    if errors:
        return _page(area, case, offered, answers, errors), 422
    try:
        tellings.act(current_office(), auth.current_actor(), number, key, answers, now=g.now)
    except (Invalid, Conflict) as refusal:
        told = fields_of(refusal) or {"": sentence(refusal)}
        return _page(area, case, offered, answers, told), 422
    flash(_("已提交：%(title)s", title=offered.title.within(language())), "ok")
    return redirect(_back(area, number))


def _back(area: str, number: str) -> str:
    return url_for(f"{area}.case", number=number)


def _offered(area: str, number: str, key: str) -> tuple[CaseView, FollowUpView]:
    """The case and what the actor may begin on it; else back with a word why not."""
    case = cases.get(current_office(), auth.current_actor(), number, now=g.now)
    found = next((each for each in case.follow_ups if each.key == key), None)
    if found is None:
        flash(_("这一件现在不能这样办：也许尚未办结，或者已经有人启动。"), "warn")
        abort(redirect(_back(area, number)))
    return case, found


def _page(
    area: str,
    case: CaseView,
    offered: FollowUpView,
    answers: Mapping[str, Any],
    errors: Mapping[str, str],
) -> str:
    asked = forms.questions(offered.form, answers, errors, language=language())
    general = [("", errors[""])] if "" in errors else []
    return render_template(
        f"{area}/follow_up.html",
        case=case,
        offered=offered,
        questions=asked,
        problems=[*forms.problems_of(asked), *general],
        submit=forms.submit_label(offered.form),
        intro=forms.intro(offered.form),
        back=_back(area, case.number),
    )
