"""The register of records: look up, import, a department's pending list, and what happened to each."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import Conflict, Invalid
from engine.domain.listing import DEFAULT_EVENTS
from engine.domain.record import Grade, Publication, Reporting
from engine.domain.record_kind import DefaultKind, RecordKind
from engine.domain.views import RecordView
from engine.services import record_file, records
from web import auth
from web.office import current_office
from web.pages import reports, sites
from web.problems import fields_of, sentence

blueprint = Blueprint("records", __name__, url_prefix="/records")
blueprint.before_request(auth.staff_only)

OUTCOMES = ("refused", "taken", "known")
#: What the register is narrowed to; an address that says something else narrows nothing.
OFFERED: dict[str, frozenset[str]] = {
    "kind": frozenset(RecordKind),
    "publication": frozenset(Publication),
    "grade": frozenset(Grade),
}
LINES_SHOWN = 200
#: What a department enters of a default; itself and the rest are known.
ENTERED = (
    *("DS_BH", "DS_MC", "DS_SHXYM", "DS_FRDB", "DS_LX", "DS_FXRQ", "DS_SS", "DS_YW"),
    *("DS_YJ", "DS_QX", "DS_DF", "DS_JE", "DS_BZ"),
)


@blueprint.get("")
def index() -> str:
    args = request.args
    wanted = {
        name: value
        for name in ("q", "subject", "kind", "publication", "grade")
        if (value := args.get(name, "").strip()) and value in OFFERED.get(name, {value})
    }
    page = records.find(
        current_office(),
        g.actor,
        subject=wanted.get("subject"),
        q=wanted.get("q", ""),
        kind=wanted.get("kind"),
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
        kinds=tuple(RecordKind),
        publications=tuple(Publication),
        grades=tuple(Grade),
        may_import=g.actor.may(Permission.IMPORT_RECORDS),
        may_report=g.actor.may(Permission.REPORT_DEFAULTS),
        may_see_courses=g.actor.may(Permission.SEE_COURSES),
        may_see_certificates=g.actor.may(Permission.SEE_CERTIFICATES),
    )


@blueprint.get("/<uuid:record_id>")
def show(record_id: UUID) -> str:
    record, events = records.get(current_office(), g.actor, record_id, now=g.now)
    may_open = _may_open([record.open_case, *(event.case_number for event in events)])
    return render_template(
        "records/show.html",
        record=record,
        events=events,
        may_open=may_open,
        may_report=_may_report(record),
        file=record_file.get(current_office(), g.actor, record_id, now=g.now),
        may_put_right=g.actor.may(Permission.IMPORT_RECORDS),
    )


def _may_report(record: RecordView) -> bool:
    """Its own department's, waiting, and in nobody's hands."""
    return (
        record.kind == RecordKind.DEFAULT_EVENT.value
        and record.reporting == Reporting.PENDING.value
        and record.open_case is None
        and record.authority_key == g.actor.department
        and g.actor.may(Permission.REPORT_DEFAULTS)
    )


@blueprint.post("/<uuid:record_id>/report")
def report_default(record_id: UUID) -> Response:
    try:
        records.report(current_office(), g.actor, record_id, now=g.now)
    except Conflict as refusal:
        flash(sentence(refusal), "err")
    else:
        flash(_("已上报，从今天起公示。"), "ok")
    return redirect(url_for(".show", record_id=record_id))


@blueprint.get("/new")
def entry_form() -> str:
    g.actor.must(Permission.REPORT_DEFAULTS)
    return _entry_page({}, {})


@blueprint.post("/new")
def enter() -> str | Response | tuple[str, int]:
    given = {code: request.form.get(code, "").strip() for code in ENTERED}
    answers = {code: text for code, text in given.items() if text}
    try:
        record_id = records.enter(current_office(), g.actor, answers, now=g.now)
    except (Invalid, Conflict) as refusal:
        wrong = fields_of(refusal)
        return _entry_page(given, wrong, "" if wrong else sentence(refusal)), 422
    flash(_("已列入本单位待上报清单。"), "ok")
    return redirect(url_for(".show", record_id=record_id))


def _entry_page(given: Mapping[str, str], wrong: Mapping[str, str], problem: str = "") -> str:
    return render_template(
        "records/new.html",
        fields=[DEFAULT_EVENTS.columns.by_code[code] for code in ENTERED],
        choices=tuple(DefaultKind),
        given=given,
        wrong=wrong,
        problem=problem,
        department=g.actor.department,
    )


def _may_open(numbers: Iterable[str | None]) -> frozenset[str]:
    return records.cases_open_to(current_office(), g.actor, numbers)


@blueprint.get("/import")
def import_form() -> str:
    _must_bring()
    return _import_page()


@blueprint.post("/import")
def take_file() -> str | Response | tuple[str, int]:
    _must_bring()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _import_page(_("请先选一个文件。")), 422
    try:
        report = records.import_file(
            current_office(),
            g.actor,
            sent.filename,
            sent.read(),
            kind=request.form.get("kind", RecordKind.PENALTY.value),
            now=g.now,
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
        kinds=_importable(),
        chosen=request.form.get("kind", ""),
        earlier=records.imports(current_office(), g.actor),
    )


def _must_bring() -> None:
    if not g.actor.may(Permission.REPORT_DEFAULTS):
        g.actor.must(Permission.IMPORT_RECORDS)


def _importable() -> tuple[RecordKind, ...]:
    """Who does not import for the city brings the pending list of their own department."""
    is_general = g.actor.may(Permission.IMPORT_RECORDS)
    return tuple(RecordKind) if is_general else (RecordKind.DEFAULT_EVENT,)


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


add = blueprint.add_url_rule
add("/reports", "reports", reports.index)
add("/reports/late", "late", reports.late)
add("/reports/late.xlsx", "late_sheet", reports.late_sheet)
add("/<uuid:record_id>/put-right", "put_right", reports.put_right, methods=["GET", "POST"])
add("/sites", "sites", sites.index)
add("/sites/<uuid:obligation_id>", "site", sites.show)
add("/sites/<uuid:obligation_id>/claim", "claim_site", sites.claim, methods=["POST"])
add("/sites/<uuid:obligation_id>/release", "release_site", sites.release, methods=["POST"])
add("/sites/<uuid:obligation_id>/acts", "log_site", sites.log, methods=["POST"])
add(
    "/sites/<uuid:obligation_id>/answers/<uuid:word_id>",
    "answer_site",
    sites.answer,
    methods=["POST"],
)
