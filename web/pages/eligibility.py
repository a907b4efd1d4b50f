"""能不能修复: asked by code and decision number, without an account."""

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import EngineError
from engine.services import public_eligibility
from web import auth
from web.office import current_office
from web.problems import sentence, status_of


def ask() -> str | Response:
    code, number = _sent("subject").upper(), _sent("number")
    if code and number:
        return redirect(url_for("portal.eligible", subject=code, number=number))
    problems = _blanks(code, number) if request.args else []
    return _form(code, number, problems)


@auth.limiter.limit("20 per minute")
def answer(subject: str) -> str | tuple[str, int]:
    number = _sent("number")
    try:
        found = public_eligibility.ask(current_office(), subject, number, now=g.now)
    except EngineError as refused:
        wrong = "subject" if refused.fields or status_of(refused) == 422 else "number"
        return _form(subject, number, [(wrong, sentence(refused))]), status_of(refused)
    return render_template("portal/eligible.html", found=found, subject=subject, number=number)


def _sent(name: str) -> str:
    return request.args.get(name, "").strip()[:100]


def _form(code: str, number: str, problems: list[tuple[str, str]]) -> str:
    return render_template("portal/eligibility.html", code=code, number=number, problems=problems)


def _blanks(code: str, number: str) -> list[tuple[str, str]]:
    asked = (
        ("subject", code, _("请填统一社会信用代码")),
        ("number", number, _("请填处罚决定书文号")),
    )
    return [(name, told) for name, value, told in asked if not value]
