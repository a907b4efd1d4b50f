"""The ledger of a clock and what it amounts to: one term with its start, pauses and stop."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from engine.domain.calendar import Calendar, CalendarDay, months_after
from engine.domain.errors import Invalid
from engine.domain.office_time import office_day


class Unit(StrEnum):
    """What a limit is counted in. The last two are office time, counted by the minute."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    WORKING_HOURS = "working_hours"
    HALF_DAYS = "half_days"  # halves of a working day

    @property
    def is_office_time(self) -> bool:
        return self in (Unit.WORKING_HOURS, Unit.HALF_DAYS)


@dataclass(frozen=True, slots=True)
class Budget:
    """A time limit: so many of a unit, at least 1."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise Invalid(
                f"期限至少为 1，不能是 {self.amount}",
                f"a time limit is at least 1, not {self.amount}",
            )


class EntryKind(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    RESTART = "restart"
    STOP = "stop"
    RECOUNT = "recount"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class ClockEntry:
    """One line of a clock's append-only ledger.

    effective_at, recorded_at: aware; they differ where the law counts back (deemed
        acceptance runs from receipt).
    basis: article of law. document: title and number of the letter.
    reason: what the line is for, short: 受理, 现场核查. It appears in the working.
    amount: of an EXTEND, in the unit of the clock's budget.
    due_before, due_after: of a RECOUNT, which changes nothing by itself: the calendar was changed,
        and the last moment of the limit was this and is now that.
    names_day: a START or RESTART that names a day (service, publication) and not a moment
        of filing: that day stands even when the office was closed.
    ground: key of the lawful ground of a PAUSE; a RESUME ends the pause of its ground.
    expected_at: when a PAUSE is expected to end, as the applicant was told (行政许可法 art. 45).
    sequence: its place in the ledger, 0 when it is not stored.
    voids: the place of an earlier entry that this one corrects, 0 for none; that one no longer
        counts, and stays to be read. A VOID does nothing else.
    """

    kind: EntryKind
    effective_at: datetime
    recorded_at: datetime
    basis: str = ""
    document: str = ""
    actor: str = ""
    reason: str = ""
    amount: int = 0
    names_day: bool = False
    due_before: datetime | None = None
    due_after: datetime | None = None
    ground: str = ""
    expected_at: datetime | None = None
    sequence: int = 0
    voids: int = 0

    def __post_init__(self) -> None:
        if self.kind is EntryKind.EXTEND and self.amount < 1:
            raise Invalid("延长的期限至少为 1", "an extension is of at least 1")


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which time does not count: from `since` up to `until`.

    An open pause reaches up to the moment of reading (or to the stop). A day is paused when
    any part of its office hours lies inside; the days run from `first` to `last`, and there
    are none when `last` is before `first`.
    """

    since: datetime
    until: datetime
    is_open: bool
    first: date
    last: date
    reason: str
    document: str
    ground: str = ""
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """What a ledger amounts to at one moment.

    total: days to be counted (a budget in months has become days), or minutes of office time.
    extended: in the unit of the budget.
    """

    start: ClockEntry
    started_on: date
    unit: Unit
    total: int
    extended: int
    pauses: tuple[Pause, ...]
    stop: ClockEntry | None

    def pause_on(self, on: date) -> Pause | None:
        for pause in self.pauses:
            if pause.first <= on <= pause.last:
                return pause
        return None


class CountedDay(NamedTuple):
    """A day of a term: `ordinal` when it counts, `pause` when a pause keeps it from counting."""

    day: CalendarDay
    ordinal: int | None
    pause: Pause | None


def standing(entries: Iterable[ClockEntry]) -> list[ClockEntry]:
    """The entries that no later one corrects; a correction that was itself corrected corrects
    nothing."""
    void: set[int] = set()
    kept: list[ClockEntry] = []
    ledger = sorted(entries, key=attrgetter("sequence"))
    for entry in reversed(ledger):
        if entry.sequence and entry.sequence in void:
            continue
        if entry.voids:
            void.add(entry.voids)
        if entry.kind is not EntryKind.VOID:
            kept.append(entry)
    kept.reverse()
    return kept


