"""The register of penalty records: look up, import, and what happened to each record by which case."""

from collections.abc import Iterable
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import Invalid
from engine.domain.record import Grade, Publication
from engine.services import records
from web import auth
from web.office import current_office
from web.problems import fields_of, sentence

blueprint = Blueprint("records", __name__, url_prefix="/records")
blueprint.before_request(auth.staff_only)

OUTCOMES = ("refused", "taken", "known")
LINES_SHOWN = 200


@blueprint.get("")
def index() -> str:
    args = request.args
    wanted = {
        name: value
        for name in ("q", "subject", "publication", "grade")
        if (value := args.get(name, "").strip())
    }
    page = records.find(
        current_office(),
        g.actor,
        subject=wanted.get("subject"),
        q=wanted.get("q", ""),
        publication=wanted.get("publication"),
        grade=wanted.get("grade"),
        cursor=args.get("cursor") or None,
        now=g.now,
    )
    return render_template(
        "records/index.html",
        page=page,
        wanted=wanted,
        may_open=_may_open(record.open_case for record in page.items),
        publications=tuple(Publication),
        grades=tuple(Grade),
        may_import=g.actor.may(Permission.IMPORT_RECORDS),
        may_see_certificates=g.actor.may(Permission.SEE_CERTIFICATES),
    )


@blueprint.get("/<uuid:record_id>")
def show(record_id: UUID) -> str:
    record, events = records.get(current_office(), g.actor, record_id, now=g.now)
    may_open = _may_open([record.open_case, *(event.case_number for event in events)])
    return render_template("records/show.html", record=record, events=events, may_open=may_open)


def _may_open(numbers: Iterable[str | None]) -> frozenset[str]:
    return records.cases_open_to(current_office(), g.actor, numbers)


@blueprint.get("/import")
def import_form() -> str:
    g.actor.must(Permission.IMPORT_RECORDS)
    return _import_page()


@blueprint.post("/import")
def take_file() -> str | Response | tuple[str, int]:
    g.actor.must(Permission.IMPORT_RECORDS)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _import_page(_("请先选一个文件。")), 422
    try:
        report = records.import_file(
            current_office(), g.actor, sent.filename, sent.read(), now=g.now
        )
    except Invalid as refusal:
        return _import_page(sentence(refusal), tuple(fields_of(refusal).values())), 422
    flash(_("已读完 %(name)s。", name=report.filename), "ok")
    return redirect(url_for("records.report", report_id=report.id))


def _import_page(problem: str = "", details: tuple[str, ...] = ()) -> str:
    return render_template(
        "records/import.html",
        problem=problem,
        details=details,
        earlier=records.imports(current_office(), g.actor),
    )


@blueprint.get("/imports/<uuid:report_id>")
def report(report_id: UUID) -> str:
    found = records.import_report(current_office(), g.actor, report_id)
    chosen = request.args.get("outcome", "")
    lines = [line for line in found.lines if chosen not in OUTCOMES or line.outcome == chosen]
    start = max(0, request.args.get("from", 0, type=int))
    return render_template(
        "records/report.html",
        report=found,
        lines=lines[start : start + LINES_SHOWN],
        chosen=chosen if chosen in OUTCOMES else "",
        counts={"refused": found.refused, "taken": found.taken, "known": found.known},
        following=start + LINES_SHOWN if start + LINES_SHOWN < len(lines) else None,
    )
