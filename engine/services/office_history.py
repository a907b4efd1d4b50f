"""Every line the office wrote about what was done: of cases, records, accounts and of itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from operator import attrgetter
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
from engine.persistence.known_words import begins
from engine.services import account_log, personal_data, system_history
from engine.services.office import Office
from engine.services.records import AXIS_TITLES

SHOWN, MOST_EXPORTED = 50, 20_000
Span = tuple[datetime, datetime] | None
#: The English name of the book that an export was of.
_BOOKS = {source.words.zh: source.words.en for source in Source}


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
        return _page(office, session, asked, span, cursor, limit or SHOWN)


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a source keeps its lines, what may be asked of them, and how one is told."""

    found: Any  # the table of the lines comes first in each row
    table: Any
    who: tuple[Any, Any]
    about: Callable[[str], ColumnElement[bool]]
    line: Callable[[Office, Any], AuditLine]
    kind: Callable[[str], ColumnElement[bool]] | None = None
    address: Any = None
    place: tuple[str, ...] = ("at", "id")  # tells lines of one moment apart


def _case_line(office: Office, row: Any) -> AuditLine:
    held, number = row
    return AuditLine(
        id=held.id,
        at=held.at,
        what=Words(held.title, held.title_en),
        about=number,
        actor=held.actor,
        actor_name=held.actor_name,
        department=office.directory().department(held.department),
        detail=without_personal_numbers(held.detail),
        place="case",
    )


def _of_matter(kind: str) -> ColumnElement[bool]:
    column = models.Event.kind
    return or_(*(begins(column, each) for each in BEGINNINGS[Matter(kind)]))


def _record_line(office: Office, row: Any) -> AuditLine:
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


def _account_line(office: Office, row: Any) -> AuditLine:
    (held,) = row
    title = str(held.detail.get("title", ""))
    return AuditLine(
        id=held.id,
        at=held.at,
        what=account_log.view(held).what,
        about=held.username,
        actor=held.actor,
        actor_name="",
        address=held.address,
        detail=title,
        detail_en=_BOOKS.get(title, ""),
        place="account",
    )


def _reading_line(office: Office, row: Any) -> AuditLine:
    (held,) = row
    told = personal_data.view(office, held)
    read = _read(told, held.about if held.case_number != held.about else "")
    return AuditLine(
        id=held.id,
        at=held.at,
        what=told.what,
        about=held.case_number or held.about,
        actor=held.actor,
        actor_name=held.actor_name,
        department=told.department,
        address=held.address,
        detail=read.zh,
        detail_en=read.en,
        place="case" if held.case_number else "record",
        place_id=str(held.record_id or ""),
    )


def _read(told: ReadingView, name: str) -> Words:
    """Which texts, of which file, and why. What was written is told as it was."""
    file = name if told.fields == () else ""
    zh = [file, "、".join(each.zh for each in told.fields)]
    en = [file, ", ".join(each.en or each.zh for each in told.fields)]
    if told.reason:
        zh.append(f"事由：{told.reason}")
        en.append(f"reason: {told.reason}")
    return Words("；".join(filter(None, zh)), "; ".join(filter(None, en)))


_Event, _RecordEvent = models.Event, models.RecordEvent
_AccountEvent, _Reading = models.AccountEvent, models.PersonalReading
#: What is done in the office itself is kept in other ways: see system_history.
_KEPT = {
    Source.CASES: _Kept(
        select(_Event, models.Case.number).join(models.Case, models.Case.id == _Event.case_id),
        _Event,
        who=(_Event.actor, _Event.actor_name),
        about=lambda told: models.Case.number == told.upper(),
        kind=_of_matter,
        line=_case_line,
        place=("at", "case_id", "sequence"),
    ),
    Source.RECORDS: _Kept(
        select(_RecordEvent, models.Record.number).join(
            models.Record, models.Record.id == _RecordEvent.record_id
        ),
        _RecordEvent,
        who=(_RecordEvent.actor, _RecordEvent.actor_name),
        about=lambda told: or_(models.Record.number == told, _RecordEvent.case_number == told),
        line=_record_line,
    ),
    Source.ACCOUNTS: _Kept(
        select(_AccountEvent),
        _AccountEvent,
        who=(_AccountEvent.actor, _AccountEvent.username),
        about=lambda told: _AccountEvent.username == told,
        kind=lambda told: _AccountEvent.kind == told,
        address=_AccountEvent.address,
        line=_account_line,
    ),
    Source.READINGS: _Kept(
        select(_Reading),
        _Reading,
        who=(_Reading.actor, _Reading.actor_name),
        about=lambda told: or_(_Reading.case_number == told.upper(), _Reading.about == told),
        kind=lambda told: _Reading.kind == told,
        address=_Reading.address,
        line=_reading_line,
    ),
}


def _page(
    office: Office, session: Session, asked: Asked, span: Span, cursor: str | None, limit: int
) -> Page[AuditLine]:
    if asked.source is Source.OFFICE:
        return _of_the_office(session, asked, span, cursor, limit)
    kept = _KEPT[asked.source]
    found = kept.found.where(*_conditions(kept, asked, span))
    of_line = attrgetter(*kept.place)
    rows = session.execute(after_cursor(found, of_line(kept.table), cursor).limit(limit + 1)).all()
    following = next_cursor(rows, limit, lambda row: of_line(row[0]))
    lines = tuple(kept.line(office, row) for row in rows[:limit])
    return Page(_named(session, lines), following)


def _conditions(kept: _Kept, asked: Asked, span: Span) -> Iterator[ColumnElement[bool]]:
    """A source that keeps no addresses, or knows no kinds, leaves these questions aside."""
    if span is not None:
        yield kept.table.at >= span[0]
        yield kept.table.at < span[1]
    if asked.who:
        yield or_(*(column == asked.who for column in kept.who))
    if asked.about:
        yield kept.about(asked.about)
    if asked.address and kept.address is not None:
        yield kept.address == asked.address
    if asked.kind and kept.kind is not None:
        yield kept.kind(asked.kind)


def _of_the_office(
    session: Session, asked: Asked, span: Span, cursor: str | None, limit: int
) -> Page[AuditLine]:
    """These are few: all are read, and a page is cut out of them."""
    found = system_history.lines(session, span, asked.who)
    if cursor:
        last = place(cursor)
        found = [each for each in found if (each.at, each.id) < last]
    following = next_cursor(found, limit, lambda each: (each.at, each.id))
    return Page(_named(session, tuple(found[:limit])), following)


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
        page = _page(office, session, asked, span, None, MOST_EXPORTED)
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
                each.detail_within(language),
                each.address,
            ),
        )
