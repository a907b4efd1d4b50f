"""The clauses of a holiday notice in Chinese prose: which days one names, and what becomes of them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WEEKDAYS = "一二三四五六日"
LONGEST_RUN = 31

_DAY = r"(?:(?P<y{0}>\d{{4}})年)?(?:(?P<m{0}>\d{{1,2}})月)?(?P<d{0}>\d{{1,2}})日(?:\((?P<n{0}>[^()]*)\))?"
_SPAN = re.compile(_DAY.format(1) + r"(?:(?:至|到|-|—|–|~)" + _DAY.format(2) + r")?")
_DAYS = r"(?P<days>(?:(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:\([^()]*\))?(?:至|到|-|—|–|~|、|和|及|以及)?)+)"
_OFF = re.compile(rf"(?:其中)?(?:为)?{_DAYS}(?:放假调休|调休放假|放假|调休|补休|休息)")
_WORK = re.compile(rf"(?:其中)?{_DAYS}(?:照常|正常)?(?:上班|工作)")
_TOTAL = re.compile(r"(?:放假)?共(?:计)?(?P<total>\d{1,2})天")
_WEEKEND = re.compile(r"与周末连休")
_LATER = re.compile(
    r"(?:将)?(?:延长)?(?:(?P<year>\d{4})年)?(?P<name>[一-鿿]{2,8}?)假期(?:延长)?至" + _DAY.format(1)
)
_FROM = re.compile(_DAY.format(1) + r"起(?:正常|照常|恢复)?上班")
_SEPARATE = re.compile(r",(?![^(]*\))")


class Meaning(StrEnum):
    OFF = "off"
    WORK = "work"
    TOTAL = "total"
    UNTIL = "until"  # an existing holiday goes on to this day
    WORK_FROM = "work_from"
    NOTHING = "nothing"


class NotUnderstood(Exception):
    """A clause that speaks of days and cannot be taken: why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause as it was written, and what was read out of it.

    days: the days it names, in order; of UNTIL and WORK_FROM the one day.
    name: of UNTIL, the holiday that goes on. total: of TOTAL, how many days off.
    """

    text: str
    meaning: Meaning
    days: tuple[date, ...] = ()
    name: str = ""
    total: int = 0


def plain(text: str) -> str:
    """The text in half-width digits and marks, one kind of bracket, no blanks within lines."""
    text = unicodedata.normalize("NFKC", text.replace("\ufeff", ""))
    for mark, usual in (("﹝", "〔"), ("﹞", "〕"), ("｡", "。"), ("∶", ":")):
        text = text.replace(mark, usual)
    return "\n".join("".join(line.split()) for line in text.splitlines())


def clauses_of(sentence: str) -> list[str]:
    """The clauses of a sentence: at commas and semicolons, never inside brackets."""
    parts = [part for piece in sentence.split(";") for part in _SEPARATE.split(piece)]
    return [part for part in parts if part]


def read_clause(text: str, year: int) -> Clause:
    """What one clause says. Errors: NotUnderstood.

    year: that of a day which names none.
    """
    if _WEEKEND.fullmatch(text):
        return Clause(text, Meaning.NOTHING)
    if found := _TOTAL.fullmatch(text):
        return Clause(text, Meaning.TOTAL, total=int(found["total"]))
    if found := _LATER.fullmatch(text):
        day = _day(found, "1", int(found["year"] or year), None)
        return Clause(text, Meaning.UNTIL, (day,), found["name"])
    if found := _FROM.fullmatch(text):
        return Clause(text, Meaning.WORK_FROM, (_day(found, "1", year, None),))
    if found := _OFF.fullmatch(text):
        return Clause(text, Meaning.OFF, _days(found["days"], year))
    if found := _WORK.fullmatch(text):
        return Clause(text, Meaning.WORK, _worked(found["days"], year))
    raise NotUnderstood("不是认得的写法", "not a known form of words")


def _worked(text: str, year: int) -> tuple[date, ...]:
    days = _days(text, year)
    for day in days:
        if day.weekday() < 5:
            raise NotUnderstood(
                f"{_told(day)}是周{WEEKDAYS[day.weekday()]}，本来就上班",
                f"{day} is a weekday and worked anyway",
            )
    return days


def _days(text: str, year: int) -> tuple[date, ...]:
    found: list[date] = []
    place, month = 0, None
    for span in _SPAN.finditer(text):
        if text[place : span.start()].strip("、和及以"):
            raise NotUnderstood("日期的连接读不懂", "the days are joined in an unknown way")
        first = _day(span, "1", year, month)
        last = _day(span, "2", first.year, first.month) if span["d2"] else first
        found += _run(first, last)
        place, month = span.end(), last.month
        year = last.year
    if text[place:].strip("、和及以") or not found:
        raise NotUnderstood("日期读不懂", "the days could not be read")
    return tuple(found)


def _run(first: date, last: date) -> list[date]:
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_RUN:
        raise NotUnderstood(
            f"{_told(first)}至{_told(last)}不是一段假期", f"{first} to {last} is no holiday"
        )
    return [first + timedelta(days=n) for n in range(length)]


def _day(found: re.Match[str], place: str, year: int, month: int | None) -> date:
    numbers = found[f"y{place}"], found[f"m{place}"], found[f"d{place}"]
    wanted = numbers[1] or month
    if wanted is None:
        raise NotUnderstood("没有写明月份", "the month is missing")
    try:
        day = date(int(numbers[0] or year), int(wanted), int(numbers[2]))
    except ValueError:
        raise NotUnderstood("没有这一天", "there is no such day") from None
    _must_be(day, found[f"n{place}"] or "")
    return day


def _must_be(day: date, remark: str) -> None:
    """The weekday in brackets has to fit; other remarks (农历正月初九) are not looked at."""
    told = re.search(r"(?:星期|周)([一二三四五六日天])", remark)
    if told and "一二三四五六日".index(told[1].replace("天", "日")) != day.weekday():
        raise NotUnderstood(
            f"{_told(day)}是周{WEEKDAYS[day.weekday()]}，不是{told[0]}",
            f"{day} is not the weekday given",
        )


def _told(day: date) -> str:
    return f"{day.month}月{day.day}日"
