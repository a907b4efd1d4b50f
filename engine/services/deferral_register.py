"""The register of deferrals 暂缓台账: what was granted until when, what ends soon, what became of it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.domain.actor import Actor
from engine.domain.errors import Invalid
from engine.domain.views import DeferralCounts, DeferralRow, Page
from engine.domain.words import Words
from engine.exchange.workbook import Cell, SheetOfRows, write_workbook
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services.office import Office

SHOWS = ("running", "ending", "ended", "all")
#: Calendar days before its last day in which a deferral counts as ending soon: time to renew it.
SOON = timedelta(days=30)
REQUESTS = {
    "deferral": Words("暂缓上报", "report deferred"),
    "extension": Words("延长整改期", "longer time to put right"),
    "both": Words("暂缓上报并延长整改期", "report deferred, longer time to put right"),
}
LEVELS = {"leader": Words("分管领导", "leader"), "meeting": Words("集体讨论", "meeting")}
STATES = {
    "running": Words("暂缓中", "running"),
    "exempted": Words("完成整改，不上报", "put right, not reported"),
    "reported": Words("未整改，已恢复上报", "not put right, reported"),
    "reported_rectified": Words("完成整改，上报并注明", "put right, reported with a note"),
    "terminated": Words("提前终止，已恢复上报", "ended early, reported"),
}
#: Rows of one workbook.
MOST = 50_000
COLUMNS = (
    *("决定文号", "办件编号", "企业名称", "统一社会信用代码", "记录文号", "申请事项", "决定层级"),
    *("决定日期", "原截止日", "现截止日", "续期日期", "状态", "结束日期"),
)


def listed(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    show: str = "running",
    q: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DeferralRow]:
    """Deferrals, the first to end first. show: one of `SHOWS`; q: name, code or a number.
    For members of the office."""
    actor.must_be_staff()
    on = office.calendar().local_date(now)
    columns = (models.Deferral.until, models.Deferral.id)
    found = after_cursor(_found(show, q, on), columns, cursor, ascending=True).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.execute(found).all()
    items = tuple(_row(each, on) for each in rows[:limit])
    return Page(items, next_cursor(rows, limit, lambda each: (each[0].until, each[0].id)))


def counts(office: Office, actor: Actor, *, now: datetime) -> DeferralCounts:
    actor.must_be_staff()
    on = office.calendar().local_date(now)
    sums = [func.count().filter(_showing(each, on)) for each in ("running", "ending", "ended")]
    with office.uow.read() as session:
        row = session.execute(select(*sums).select_from(models.Deferral)).one()
    return DeferralCounts(*(int(each) for each in row))


def as_workbook(
    office: Office, actor: Actor, *, now: datetime, show: str = "all", q: str = ""
) -> bytes:
    """What the page shows, whole."""
    actor.must_be_staff()
    on = office.calendar().local_date(now)
    title = f"暂缓台账 {office.calendar().local(now):%Y-%m-%d %H:%M}"
    found = _found(show, q, on).order_by(models.Deferral.until, models.Deferral.id).limit(MOST)
    with office.uow.read() as session:
        rows = [_row(each, on) for each in session.execute(found).all()]
    return write_workbook([SheetOfRows("暂缓台账", title, COLUMNS, _cells(rows))])


def _cells(rows: Sequence[DeferralRow]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield (
            row.number,
            row.case_number,
            row.subject_name,
            row.subject_code,
            row.record_number,
            row.request_title.zh,
            row.level_title.zh,
            row.granted_on,
            row.first_until,
            row.until,
            row.renewed_on,
            row.state_title.zh,
            row.ended_on,
        )


def _found(show: str, q: str, on: date) -> Any:
    row, case, subject = models.Deferral, models.Case, models.Subject
    found = (
        select(row, case.number, subject.name)
        .join(case, case.id == row.case_id)
        .join(subject, subject.code == row.subject_code)
        .where(_showing(show, on))
    )
    if not (wanted := q.strip()):
        return found
    asked = (subject.name, row.subject_code, row.record_number, row.number, case.number)
    return found.where(or_(*(column.contains(wanted, autoescape=True) for column in asked)))


def _showing(show: str, on: date) -> ColumnElement[bool]:
    row = models.Deferral
    if show not in SHOWS:
        raise Invalid("没有这种列表。", "there is no such list", fields={"show": show})
    is_running = row.state == "running"
    shown = {
        "running": is_running,
        "ending": and_(is_running, row.until <= on + SOON),
        "ended": row.state != "running",
        "all": row.until.is_not(None),
    }
    return shown[show]


def _row(found: Any, on: date) -> DeferralRow:
    row, case_number, subject_name = found
    return DeferralRow(
        number=row.number,
        case_number=case_number,
        subject_code=row.subject_code,
        subject_name=subject_name,
        record_number=row.record_number,
        request=row.request,
        request_title=REQUESTS.get(row.request, Words(row.request)),
        level=row.level,
        level_title=LEVELS.get(row.level, Words(row.level)),
        granted_on=row.granted_on,
        first_until=row.first_until,
        until=row.until,
        renewed_on=row.renewed_on,
        state=row.state,
        state_title=STATES.get(row.state, Words(row.state)),
        ended_on=row.ended_on,
        days_left=(row.until - on).days if row.state == "running" else None,
    )