def resolve(
    budget: Budget, entries: Iterable[ClockEntry], calendar: Calendar, *, now: datetime
) -> Term | None:
    """The term that a ledger amounts to at `now`; None before any START.

    The START recorded last stands (a correction); a RESTART begins afresh and makes void
    what was recorded before it. What is dated after a STOP does not count.
    """
    ledger = sorted(standing(entries), key=lambda entry: (entry.effective_at, entry.recorded_at))
    start, rest = _beginning(ledger)
    if start is None:
        return None
    rest, stop = _up_to_stop(rest, now)
    end = stop.effective_at if stop else now
    return begin(
        budget,
        start,
        calendar,
        extended=sum(entry.amount for entry in rest if entry.kind is EntryKind.EXTEND),
        pauses=tuple(sorted(_pauses(rest, calendar, end), key=attrgetter("since"))),
        stop=stop,
    )


def begin(
    budget: Budget,
    start: ClockEntry,
    calendar: Calendar,
    *,
    extended: int = 0,
    pauses: tuple[Pause, ...] = (),
    stop: ClockEntry | None = None,
) -> Term:
    """The term of `budget`, and `extended` more of its unit, from the day `start` counts from."""
    started_on = (
        calendar.local_date(start.effective_at)
        if start.names_day
        else calendar.counted_from(start.effective_at)
    )
    total = budget.amount + extended
    if budget.unit is Unit.MONTHS:
        total = (months_after(started_on, total) - started_on).days
    if budget.unit.is_office_time:
        total = office_minutes(total, budget.unit, calendar)
        started_on = calendar.local_date(start.effective_at)
    return Term(start, started_on, budget.unit, total, extended, pauses, stop)


def office_minutes(amount: int, unit: Unit, calendar: Calendar) -> int:
    """So many hours, or halves of a working day, in minutes of office time."""
    if unit is Unit.WORKING_HOURS:
        return amount * 60
    return amount * int(office_day(calendar).total_seconds()) // 120


def _beginning(ledger: Sequence[ClockEntry]) -> tuple[ClockEntry | None, Sequence[ClockEntry]]:
    """The entry that begins the term, and the entries that count with it."""
    restarts = [n for n, entry in enumerate(ledger) if entry.kind is EntryKind.RESTART]
    starts = [n for n, entry in enumerate(ledger) if entry.kind is EntryKind.START]
    if not restarts and not starts:
        return None, ()
    first = max(restarts or starts, key=lambda n: (ledger[n].recorded_at, n))
    start = ledger[first]
    return start, [
        entry
        for n, entry in enumerate(ledger)
        if entry.kind not in (EntryKind.START, EntryKind.RESTART)
        and (not restarts or (entry.recorded_at, n) > (start.recorded_at, first))
        and (entry.kind is not EntryKind.STOP or entry.effective_at >= start.effective_at)
    ]


def _up_to_stop(
    ledger: Sequence[ClockEntry], now: datetime
) -> tuple[Sequence[ClockEntry], ClockEntry | None]:
    for index, entry in enumerate(ledger):
        if entry.kind is EntryKind.STOP and entry.effective_at <= now:
            return ledger[:index], entry
    return ledger, None


def _pauses(ledger: Sequence[ClockEntry], calendar: Calendar, end: datetime) -> Iterator[Pause]:
    waiting: list[ClockEntry] = []
    for entry in ledger:
        if entry.kind is EntryKind.PAUSE:
            waiting.append(entry)
        elif entry.kind is EntryKind.RESUME and waiting:
            begun = _ended_by(entry, waiting)
            waiting.remove(begun)
            yield _pause(begun, entry.effective_at, calendar, is_open=False)
    for begun in waiting:
        yield _pause(begun, max(begun.effective_at, end), calendar, is_open=True)


