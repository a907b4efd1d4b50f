"""Every line the office wrote about what was done: of cases, records, accounts and of itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine.domain.account import Happening
from engine.domain.actor import Actor, Permission
from engine.domain.audit import BEGINNINGS, Asked, AuditLine, Matter, Source
from engine.domain.personal_numbers import without_personal_numbers
from engine.domain.personal_reading import ReadingView
from engine.domain.views import Page
from engine.domain.words import Words
from engine.exchange.workbook import Cell, SheetOfRows, write_csv, write_workbook
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor, place
from engine.services import account_log, personal_data, system_history
from engine.services.office import Office
from engine.services.records import AXIS_TITLES

SHOWN, MOST_EXPORTED = 50, 20_000
Span = tuple[datetime, datetime] | None


def listed(
    office: Office,
    actor: Actor,
    asked: Asked,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[AuditLine]:
    """The lines asked for, the newest first. Mobile and identity numbers in them are masked.

    Errors: NotPermitted; Invalid for more days than are read at once, or a cursor that is not ours.
    """
    actor.must(Permission.AUDIT)
    span = _span(office, asked, now=now)
    with office.uow.read() as session:
        return _READ[asked.source](office, session, asked, span, cursor, limit or SHOWN)


def _span(office: Office, asked: Asked, *, now: datetime) -> Span:
    """From the first moment asked for to the one after the last. Accounts live in real time."""
    asked.must_be_known()
    zone = office.calendar().zone
    moment = office.real_now() if asked.source is Source.ACCOUNTS else now
    days = asked.days(moment.astimezone(zone).date())
    if days is None:
        return None
    return _begins(days[0], zone), _begins(days[1] + timedelta(days=1), zone)


def _begins(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time(), zone)


def _within(column: Any, span: Span) -> tuple[ColumnElement[bool], ...]:
    return () if span is None else (column >= span[0], column < span[1])


def _of_cases(
    office: Office, session: Session, asked: Asked, span: Span, cursor: str | None, limit: int
) -> Page[AuditLine]:
    event, case = models.Event, models.Case
    found = select(event, case.number).join(case, case.id == event.case_id)
    found = found.where(*_within(event.at, span))
    if asked.who:
        found = found.where(or_(event.actor == asked.who, event.actor_name == asked.who))
    if asked.about:
        found = found.where(case.number == asked.about.upper())
    if asked.kind:
        found = found.where(_of_kind(asked.kind))
    directory = office.directory()

    def line(row: Any) -> AuditLine:
        held, number = row
        return AuditLine(
            id=held.id,
            at=held.at,
            what=Words(held.title, held.title_en),
            about=number,
            actor=held.actor,
            actor_name=held.actor_name,
            department=directory.department(held.department),
            detail=without_personal_numbers(held.detail),
            place="case",
        )

    return _page(session, found, (event.at, event.id), cursor, limit, line)


def _of_kind(kind: str) -> ColumnElement[bool]:
    column = models.Event.kind
    return or_(*(column.startswith(each, autoescape=True) for each in BEGINNINGS[Matter(kind)]))


def _of_records(
    office: Office, session: Session, asked: Asked, span: Span, cursor: str | None, limit: int
) -> Page[AuditLine]:
    event, record = models.RecordEvent, models.Record
    found = select(event, record.number).join(record, record.id == event.record_id)
    found = found.where(*_within(event.at, span))
    if asked.who:
        found = found.where(or_(event.actor == asked.who, event.actor_name == asked.who))
    if asked.about:
        found = found.where(or_(record.number == asked.about, event.case_number == asked.about))

    def line(row: Any) -> AuditLine:
        held, number = row
        return AuditLine(
            id=held.id,
            at=held.at,
            what=AXIS_TITLES.get(held.axis, Words(held.axis)),
            about=number,
            actor=held.actor,
            actor_name=held.actor_name,
            detail=held.case_number or held.document or "",
            place="record",
            place_id=str(held.record_id),
        )

    return _page(session, found, (event.at, event.id), cursor, limit, line)


def _of_accounts(
    office: Office, session: Session, asked: Asked, span: Span, cursor: str | None, limit: int
) -> Page[AuditLine]:
    event = models.AccountEvent
    found = select(event).where(*_within(event.at, span))
    if asked.who:
        found = found.where(or_(event.actor == asked.who, event.username == asked.who))
    if asked.about:
        found = found.where(event.username == asked.about)
    if asked.address:
        found = found.where(event.address == asked.address)
    if asked.kind:
        found = found.where(event.kind == asked.kind)

    def line(row: Any) -> AuditLine:
        (held,) = row
        told = account_log.view(held)
        return AuditLine(
            id=held.id,
            at=held.at,
            what=told.what,
            about=held.username,
            actor=held.actor,
            actor_name="",
            address=held.address,
            detail=str(held.detail.get("title", "")),
            place="account",
        )

    return _page(session, found, (event.at, event.id), cursor, limit, line)


def _of_readings(
    office: Office, session: Session, asked: Asked, span: Span, cursor: str | None, limit: int
) -> Page[AuditLine]:
    row = models.PersonalReading
    found = select(row).where(*_within(row.at, span))
    if asked.who:
        found = found.where(or_(row.actor == asked.who, row.actor_name == asked.who))
    if asked.about:
        found = found.where(or_(row.case_number == asked.about.upper(), row.about == asked.about))
    if asked.address:
        found = found.where(row.address == asked.address)
    if asked.kind:
        found = found.where(row.kind == asked.kind)

    def line(each: Any) -> AuditLine:
        (held,) = each
        told = personal_data.view(office, held)
        return AuditLine(
            id=held.id,
            at=held.at,
            what=told.what,
            about=held.case_number or held.about,
            actor=held.actor,
            actor_name=held.actor_name,
            department=told.department,
            address=held.address,
            detail=_read(told, held.about if held.case_number != held.about else ""),
            place="case" if held.case_number else "record",
            place_id=str(held.record_id or ""),
        )

    return _page(session, found, (row.at, row.id), cursor, limit, line)


def _read(told: ReadingView, name: str) -> str:
    """Which texts, of which file, and why."""
    parts = [name if told.fields == () else "", "、".join(each.zh for each in told.fields)]
    return "；".join([*filter(None, parts), *([f"事由：{told.reason}"] if told.reason else [])])


def _of_the_office(
    office: Office, session: Session, asked: Asked, span: Span, cursor: str | None, limit: int
) -> Page[AuditLine]:
    """These are few: all are read, and a page is cut out of them."""
    found = system_history.lines(session, span, asked.who)
    if cursor:
        last = place(cursor)
        found = [each for each in found if (each.at, each.id) < last]
    following = next_cursor(found, limit, lambda each: (each.at, each.id))
    return Page(_named(session, tuple(found[:limit])), following)


_READ: Mapping[Source, Callable[..., Page[AuditLine]]] = {
    Source.CASES: _of_cases,
    Source.RECORDS: _of_records,
    Source.ACCOUNTS: _of_accounts,
    Source.READINGS: _of_readings,
    Source.OFFICE: _of_the_office,
}


def _page(
    session: Session,
    found: Any,
    columns: tuple[Any, Any],
    cursor: str | None,
    limit: int,
    line: Callable[[Any], AuditLine],
) -> Page[AuditLine]:
    rows = session.execute(after_cursor(found, columns, cursor).limit(limit + 1)).all()
    following = next_cursor(rows, limit, lambda row: (row[0].at, row[0].id))
    lines = tuple(line(row) for row in rows[:limit])
    return Page(_named(session, lines), following)


def _named(session: Session, lines: tuple[AuditLine, ...]) -> tuple[AuditLine, ...]:
    """With the names of who is told by an account alone."""
    person = models.Person
    nameless = {each.actor for each in lines if each.actor and not each.actor_name}
    asked = select(person.username, person.name).where(person.username.in_(nameless))
    names = {row[0]: row[1] for row in session.execute(asked)} if nameless else {}
    return tuple(
        replace(each, actor_name=each.actor_name or names.get(each.actor, "")) for each in lines
    )


COLUMNS = {
    "zh": ("时刻", "账号", "姓名", "部门", "事项", "对象", "说明", "地址"),
    "en": ("Moment", "Account", "Name", "Department", "What", "About", "Detail", "Address"),
}


def as_workbook(
    office: Office, actor: Actor, asked: Asked, *, now: datetime, language: str, address: str = ""
) -> bytes:
    """The lines asked for as a workbook, the newest 20,000 of them. That it was taken is written
    down among what happened to accounts."""
    page = _taken(office, actor, asked, now=now, address=address)
    title = asked.source.words.within(language)
    cut = Words(f"，只含最新 {MOST_EXPORTED} 行", f", the newest {MOST_EXPORTED} lines only")
    told = title + (cut.within(language) if page.next_cursor else "")
    rows: list[tuple[Cell, ...]] = [(at, *texts) for at, texts in _rows(office, page, language)]
    return write_workbook([SheetOfRows(title, told, COLUMNS[language], rows)])


def as_csv(
    office: Office, actor: Actor, asked: Asked, *, now: datetime, language: str, address: str = ""
) -> bytes:
    """The same lines as CSV, moments with seconds."""
    page = _taken(office, actor, asked, now=now, address=address)
    rows = [(f"{at:%Y-%m-%d %H:%M:%S}", *texts) for at, texts in _rows(office, page, language)]
    return write_csv(COLUMNS[language], rows)


def _taken(
    office: Office, actor: Actor, asked: Asked, *, now: datetime, address: str
) -> Page[AuditLine]:
    """What an export holds; that it was taken is written down."""
    actor.must(Permission.AUDIT)
    span = _span(office, asked, now=now)
    with office.uow.read() as session:
        page = _READ[asked.source](office, session, asked, span, None, MOST_EXPORTED)
    with office.uow.begin() as session:
        account_log.note(
            session,
            Happening.AUDIT_EXPORTED,
            actor.username,
            real=office.real_now(),
            actor=actor.username,
            address=address,
            title=asked.source.words.zh,
            rows=len(page.items),
        )
    return page


def _rows(
    office: Office, page: Page[AuditLine], language: str
) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """Of each line its moment in the office's time, and what stands in the other columns."""
    zone = office.calendar().zone
    for each in page.items:
        yield (
            each.at.astimezone(zone),
            (
                each.actor,
                each.actor_name,
                each.department.within(language) if each.department else "",
                each.what.within(language),
                each.about,
                each.detail,
                each.address,
            ),
        )
