"""Working days: the State Council's notices, make-up Saturdays, and years not yet announced."""

import csv
import io
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from engine.domain.calendar_festivals import statutory_days
from engine.domain.errors import Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1950, 2199
SATURDAY = 5
COLUMNS = ("date", "kind", "name")
MIDDAY = (time(11, 30), time(13))


class DayKind(StrEnum):
    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup_workday"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day, why it is open or not, and the notice this rests on ("" when there is none)."""

    on: date
    kind: DayKind
    name: str
    notice: str
    provisional: bool
    is_open: bool = field(init=False)  # kept, not computed: clocks ask it by the million

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_open", self.kind in (DayKind.WORKDAY, DayKind.MAKEUP))


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that a notice takes out of the ordinary week: off, or worked although a weekend."""

    on: date
    is_open: bool
    name: str


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year as announced. An empty `notice` means: not announced yet, provisional."""

    year: int
    notice: str
    days: tuple[SpecialDay, ...]


@dataclass(frozen=True, slots=True)
class _Year:
    first_ordinal: int
    days: tuple[CalendarDay, ...]
    open_ordinals: tuple[int, ...]


class Calendar:
    """The office's calendar. Immutable: a new notice makes a new calendar (`replacing`).

    edition: how many reviewed changes it has been through.

    Errors: Invalid for a day outside 1950-2199.
    """

    def __init__(
        self,
        years: Iterable[CalendarYear],
        *,
        opens: time = time(9),
        closes: time = time(17),
        rest: tuple[time, time] | None = MIDDAY,
        zone: ZoneInfo = SHANGHAI,
        edition: int = 0,
    ) -> None:
        self.years = {year.year: year for year in years}
        self.opens = opens
        self.closes = closes
        self.rest = rest if rest and opens < rest[0] < rest[1] < closes else None
        self.zone = zone
        self.edition = edition
        self._built: dict[int, _Year] = {}

    def replacing(self, year: CalendarYear) -> "Calendar":
        """The same calendar with one year put in, or put in place of another edition of it."""
        years = self.years | {year.year: year}
        return Calendar(
            years.values(), opens=self.opens, closes=self.closes, rest=self.rest, zone=self.zone
        )

    def day(self, on: date) -> CalendarDay:
        year = self._year(on.year)
        return year.days[on.toordinal() - year.first_ordinal]

    def is_open(self, on: date) -> bool:
        return self.day(on).is_open

    def days_from(self, on: date) -> Iterator[CalendarDay]:
        """Every day from `on`, itself included, without end."""
        first = self._year(on.year)
        yield from islice(first.days, on.toordinal() - first.first_ordinal, None)
        for year in range(on.year + 1, LAST_YEAR + 2):
            yield from self._year(year).days

    def next_open(self, on: date) -> date:
        """`on` itself when the office is open, else the first open day after it."""
        return on if self.is_open(on) else self.after(on, 1)

    def after(self, start: date, working_days: int) -> date:
        """The last of so many working days counted from the day after `start`.

        Source: 民法典 art. 201 (2020: 民法总则 art. 201): the first day is not counted.
        Errors: Invalid, when `working_days` is below 1.
        """
        if working_days < 1:
            raise Invalid(
                f"期限至少为 1 个工作日，不能是 {working_days}",
                f"a time limit is at least 1 working day, not {working_days}",
            )
        year, wanted = start.year, working_days
        skipped = bisect_right(self._year(year).open_ordinals, start.toordinal())
        while skipped + wanted > len(self._year(year).open_ordinals):
            wanted -= len(self._year(year).open_ordinals) - skipped
            year, skipped = year + 1, 0
        return date.fromordinal(self._year(year).open_ordinals[skipped + wanted - 1])

    def working_days(self, after: date, until: date) -> int:
        """How many open days lie after `after` and not after `until`; 0 when there is no span."""
        if until <= after:
            return 0
        whole_years = range(after.year, until.year)
        days = sum(len(self._year(year).open_ordinals) for year in whole_years)
        return days + self._open_until(until) - self._open_until(after)

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether the span touches a year that has no notice yet."""
        return any(not self._notice(year) for year in range(first.year, last.year + 1))

    def local_date(self, moment: datetime) -> date:
        return self.local(moment).date()

    def local(self, moment: datetime) -> datetime:
        """The office's wall clock at an aware moment."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return moment.astimezone(self.zone)

    def opening(self, on: date) -> datetime:
        """When the office opens on that day, aware UTC, whether or not it is a working day."""
        return datetime.combine(on, self.opens, self.zone).astimezone(UTC)

    def closing(self, on: date) -> datetime:
        """When the office closes on that day, aware UTC: the last moment of a limit ending then."""
        return datetime.combine(on, self.closes, self.zone).astimezone(UTC)

    @property
    def sittings(self) -> tuple[tuple[time, time], ...]:
        """When the office works on a working day, the midday rest left out."""
        if self.rest is None:
            return ((self.opens, self.closes),)
        return ((self.opens, self.rest[0]), (self.rest[1], self.closes))

    def counted_from(self, moment: datetime) -> date:
        """The day on which a filing counts as received.

        After closing time or on a day off that is the next working day (local rule, a
        parameter of the office: closing time).
        """
        local = self.local(moment)
        late = local.timetz().replace(tzinfo=None) > self.closes
        return self.next_open(local.date() + timedelta(late))

    def _notice(self, year: int) -> str:
        known = self.years.get(year)
        return known.notice if known else ""

    def _open_until(self, on: date) -> int:
        return bisect_right(self._year(on.year).open_ordinals, on.toordinal())

    def _year(self, year: int) -> _Year:
        if year not in self._built:
            self._built[year] = self._build(year)
        return self._built[year]

    def _build(self, year: int) -> _Year:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Invalid(f"日历不含 {year} 年", f"the calendar does not reach the year {year}")
        notice = self._notice(year)
        special = {} if notice else _assumed(year)
        if year in self.years:
            special |= {day.on: day for day in self.years[year].days}
        first = date(year, 1, 1).toordinal()
        last = date(year, 12, 31).toordinal()
        days = tuple(
            _day(date.fromordinal(ordinal), special, notice) for ordinal in range(first, last + 1)
        )
        return _Year(first, days, tuple(day.on.toordinal() for day in days if day.is_open))


