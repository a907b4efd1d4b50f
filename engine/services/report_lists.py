"""Reports as lists: the queue by state, what is late and through whom, a record's own report."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Holder, Whose
from engine.domain.errors import Invalid
from engine.domain.light import days_left, light_at
from engine.domain.record import Reporting
from engine.domain.views import ClockView, LateUnit, Page, ReportCounts, ReportRow
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services import record_clocks
from engine.services.office import Office
from engine.services.reporting import held_by

STATES = {
    "waiting": Words("待上报", "to be reported"),
    "deferred": Words("暂缓上报", "deferred"),
    "sent": Words("已上报，待回执", "reported, answer awaited"),
    "accepted": Words("上级平台已接收", "accepted by the upper platform"),
    "refused": Words("被退回，待改正", "refused, to be put right"),
    "ended": Words("不再上报", "no longer to be reported"),
}
SHOWS = ("waiting", "refused", "sent", "late", "accepted", "all")
REPORTING_LIMIT = Words("上报期限", "reporting")
WHOSE = {
    "department": Words("部门报送迟", "the department sent it late"),
    "office": Words("中心上报迟", "the centre reported it late"),
}


def listed(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    show: str = "waiting",
    unit: str | None = None,
    since: date | None = None,
    until: date | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ReportRow]:
    """Reports, the first to end first. show: one of `SHOWS`; since, until: days of the decision.
    For members of the office."""
    actor.must_be_staff()
    found = joined().where(showing(show, now))
    if unit:
        found = found.where(models.Report.unit == unit)
    found = decided_within(found, since, until)
    columns = (models.RecordClock.due_at, models.Report.id)
    found = after_cursor(found, columns, cursor, ascending=True).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.execute(found).all()
    items = tuple(row_view(office, each, now=now) for each in rows[:limit])
    return Page(items, next_cursor(rows, limit, lambda each: (each[1].due_at, each[0].id)))


def counts(office: Office, actor: Actor, *, now: datetime) -> ReportCounts:
    """How many records wait, are sent, refused, accepted; and how many are over their 7 days."""
    actor.must_be_staff()
    report, clock = models.Report, models.RecordClock
    sums = [
        func.count(report.id).filter(showing(each, now))
        for each in ("waiting", "sent", "refused", "accepted")
    ]
    found = select(*sums, func.count(report.id).filter(_is_over(now)))
    with office.uow.read() as session:
        row = session.execute(
            found.select_from(report).join(clock, clock.id == report.clock_id)
        ).one()
    return ReportCounts(*(int(each) for each in row))


def over_count(session: Session, *, now: datetime) -> int:
    """How many are not reported and over, for the board."""
    report, clock = models.Report, models.RecordClock
    found = select(func.count(report.id)).join(clock, clock.id == report.clock_id)
    return session.scalar(found.where(_is_over(now))) or 0


def late_by_unit(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
) -> tuple[LateUnit, ...]:
    """Each department's reports of the penalties decided in a span, the worst first."""
    actor.must_be_staff()
    with office.uow.read() as session:
        rows = session.execute(_by_unit(since, until, now)).all()
    directory = office.directory()
    units = [
        LateUnit(
            unit=row.unit,
            title=directory.departments.get(row.unit, Words(row.name)),
            total=int(row.total),
            in_time=int(row.in_time),
            late=int(row.late),
            over=int(row.over),
            by_unit=int(row.by_unit),
            running=int(row.total - row.in_time - row.late - row.over),
        )
        for row in rows
    ]
    return tuple(sorted(units, key=lambda each: (-(each.late + each.over), each.unit)))


def _by_unit(since: date | None, until: date | None, now: datetime) -> Any:
    report, clock, record = models.Report, models.RecordClock, models.Record
    reported = report.sent_at.is_not(None) & report.state.in_(("sent", "accepted"))
    late = and_(reported, clock.late_at.is_not(None))
    over = _is_over(now)
    counted = func.count(report.id)
    found: Any = (
        select(
            report.unit,
            func.max(report.unit_name).label("name"),
            counted.label("total"),
            counted.filter(and_(reported, clock.late_at.is_(None))).label("in_time"),
            counted.filter(late).label("late"),
            counted.filter(over).label("over"),
            counted.filter(and_(or_(late, over), report.collected_at > clock.due_at)).label(
                "by_unit"
            ),
        )
        .join(clock, clock.id == report.clock_id)
        .join(record, record.id == report.record_id)
        .where(report.state != "ended")
        .group_by(report.unit)
    )
    return decided_within(found, since, until)


