"""The late list of reports as a workbook, in the reader's language."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from engine.domain.actor import Actor
from engine.domain.views import LateUnit, ReportRow
from engine.domain.words import Words
from engine.exchange.workbook import Cell, Share, SheetOfRows, write_workbook
from engine.persistence import models
from engine.services.office import Office
from engine.services.report_lists import (
    WHOSE,
    decided_within,
    joined,
    late_by_unit,
    row_view,
    showing,
)

MOST = 20_000
UNITS = (
    Words("部门", "Department"),
    Words("应上报", "To be reported"),
    Words("按时", "In time"),
    Words("迟报", "Reported late"),
    Words("逾期未报", "Over, not reported"),
    Words("其中部门报送迟", "of these: sent late by the department"),
    Words("在期限内", "Still in time"),
    Words("及时率", "Rate in time"),
)
LINES = (
    Words("部门", "Department"),
    Words("决定书文号", "Number"),
    Words("行政相对人", "Subject"),
    Words("决定日期", "Decided on"),
    Words("归集时间", "Collected at"),
    Words("应于", "Due"),
    Words("上报时间", "Reported at"),
    Words("逾期工作日", "Working days late"),
    Words("状态", "State"),
    Words("原因", "Cause"),
)


def late_sheet(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    language: str,
    since: date | None = None,
    until: date | None = None,
) -> bytes:
    """The late list as XLSX: departments, then every late record."""
    units = late_by_unit(office, actor, now=now, since=since, until=until)
    found = joined().where(showing("late", now)).order_by(models.RecordClock.due_at).limit(MOST)
    found = decided_within(found, since, until)
    with office.uow.read() as session:
        rows = [row_view(office, each, now=now) for each in session.execute(found)]
    title = Words("双公示逾期清单", "Late reports").within(language)
    moment = f"{title} {office.calendar().local(now):%Y-%m-%d %H:%M}"
    sheets = (
        SheetOfRows(
            Words("部门", "Departments").within(language),
            moment,
            [each.within(language) for each in UNITS],
            list(_unit_rows(units, language)),
        ),
        SheetOfRows(
            Words("逐条", "Records").within(language),
            moment,
            [each.within(language) for each in LINES],
            list(_line_rows(office, rows, language)),
        ),
    )
    return write_workbook(sheets)


def _unit_rows(units: Iterable[LateUnit], language: str) -> Iterator[list[Cell]]:
    for each in units:
        rate = None if each.rate is None else Share(each.rate)
        yield [
            each.title.within(language),
            each.total,
            each.in_time,
            each.late,
            each.over,
            each.by_unit,
            each.running,
            rate,
        ]


def _line_rows(office: Office, rows: Iterable[ReportRow], language: str) -> Iterator[list[Cell]]:
    directory, local = office.directory(), office.calendar().local
    for each in rows:
        title = directory.departments.get(each.unit, Words(each.unit_name))
        yield [
            title.within(language),
            each.number,
            each.subject_name,
            each.decided_on,
            local(each.collected_at).replace(tzinfo=None),
            local(each.due_at).replace(tzinfo=None),
            local(each.sent_at).replace(tzinfo=None) if each.sent_at else None,
            each.late_by,
            each.state_title.within(language),
            WHOSE[each.whose].within(language),
        ]
