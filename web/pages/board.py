"""Today's board: every red before it hurts, and every number a link to what it counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response as FlaskResponse
from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.supervision_views import Board, LightCounts, MatrixCell
from engine.domain.words import Words
from engine.services import procedures, supervision, supervision_sheets
from engine.services import workload as loads
from web.locale import language
from web.office import current_office
from web.pages.downloads import workbook

LIGHTS = ("red", "yellow", "green", "blue", "provisional")
#: What the board can be read by -> how a row and a column of it narrow the list behind a number.
DIMENSIONS = {
    "department": ("department", "procedure"),
    "procedure": ("procedure", "stage"),
    "step": ("step", "procedure"),
    "person": ("person", "procedure"),
}


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    title: Words
    cells: tuple[tuple[str, LightCounts | None], ...]  # (column, counts)
    sum: LightCounts


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of one dimension, columns of another, and the sums of both."""

    row_name: str
    column_name: str
    columns: tuple[tuple[str, Words], ...]
    rows: tuple[Row, ...]
    sums: tuple[tuple[str, LightCounts], ...]
    total: LightCounts


def show() -> str:
    return render_template("supervision/board.html", **_board())


def now() -> Response:
    """The board alone, for the page that keeps itself true; 304 while nothing changed."""
    response = make_response(render_template("supervision/now.html", **_board()))
    response.add_etag()
    return response.make_conditional(request)


def workload() -> str:
    """Who has how much in hand; from here work is handed over."""
    found = loads.everybody(current_office(), g.actor, now=g.now)
    most = max((one.open for one in found), default=0)
    return render_template("supervision/workload.html", found=found, most_open=most)


def sheet() -> FlaskResponse:
    content = supervision_sheets.board_sheet(
        current_office(), g.actor, now=g.now, by=_by(), language=language()
    )
    return workbook(content, _("今日看板"), g.now)


def _by() -> str:
    asked = request.args.get("by", "")
    return asked if asked in DIMENSIONS else "department"


def _board() -> dict[str, object]:
    seen: Board = supervision.board(current_office(), g.actor, now=g.now, by=_by())
    return {
        "board": seen,
        "matrix": _matrix(seen.by, seen.matrix),
        "lights": LIGHTS,
        "dimensions": tuple(DIMENSIONS),
        "procedure_titles": _procedures(),
        "most_open": max((one.open for one in seen.workload), default=0),
        "most_aged": max((band.count for band in seen.ageing), default=0),
        "nav_counts": {"supervision": seen.lights.red} if seen.lights.red else {},
    }


def _matrix(by: str, found: Iterable[MatrixCell]) -> Matrix:
    cells = tuple(found)
    across = {cell.column: cell.column_title for cell in cells}
    down = {cell.row: cell.row_title for cell in cells}
    at = {(cell.row, cell.column): cell.counts for cell in cells}
    rows = [
        Row(
            key,
            title,
            tuple((column, at.get((key, column))) for column in across),
            _added(at[place] for place in at if place[0] == key),
        )
        for key, title in down.items()
    ]
    rows.sort(key=lambda row: (-row.sum.red, -row.sum.total, row.key))
    sums = tuple(
        (column, _added(at[place] for place in at if place[1] == column)) for column in across
    )
    row_name, column_name = DIMENSIONS[by]
    total = _added(counts for _, counts in sums)
    return Matrix(row_name, column_name, tuple(across.items()), tuple(rows), sums, total)


def _procedures() -> tuple[tuple[str, Words], ...]:
    """The procedures that are open today, for the ways to their heat maps."""
    opened = procedures.open_procedures(current_office(), g.actor, now=g.now)
    return tuple((one.key, one.title) for one in opened)


def _added(several: Iterable[LightCounts]) -> LightCounts:
    total = LightCounts()
    for counts in several:
        total += counts
    return total