def decided_within(found: Any, since: date | None, until: date | None) -> Any:
    """Narrowed to records of decisions of a span; either end may be open."""
    record = models.Record
    if since is not None:
        found = found.where(record.decided_on >= since)
    if until is not None:
        found = found.where(record.decided_on <= until)
    return found


def joined() -> Any:
    report = models.Report
    return (
        select(report, models.RecordClock, models.Record)
        .join(models.RecordClock, models.RecordClock.id == report.clock_id)
        .join(models.Record, models.Record.id == report.record_id)
    )


def _is_over(now: datetime) -> ColumnElement[bool]:
    report, clock = models.Report, models.RecordClock
    return and_(
        report.state.in_(("waiting", "refused")), clock.state == "running", clock.due_at < now
    )


def showing(show: str, now: datetime) -> ColumnElement[bool]:
    """Condition of one of SHOWS. Invalid for any other."""
    report, clock = models.Report, models.RecordClock
    conditions: Mapping[str, ColumnElement[bool]] = {
        "waiting": report.state == "waiting",
        "refused": report.state == "refused",
        "sent": report.state == "sent",
        "accepted": report.state == "accepted",
        "late": or_(
            _is_over(now), and_(clock.late_at.is_not(None), report.state.in_(("sent", "accepted")))
        ),
        "all": report.state != "ended",
    }
    if show not in conditions:
        raise Invalid(f"show 只能是 {'、'.join(SHOWS)}。", f"show is one of {', '.join(SHOWS)}")
    return conditions[show]


def row_view(office: Office, found: Any, *, now: datetime) -> ReportRow:
    """`found`: a report with its clock and its record."""
    report, clock, record = found
    calendar = office.calendar()
    stopped = clock.state == record_clocks.STOPPED
    reached = clock.late_at or now
    is_late = clock.late_at is not None or (clock.state == "running" and clock.due_at < now)
    is_late = is_late and report.state != "ended"
    over = -(days_left(reached, clock.due_at, calendar) or 0) if is_late else 0
    is_deferred = record.reporting == Reporting.DEFERRED
    state = "deferred" if is_deferred else report.state
    return ReportRow(
        record_id=record.id,
        number=record.number,
        subject_name=record.subject_name,
        unit=report.unit,
        unit_name=report.unit_name,
        decided_on=record.decided_on,
        collected_at=report.collected_at,
        state=state,
        state_title=STATES[state],
        sent_at=report.sent_at,
        answered_at=report.answered_at,
        cause=report.cause,
        tries=report.tries,
        due_at=clock.due_at,
        light=("red" if is_late else "green")
        if stopped
        else light_at(now, clock.due_at, clock.warn_at, is_paused=clock.state == "paused").value,
        days_left=None if stopped else days_left(now, clock.due_at, calendar),
        late_by=max(over, 1) if is_late else 0,
        whose="department" if report.collected_at > clock.due_at else "office",
        hold=held_by(record) if report.state == "waiting" else None,
    )


def of_record(
    office: Office, session: Session, record: models.Record, *, now: datetime, is_public: bool
) -> tuple[ReportRow | None, ClockView | None]:
    """The report of a record and its clock with the printed working; None for what has none."""
    found = session.execute(joined().where(models.Report.record_id == record.id)).first()
    if found is None:
        return None, None
    report, clock, _ = found
    view = record_clocks.view(
        office,
        session,
        clock,
        REPORTING_LIMIT,
        now=now,
        holders=tuple(_holders(report)),
        is_public=is_public,
    )
    return row_view(office, found, now=now), view


def _holders(report: models.Report) -> Iterator[Holder]:
    """The department had it until it was collected, then the centre."""
    long_ago = datetime.min.replace(tzinfo=report.collected_at.tzinfo)
    yield Holder(long_ago, Whose.DEPARTMENT, report.unit_name)
    yield Holder(report.collected_at, Whose.OFFICE, "市公共信用信息中心")
