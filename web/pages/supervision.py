"""What the supervisor sees: today's board, breaches with whose time they cost, the flow as a heat map."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.clock import Light
from engine.domain.errors import Invalid
from engine.domain.supervision_views import Board, HeatMap, LightCounts, MatrixCell
from engine.domain.words import Words
from engine.services import people, procedures, supervision, tasks
from web import auth
from web.auth import safe_next
from web.office import current_office
from web.pages.fragments import is_fragment
from web.problems import sentence

blueprint = Blueprint("supervision", __name__, url_prefix="/supervision")
LIGHTS = ("red", "yellow", "green", "blue", "provisional")


@blueprint.before_request
def _only_supervisors() -> None:
    auth.staff_only()
    g.actor.must(Permission.SUPERVISE)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Departments down, procedures across, and the sums of both."""

    procedures: tuple[tuple[str, Words], ...]
    rows: tuple[tuple[str, Words, tuple[LightCounts | None, ...], int], ...]
    sums: tuple[LightCounts, ...]
    total: int


@blueprint.get("")
def board() -> str:
    return render_template("supervision/board.html", **_board())


@blueprint.get("/now")
def now() -> Response:
    """The board alone, for the page that keeps itself true; 304 while nothing changed."""
    response = make_response(render_template("supervision/now.html", **_board()))
    response.add_etag()
    return response.make_conditional(request)


def _board() -> dict[str, object]:
    seen: Board = supervision.board(current_office(), g.actor, now=g.now)
    return {
        "board": seen,
        "matrix": _matrix(seen.matrix),
        "lights": LIGHTS,
        "most_open": max((one.open for one in seen.workload), default=0),
        "most_aged": max((band.count for band in seen.ageing), default=0),
        "nav_counts": {"supervision": len(seen.breaches)} if seen.breaches else {},
    }


def _matrix(cells: Iterable[MatrixCell]) -> Matrix:
    found = tuple(cells)
    across = {cell.procedure: cell.procedure_title for cell in found}
    down = {cell.department: cell.department_title for cell in found}
    by_place = {(cell.department, cell.procedure): cell.counts for cell in found}
    rows = []
    for department, title in down.items():
        row = tuple(by_place.get((department, procedure)) for procedure in across)
        rows.append((department, title, row, sum(_sum(counts) for counts in row if counts)))
    sums = tuple(
        _added(by_place[place] for place in by_place if place[1] == procedure)
        for procedure in across
    )
    return Matrix(tuple(across.items()), tuple(rows), sums, sum(map(_sum, sums)))


def _sum(counts: LightCounts) -> int:
    return sum(getattr(counts, light) for light in LIGHTS)


def _added(several: Iterable[LightCounts]) -> LightCounts:
    total = LightCounts()
    for counts in several:
        more = {light: getattr(total, light) + getattr(counts, light) for light in LIGHTS}
        total = replace(total, **more)
    return total


@blueprint.get("/breaches")
def breaches() -> str:
    office = current_office()
    wanted = {
        name: value for name in ("department", "procedure") if (value := request.args.get(name))
    }
    return render_template(
        "supervision/breaches.html",
        breaches=supervision.breaches(
            office,
            g.actor,
            now=g.now,
            department=wanted.get("department"),
            procedure=wanted.get("procedure"),
        ),
        departments=people.departments(office),
        procedures=procedures.open_procedures(office, g.actor, now=g.now),
        wanted=wanted,
    )


@blueprint.get("/heatmap/<procedure>")
def heatmap(procedure: str) -> str:
    seen: HeatMap = supervision.heatmap(current_office(), g.actor, procedure, now=g.now)
    order = {Light.RED: 0, Light.YELLOW: 1}
    processes = [
        {
            "id": process,
            "title": seen.titles.get(process, Words(process)),
            "xml": xml,
            "elements": sorted(
                (one for one in seen.elements if one.process_id == process),
                key=lambda one: (order.get(one.light, 2), -one.open, -one.count),
            ),
        }
        for process, xml in seen.diagrams.items()
    ]
    return render_template("supervision/heatmap.html", seen=seen, processes=processes)


@blueprint.get("/notices/new")
def notice_form() -> str:
    task_id = request.args.get("task", type=UUID)
    if task_id is None:
        raise Invalid("请从超期清单里选一件。", "choose a breach from the list")
    return _notice_page(task_id)


@blueprint.post("/notices")
def issue_notice() -> str | Response | tuple[str, int]:
    task_id = request.form.get("task", type=UUID)
    if task_id is None:
        raise Invalid("请从超期清单里选一件。", "choose a breach from the list")
    ground = request.form.get("ground", "").strip()
    if not ground:
        return _notice_page(task_id, _("请写明督办的理由。")), 422
    try:
        issued = supervision.issue_notice(
            current_office(), g.actor, task_id, ground=ground, now=g.now
        )
    except Invalid as refusal:
        return _notice_page(task_id, sentence(refusal), ground), 422
    flash(_("已签发督办单 %(number)s。", number=issued.number), "ok")
    return redirect(safe_next(request.form.get("next")) or url_for("supervision.board"))


def _notice_page(task_id: UUID, problem: str = "", ground: str = "") -> str:
    return render_template(
        "supervision/notice.html",
        task=tasks.get(current_office(), g.actor, task_id, now=g.now).task,
        problem=problem,
        ground=ground,
        next=safe_next(request.args.get("next") or request.form.get("next")),
        is_fragment=is_fragment(),
    )