def _assumed(year: int) -> dict[date, SpecialDay]:
    days = statutory_days(year)
    return {on: SpecialDay(on, is_open=False, name=name) for on, name in days.items()}


def _day(on: date, special: dict[date, SpecialDay], notice: str) -> CalendarDay:
    named = special.get(on)
    weekend = on.weekday() >= SATURDAY
    if named is None:
        kind = DayKind.WEEKEND if weekend else DayKind.WORKDAY
    elif not named.is_open:
        kind = DayKind.HOLIDAY
    else:
        kind = DayKind.MAKEUP if weekend else DayKind.WORKDAY
    return CalendarDay(on, kind, named.name if named else "", notice, provisional=not notice)


def months_after(day: date, months: int) -> date:
    """The corresponding day so many months later, or that month's last day where it has none.

    Source: 民法典 art. 202 (2020: 民法总则 art. 202). Not moved for holidays.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def read_calendar(text: str) -> CalendarYear:
    """A year from its CSV: `# year:` and `# notice:` lines, then date,kind(off|work),name.

    Errors: Invalid, `fields` naming every bad line by its number.
    """
    remarks: dict[str, str] = {}
    days: dict[date, SpecialDay] = {}
    wrong: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.startswith("#"):
            key, _, value = line.lstrip("# ").partition(":")
            remarks[key.strip()] = value.strip()
        elif line.strip() and line.strip() != ",".join(COLUMNS):
            try:
                day = _read_day(line)
                _only_once(day, days)
                days[day.on] = day
            except Invalid as refusal:
                wrong[str(number)] = f"第 {number} 行：{refusal}"
    return _whole_year(remarks, days, wrong)


def _read_day(line: str) -> SpecialDay:
    cells = [cell.strip() for cell in next(csv.reader([line]))]
    if len(cells) != len(COLUMNS):
        raise Invalid("应为三列：日期,off 或 work,名称", "three columns: date,off or work,name")
    on, kind, name = cells
    if kind not in ("off", "work"):
        raise Invalid(f"“{kind}”应为 off 或 work", f"{kind!r} is neither off nor work")
    try:
        return SpecialDay(date.fromisoformat(on), is_open=kind == "work", name=name)
    except ValueError:
        raise Invalid(f"“{on}”不是日期（2020-01-31）", f"{on!r} is not a date") from None


def _only_once(day: SpecialDay, days: dict[date, SpecialDay]) -> None:
    if day.on in days:
        raise Invalid(f"{day.on} 出现两次", f"{day.on} is given twice")
    if day.is_open and day.on.weekday() < SATURDAY:
        raise Invalid(f"{day.on} 本来就是工作日", f"{day.on} is an ordinary workday")


def _whole_year(
    remarks: dict[str, str], days: dict[date, SpecialDay], wrong: dict[str, str]
) -> CalendarYear:
    stated = remarks.get("year", "")
    if not stated.isdigit():
        wrong["year"] = "缺少“# year: 2020”一行"
    else:
        for on in days:
            if on.year != int(stated):
                wrong[on.isoformat()] = f"{on} 不在 {stated} 年"
    if wrong:
        raise Invalid("日历文件有误", "the calendar file cannot be taken", fields=wrong)
    ordered = tuple(days[on] for on in sorted(days))
    return CalendarYear(int(stated), remarks.get("notice", ""), ordered)


def write_calendar(year: CalendarYear) -> str:
    """The CSV that `read_calendar` reads."""
    text = io.StringIO()
    text.write(f"# year: {year.year}\n# notice: {' '.join(year.notice.split())}\n")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for day in year.days:
        rows.writerow((day.on.isoformat(), "work" if day.is_open else "off", day.name))
    return text.getvalue()
