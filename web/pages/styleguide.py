"""The living style guide: every component in its states, drawn by the macros that the pages use."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from web import style_samples as samples
from web.locale import language
from web.office import current_office
from web.questions import problems_of, questions

blueprint = Blueprint("styleguide", __name__, url_prefix="/styleguide")

#: Names of web/static/kunxin.css, by what they are for.
COLOURS = {
    "ground": ("bg", "surface", "surface-2", "surface-3", "line", "line-2"),
    "ink": ("ink", "ink-2", "ink-3", "accent", "accent-soft"),
    "lights": ("ok", "near", "over", "paused", "prov"),
    "whose": ("who-office", "who-applicant", "who-dept", "who-court"),
}
SPACES = (4, 8, 12, 16, 24, 32, 48)


@blueprint.get("")
def show() -> str:
    asked = questions(
        samples.FORM, samples.ANSWERS, _errors(), language=language(), known=("name",)
    )
    return render_template(
        "styleguide.html",
        colours=COLOURS,
        spaces=SPACES,
        clocks=samples.clocks(current_office().calendar()),
        asked=asked,
        problems=problems_of(asked),
        sample=samples,
        now=samples.NOW,
        elements={"ask": "done", "look": "active", "sign": "late"},
    )


def _errors() -> dict[str, Any]:
    return {
        "code": _("校验位不对：第 18 位应为 U"),
        "reasons": _("写明不符合哪一条件"),
    }
