"""A wish to change the calendar, worked out against the calendar as it stands, and what it would do."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.actor import Actor, Permission
from engine.domain.calendar import Calendar, CalendarYear, read_calendar
from engine.domain.calendar_change import differences, with_day_off, with_years
from engine.domain.calendar_notice import Notice, read_notice
from engine.domain.calendar_views import ChangePreview, NoticeReading, UnreadClause
from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.exchange.plain_text import decoded
from engine.services.calendar_preview import LISTED, effects
from engine.services.office import Office


@dataclass(frozen=True, slots=True)
class Request:
    """A wish to change the calendar, as a person puts it.

    source: notice (`text` is prose), file (`text` is CSV), day (`on` and `name`), years (`years`).
    acknowledged: the person has read what could not be understood.
    """

    source: str
    text: str = ""
    year: int | None = None
    on: date | None = None
    name: str = ""
    years: tuple[CalendarYear, ...] = ()
    document: str = ""
    reason: str = ""
    tells_by_letter: bool = False
    acknowledged: bool = False


def text_of(filename: str, content: bytes) -> str:
    """What a file of a notice or of a year says. Invalid for what is no text."""
    found = decoded(content)
    if found is None:
        told = Words("请上传 TXT 或 CSV，或把原文粘贴进来", "send a TXT or CSV, or paste the text")
        raise Invalid(
            f"“{filename}”不是文本文件。", f"{filename} is no text file", fields={"file": told}
        )
    if not found[1].strip():
        told = Words("文件里没有文字", "the file has no text")
        raise Invalid(f"“{filename}”是空的。", f"{filename} is empty", fields={"file": told})
    return found[1]


@dataclass(frozen=True, slots=True)
class Draft:
    """A request worked out against the calendar as it stands."""

    years: tuple[CalendarYear, ...]
    title: str
    document: str
    issued_on: date | None
    notice: Notice | None = None


def draft(calendar: Calendar, request: Request) -> Draft:
    """The years that the request would put in place. Errors: Invalid, `fields` naming why."""
    if request.source == "notice":
        notice = read_notice(request.text, calendar, year=request.year)
        document = request.document or notice.document
        return Draft(notice.years, notice.title, document, notice.issued_on, notice)
    if request.source == "day":
        if request.on is None or not request.name.strip():
            asked = Words("请填写日期和名称", "say which day and what for")
            raise Invalid("缺少日期或名称。", "day or name is missing", fields={"on": asked})
        year = with_day_off(calendar, request.on, request.name.strip(), request.document.strip())
        return Draft((year,), request.name.strip(), request.document.strip(), None)
    if request.source == "file":
        year = read_calendar(request.text)
        return Draft((year,), "", request.document or year.notice, None)
    return Draft(request.years, "", request.document, None)


def preview(office: Office, actor: Actor, request: Request, *, now: datetime) -> ChangePreview:
    """What the request would change: days, and every open limit that moves. Nothing is stored."""
    actor.must(Permission.ADMINISTER)
    made = draft(office.calendar(), request)
    touched = sorted(year.year for year in made.years)
    return effect_of(office, made, touched, now=now, most=LISTED)


def effect_of(
    office: Office, made: Draft, touched: Collection[int], *, now: datetime, most: int | None
) -> ChangePreview:
    """The effect of a draft on the calendar and the open cases; `most` limits listed, or all.

    A touched year that the draft does not give is announced no more.
    """
    calendar = office.calendar()
    given = {year.year for year in made.years}
    after = with_years(calendar, made.years, gone=set(touched) - given)
    days = differences(calendar, after, touched)
    told = effects(office, after, min((day.on for day in days), default=None), now=now, most=most)
    return ChangePreview(
        years=tuple(sorted(touched)),
        title=made.title,
        document=made.document,
        issued_on=made.issued_on,
        reading=_reading(made.notice) if made.notice else None,
        days=days,
        announces=tuple(
            year.year
            for year in made.years
            if year.notice and calendar.day(date(year.year, 1, 1)).provisional
        ),
        tally=told.tally,
        groups=told.groups,
        limits=told.limits,
    )


def _reading(notice: Notice) -> NoticeReading:
    return NoticeReading(
        understood=tuple(
            f"{one.holiday}：{one.clause.text}" if one.holiday else one.clause.text
            for one in notice.readings
        ),
        not_understood=tuple(UnreadClause(*each) for each in notice.not_understood),
        aside=notice.aside,
    )
