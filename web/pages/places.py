"""Lists behind the numbers of the board: where open cases rest, what is late, what is silent."""

from flask import Response as FlaskResponse
from flask import g, render_template, request
from flask_babel import gettext as _

from engine.services import people, procedures, supervision, supervision_sheets
from web.locale import language
from web.office import current_office
from web.pages.downloads import workbook

FILTERS = (
    "department", "procedure", "step", "person", "stage", "light", "age", "due", "whose",
)  # fmt: skip


def wanted() -> dict[str, str]:
    """What narrows the list, from the address."""
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


def show() -> str:
    return _list(wanted())


def breaches() -> str:
    """The same list of what is over its limit, with what only late ones have."""
    return _list({**wanted(), "light": "red"})


def _list(narrowed: dict[str, str]) -> str:
    office = current_office()
    cursor = request.args.get("cursor") or None
    found = supervision.places(office, g.actor, now=g.now, narrowed=narrowed, cursor=cursor)
    return render_template(
        "supervision/places.html",
        page=found,
        wanted=narrowed,
        is_late=narrowed.get("light") == "red",
        departments=people.departments(office),
        procedures=procedures.open_procedures(office, g.actor, now=g.now),
    )


def sheet() -> FlaskResponse:
    narrowed = wanted()
    content = supervision_sheets.places_sheet(
        current_office(), g.actor, narrowed, now=g.now, language=language()
    )
    name = _("超期清单") if narrowed.get("light") == "red" else _("在办清单")
    return workbook(content, name, g.now)


def silent() -> str:
    found = supervision.silent(current_office(), g.actor, now=g.now)
    return render_template("supervision/silent.html", cases=found)
