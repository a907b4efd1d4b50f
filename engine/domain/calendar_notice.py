"""A holiday notice of the State Council, pasted as prose: what it orders, and what was not understood.

Nothing is guessed. A clause that speaks of days and is in no known form is named; so is one whose
weekday or number of days does not fit. Sentences that order no days (duty rosters, schools) stand aside.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.domain.calendar import Calendar, CalendarYear, SpecialDay
from engine.domain.calendar_change import amended, replaced
from engine.domain.calendar_prose import (
    Clause,
    Meaning,
    NotUnderstood,
    clauses_of,
    plain,
    read_clause,
)
from engine.domain.errors import Invalid
from engine.domain.words import Words

_NUMBER = re.compile(r"(?<![一-鿿])([一-鿿]{2,12})[〔\[(【]((?:19|20)\d\d)[〕\])】]第?(\d{1,4})号")
_TITLE = re.compile(r"^[一-鿿]*关于.*(?:通知|公告|决定)$")
_YEAR = re.compile(r"((?:19|20)\d\d)年")
_SIGNED = re.compile(r"^((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日(?:印发|发布)?$")
_ITEM = re.compile(r"^(?:\(?[一二三四五六七八九十]{1,3}[)、.]|\(?\d{1,2}[)、.](?!\d))")
_NAMED = re.compile(r"^(?P<name>[^:,。]{2,40}):(?P<rest>.+)$")
_ADVICE = re.compile(r"^鼓励")
#: Words by which a clause orders days, with a day or without.
_ORDERS = re.compile(r"放假|调休|上班|连休|补班")
_DATED = re.compile(r"\d{1,2}日|\d{1,2}月")
_FORMULA = re.compile(r"通知如下|安排如下|公告如下|节假日期间|假期期间")


@dataclass(frozen=True, slots=True)
class Reading:
    """One clause that was understood, under the holiday it belongs to."""

    holiday: str
    clause: Clause


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it was read.

    years: the years it changes, as they are to stand. not_understood: clause -> why.
    aside: sentences that order no days.
    """

    title: str
    document: str
    issued_on: date | None
    readings: tuple[Reading, ...]
    not_understood: tuple[tuple[str, Words], ...]
    aside: tuple[str, ...]
    years: tuple[CalendarYear, ...]


@dataclass
class _Desk:
    """What has been read so far."""

    year: int
    readings: list[Reading] = field(default_factory=list)
    refused: list[tuple[str, Words]] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    days: dict[date, SpecialDay] = field(default_factory=dict)
    holidays: list[str] = field(default_factory=list)

    def refuse(self, text: str, why: NotUnderstood) -> None:
        self.refused.append((text, Words(why.zh, why.en)))


def read_notice(text: str, calendar: Calendar, *, year: int | None = None) -> Notice:
    """Read a pasted notice against the calendar as it stands.

    year: where the notice names none. Errors: Invalid, when no year is to be found.
    """
    lines = _unwrapped(line for line in plain(text).splitlines() if line)
    if not any(_DATED.search(line) or _ORDERS.search(line) for line in lines):
        raise Invalid(
            "这段文字不像放假通知：没有日期，也没有说放假或上班。请粘贴通知的原文。",
            "this is no notice of holidays: it has no date and no day off. Paste the notice itself.",
        )
    title = next((line for line in lines if _TITLE.match(line)), "")
    desk = _Desk(_year_of(title, lines, year))
    for sentence in _sentences(lines, title):
        _read_sentence(desk, sentence, calendar)
    document = _document(lines)
    return Notice(
        title=title,
        document=document,
        issued_on=_issued_on(lines),
        readings=tuple(desk.readings),
        not_understood=tuple(desk.refused),
        aside=tuple(desk.aside),
        years=_years(desk, calendar, document or title),
    )


def _unwrapped(lines: Iterable[str]) -> list[str]:
    """Paragraphs: a line that was broken in the middle of a title or of an item is joined again."""
    joined: list[str] = []
    for line in lines:
        is_fresh = _SIGNED.match(line) or _NUMBER.match(line) or _ITEM.match(line)
        if joined and not is_fresh and _is_broken_off(joined[-1]):
            joined[-1] += line
        else:
            joined.append(line)
    return joined


def _is_broken_off(line: str) -> bool:
    if line.endswith(("。", ":", ";")) or _TITLE.match(line):
        return False
    return bool(_ITEM.match(line) or "。" in line or re.match(r"[一-鿿]+关于", line))


def _year_of(title: str, lines: list[str], given: int | None) -> int:
    for line in (title, *lines):
        if not _SIGNED.match(line) and (found := _YEAR.search(line)):
            return int(found[1])
    if given is not None:
        return given
    raise Invalid(
        "通知里没有写明年份，请另填年份。",
        "the notice names no year; please say which",
        fields={"year": Words("请填写年份", "say which year")},
    )


def _document(lines: list[str]) -> str:
    for line in lines:
        if found := _NUMBER.search(line):
            return f"{found[1]}〔{found[2]}〕{int(found[3])}号"
    return ""


