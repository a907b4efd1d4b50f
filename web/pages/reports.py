"""双公示: the queue to the upper platform, what it refused, and what is late through which department."""

from datetime import date
from uuid import UUID

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.domain.actor import Permission
from engine.domain.errors import Conflict, Invalid
from engine.services import record_file, records, report_lists, report_sheet, reporting
from web.days import read_day
from web.locale import language
from web.office import current_office
from web.pages.downloads import workbook
from web.problems import fields_of, sentence


def index() -> str:
    """Reports by what they wait for."""
    office, wanted = current_office(), request.args.get("show", "waiting")
    show = wanted if wanted in report_lists.SHOWS else "waiting"
    page = report_lists.listed(
        office,
        g.actor,
        now=g.now,
        show=show,
        unit=request.args.get("unit") or None,
        cursor=request.args.get("cursor") or None,
    )
    return render_template(
        "records/reports.html",
        page=page,
        show=show,
        unit=request.args.get("unit", ""),
        counts=report_lists.counts(office, g.actor, now=g.now),
        may_put_right=g.actor.may(Permission.IMPORT_RECORDS),
    )


def late() -> str:
    """By department: in time, late, over."""
    since, until = _span()
    units = report_lists.late_by_unit(
        current_office(), g.actor, now=g.now, since=since, until=until
    )
    page = report_lists.listed(
        current_office(),
        g.actor,
        now=g.now,
        show="late",
        since=since,
        until=until,
        cursor=request.args.get("cursor") or None,
    )
    return render_template(
        "records/late.html", units=units, page=page, since=since, until=until, whose=WHOSE
    )


WHOSE = report_lists.WHOSE


def late_sheet() -> Response:
    since, until = _span()
    content = report_sheet.late_sheet(
        current_office(), g.actor, now=g.now, language=language(), since=since, until=until
    )
    return workbook(content, _("双公示逾期清单"), g.now)


def _span() -> tuple[date | None, date | None]:
    """This year's decisions, unless asked otherwise: what came before the system did is old stock."""
    if "since" not in request.args and "until" not in request.args:
        return date(current_office().calendar().local_date(g.now).year, 1, 1), None
    return _day("since"), _day("until")


def _day(name: str) -> date | None:
    return read_day(request.args.get(name))


def put_right(record_id: UUID) -> str | Answer | tuple[str, int]:
    """What the platform refused: its reason, and the blanks that may be put right."""
    g.actor.must(Permission.IMPORT_RECORDS)
    office = current_office()
    given = {name: request.form.get(name, "") for name in reporting.PUT_RIGHT}
    if request.method == "POST":
        try:
            reporting.put_right(
                office,
                g.actor,
                record_id,
                given,
                reason=request.form.get("reason", ""),
                now=g.now,
            )
        except (Invalid, Conflict) as refusal:
            return _put_right_page(record_id, sentence(refusal), fields_of(refusal)), 422
        flash(_("已改正，排入上报队列。"), "ok")
        return redirect(url_for("records.show", record_id=record_id))
    return _put_right_page(record_id)


def _put_right_page(
    record_id: UUID, problem: str = "", problems: dict[str, str] | None = None
) -> str:
    office = current_office()
    record, _events = records.get(office, g.actor, record_id, now=g.now)
    found = record_file.get(office, g.actor, record_id, now=g.now)
    return render_template(
        "records/put_right.html",
        record=record,
        report=found.report,
        given=request.form,
        problem=problem,
        problems=problems or {},
    )
