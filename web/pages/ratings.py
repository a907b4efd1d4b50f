"""好差评: rating a case by number and query code, and the supervisor's page of what ratings add up to."""

from typing import Any

from flask import g, render_template, request

from engine.domain.errors import EngineError, Invalid
from engine.services import procedures, ratings
from web import forms
from web.locale import language
from web.office import current_office
from web.problems import fields_of, sentence


def form(number: str) -> str | tuple[str, int]:
    """The small form, for who holds the pair; a wrong pair or a closed period goes back to tracking."""
    return _page(number, {}, {})


def rate(number: str) -> str | tuple[str, int]:
    office, code = current_office(), request.form.get("code", "")
    try:
        schema = ratings.form(office, number, code, now=g.now)
        answers = forms.parse_form(schema, request.form)
        errors = forms.validate(schema, answers, language=language())
        if errors:
            return _page(number, answers, errors)
        ratings.rate(office, number, code, answers, now=g.now)
    except Invalid as error:
        return _page(number, {}, fields_of(error))
    except EngineError as error:
        return _closed(number, sentence(error))
    return render_template("portal/rated.html", number=number, code=code)


def _page(number: str, answers: dict[str, Any], errors: dict[str, str]) -> str | tuple[str, int]:
    code = request.values.get("code", "")
    try:
        schema = ratings.form(current_office(), number, code, now=g.now)
    except EngineError as error:
        return _closed(number, sentence(error))
    asked = forms.questions(schema, answers, errors, language=language())
    page = render_template(
        "portal/rate.html",
        number=number,
        code=code,
        questions=asked,
        submit=forms.submit_label(schema),
        errors=errors,
    )
    return (page, 422) if errors else page


def _closed(number: str, told: str) -> tuple[str, int]:
    problems = [("number", told)]
    code = request.values.get("code", "")
    page = render_template("portal/track.html", number=number, code=code, problems=problems)
    return page, 404


def board() -> str:
    office = current_office()
    titles = {
        each.key: each.title for each in procedures.open_procedures(office, g.actor, now=g.now)
    }
    seen = ratings.board(office, g.actor, now=g.now)
    return render_template("supervision/ratings.html", seen=seen, titles=titles)