def _issued_on(lines: list[str]) -> date | None:
    signed = [found for line in lines if (found := _SIGNED.match(line))]
    try:
        return date(*(int(part) for part in signed[-1].groups())) if signed else None
    except ValueError:
        return None


def _sentences(lines: list[str], title: str) -> Iterator[str]:
    for line in lines:
        if line == title or _SIGNED.match(line) or _NUMBER.fullmatch(line):
            continue
        yield from (sentence for sentence in line.split("。") if sentence)


def _read_sentence(desk: _Desk, sentence: str, calendar: Calendar) -> None:
    body = _ITEM.sub("", sentence)
    named = _NAMED.match(body)
    if named and (_DATED.search(named["rest"]) or _ORDERS.search(named["rest"])):
        desk.holidays.append(named["name"].strip("“”\"'"))
        body = named["rest"]
    if _is_aside(body):
        desk.aside.append(sentence)
        return
    understood: list[Clause] = []
    for text in clauses_of(body):
        if not (_DATED.search(text) or _ORDERS.search(text)) and not text.startswith("共"):
            desk.aside.append(text)
            continue
        try:
            understood.append(read_clause(text, desk.year))
        except NotUnderstood as why:
            desk.refuse(text, why)
    _take(desk, understood, calendar)


def _is_aside(body: str) -> bool:
    if _ADVICE.match(body):
        return not re.search(r"上班|放假", body)
    speaks = _ORDERS.search(body) or _DATED.search(body)
    return not speaks or bool(_FORMULA.search(body))


def _take(desk: _Desk, clauses: list[Clause], calendar: Calendar) -> None:
    """Write down the days of a sentence; its count of days off has to fit."""
    off = {day for clause in clauses if clause.meaning is Meaning.OFF for day in clause.days}
    until: date | None = None
    for clause in clauses:
        try:
            if clause.meaning is Meaning.TOTAL and off and clause.total != len(off):
                raise NotUnderstood(
                    f"写的是共 {clause.total} 天，列出的是 {len(off)} 天",
                    f"{clause.total} days are said, {len(off)} are listed",
                )
            if clause.meaning is Meaning.UNTIL:
                until = clause.days[0]
                _prolong(desk, clause, calendar)
            elif clause.meaning is Meaning.WORK_FROM:
                _must_follow(clause.days[0], until)
            else:
                _set_days(desk, clause)
        except NotUnderstood as why:
            desk.refuse(clause.text, why)
        else:
            desk.readings.append(Reading(_name(desk), clause))


def _set_days(desk: _Desk, clause: Clause) -> None:
    if clause.meaning not in (Meaning.OFF, Meaning.WORK):
        return
    if not desk.holidays:
        raise NotUnderstood("没有写明是什么假日", "the holiday has no name")
    is_open = clause.meaning is Meaning.WORK
    for day in clause.days:
        held = desk.days.get(day)
        if held is not None and held.is_open != is_open:
            raise NotUnderstood(
                f"{day.month}月{day.day}日既放假又上班", f"{day} is both off and worked"
            )
    for day in clause.days:
        desk.days[day] = SpecialDay(day, is_open, _name(desk))


def _name(desk: _Desk) -> str:
    return desk.holidays[-1] if desk.holidays else ""


def _prolong(desk: _Desk, clause: Clause, calendar: Calendar) -> None:
    last = clause.days[0]
    known = calendar.years.get(last.year)
    run = [
        day.on
        for day in (known.days if known else ())
        if not day.is_open and clause.name in day.name and day.on < last
    ]
    if not run:
        raise NotUnderstood(
            f"{last.year}年的日历里没有{clause.name}假期可以延长",
            f"the calendar of {last.year} has no such holiday to prolong",
        )
    desk.holidays.append(clause.name)
    for n in range(1, (last - max(run)).days + 1):
        on = max(run) + timedelta(days=n)
        desk.days[on] = SpecialDay(on, is_open=False, name=clause.name)


def _must_follow(day: date, until: date | None) -> None:
    if until is None or day != until + timedelta(days=1):
        raise NotUnderstood(
            f"{day.month}月{day.day}日不紧接在假期之后",
            f"{day} does not follow the end of the holiday",
        )


def _years(desk: _Desk, calendar: Calendar, document: str) -> tuple[CalendarYear, ...]:
    """The years as they are to stand. A notice for a whole year replaces it, all else amends."""
    prolongs = {r.holiday for r in desk.readings if r.clause.meaning is Meaning.UNTIL}
    is_whole = len(set(desk.holidays)) >= 3 and not prolongs
    found = []
    for year in sorted({day.year for day in desk.days}):
        days = {on: day for on, day in desk.days.items() if on.year == year}
        if is_whole and year == desk.year:
            found.append(replaced(year, document, days))
        else:
            afresh = set(desk.holidays) - prolongs if year == desk.year else set()
            found.append(amended(calendar, year, document, days, afresh=afresh))
    return tuple(found)