def _ended_by(resumed: ClockEntry, waiting: Sequence[ClockEntry]) -> ClockEntry:
    """The open pause that a RESUME ends: that of its ground, that of its reason, or the oldest."""
    of_ground = (e for e in waiting if resumed.ground and e.ground == resumed.ground)
    of_reason = (e for e in waiting if e.reason == resumed.reason)
    return next(of_ground, None) or next(of_reason, None) or waiting[0]


def open_pauses(entries: Iterable[ClockEntry]) -> list[ClockEntry]:
    """The pauses that nothing has ended yet, the oldest first."""
    return [begun for begun, _, ended in paused_spans(entries) if ended is None]


def all_told(pauses: Iterable[ClockEntry]) -> bool:
    """Whether the applicant was told of each when it is expected to end."""
    return all(each.expected_at for each in pauses)


def paused_spans(
    entries: Iterable[ClockEntry],
) -> list[tuple[ClockEntry, datetime, datetime | None]]:
    """Every pause with the moments at which it began and ended; None while it is open."""
    waiting: list[ClockEntry] = []
    found: list[tuple[ClockEntry, datetime, datetime | None]] = []
    for entry in sorted(standing(entries), key=lambda e: (e.effective_at, e.recorded_at)):
        ended: list[ClockEntry] = []
        if entry.kind is EntryKind.PAUSE:
            waiting.append(entry)
        elif entry.kind is EntryKind.RESUME and waiting:
            ended = [_ended_by(entry, waiting)]
        elif entry.kind in (EntryKind.STOP, EntryKind.RESTART):
            ended = list(waiting)
        for begun in ended:
            waiting.remove(begun)
            found.append((begun, begun.effective_at, entry.effective_at))
    return [*found, *((begun, begun.effective_at, None) for begun in waiting)]


def _pause(begun: ClockEntry, until: datetime, calendar: Calendar, *, is_open: bool) -> Pause:
    from_, to = calendar.local(begun.effective_at), calendar.local(until)
    first = from_.date() + timedelta(from_.replace(tzinfo=None).time() >= calendar.closes)
    last = to.date() - timedelta(to.replace(tzinfo=None).time() <= calendar.opens)
    if until <= begun.effective_at:
        last = first - timedelta(1)
    return Pause(
        begun.effective_at,
        until,
        is_open,
        first,
        last,
        begun.reason,
        begun.document,
        begun.ground,
        begun.expected_at,
    )


def count(term: Term, calendar: Calendar) -> Iterator[CountedDay]:
    """Every day from the start day on, without end: the one place where days are counted.

    Source: 民法典 art. 201-203, 行政许可法 art. 45 and 82 (2020: 民法总则 art. 201-203).
    The start day does not count. In a limit of working days only open days count; in one
    of calendar days or months every day counts, but the last must be an open day. A day
    touched by a pause never counts. The stop is not looked at.
    """
    days = calendar.days_from(term.started_on)
    yield CountedDay(next(days), None, None)
    only_open = term.unit is Unit.WORKING_DAYS
    ordinal = 0
    for day in days:
        if not day.is_open and (only_open or ordinal + 1 == term.total):
            yield CountedDay(day, None, None)
        elif pause := term.pause_on(day.on):
            yield CountedDay(day, None, pause)
        else:
            ordinal += 1
            yield CountedDay(day, ordinal, None)


def last_day(term: Term, calendar: Calendar) -> date:
    """The last day of the term: the one whose ordinal is the total."""
    if term.unit is Unit.WORKING_DAYS and not term.pauses:
        return calendar.after(term.started_on, term.total)  # as below, without a walk
    return next(
        counted.day.on for counted in count(term, calendar) if counted.ordinal == term.total
    )
