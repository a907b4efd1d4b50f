"""The printed working of a clock: day by day, counted or not and why, and whose time it was."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from engine.domain.calendar import Calendar, DayKind
from engine.domain.clock_ledger import CountedDay, Term, count


class Whose(StrEnum):
    """Whose time is running."""

    OFFICE = "office"
    APPLICANT = "applicant"
    DEPARTMENT = "department"
    COURT = "court"
    SUPERIOR = "superior"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has had the matter since a moment, until the next holder has it."""

    since: datetime
    whose: Whose
    name: str


class DayReason(StrEnum):
    START = "start"
    COUNTED = "counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    PAUSED = "paused"
    AFTER_STOP = "after_stop"


@dataclass(frozen=True, slots=True)
class DayOfWorking:
    """One calendar day of the working.

    ordinal: which counted day it is; beyond the limit it runs on. None when not counted. In a
        limit of office time: how many minutes are counted by the end of the day.
    minutes: of office time counted on this day; None in a limit of days.
    name: of the holiday, of the pause, of the start (受理).
    whose, holder: only on days already past or today that are counted.
    """

    on: date
    ordinal: int | None
    reason: DayReason
    name: str
    whose: Whose | None
    is_today: bool
    is_future: bool
    is_due: bool
    holder: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the clock strip; `days` wide, or minutes in a limit of office time.

    kind: office, applicant, department, court, superior, expert, paused, left or over.
    All but the paused ones together make the limit, or what was used where that is more.
    name: the department's, the expert's; the reason of a pause; else "".
    """

    kind: str
    days: int
    name: str


@dataclass(frozen=True, slots=True)
class Span:
    """The days a working has to show and where in them the reader stands."""

    today: date
    until: date  # the last day used up: today, or the day of the stop
    due_on: date


def day_by_day(
    term: Term, calendar: Calendar, holders: Iterable[Holder], span: Span
) -> tuple[DayOfWorking, ...]:
    """The working, from the start day to the due day or the last day used, whichever is later."""
    ordered = sorted(holders, key=lambda holder: holder.since)
    end = max(span.due_on, span.until, term.started_on)
    return tuple(_shown(term, calendar, ordered, span, end))


def _shown(
    term: Term, calendar: Calendar, holders: Sequence[Holder], span: Span, end: date
) -> Iterator[DayOfWorking]:
    for counted in count(term, calendar):
        on = counted.day.on
        if on > end:
            return
        reason, name = _why(counted, term, span)
        ordinal = None if reason is DayReason.AFTER_STOP else counted.ordinal
        used = ordinal is not None and on <= span.until
        holder = _holder(on, holders, calendar) if used else None
        yield DayOfWorking(
            on=on,
            ordinal=ordinal,
            reason=reason,
            name=name,
            whose=holder.whose if holder else None,
            is_today=on == span.today,
            is_future=on > span.today,
            is_due=on == span.due_on,
            holder=holder.name if holder else "",
        )


def _why(counted: CountedDay, term: Term, span: Span) -> tuple[DayReason, str]:
    day = counted.day
    if day.on == term.started_on:
        return DayReason.START, term.start.reason
    if term.stop and day.on > span.until:
        return DayReason.AFTER_STOP, ""
    if counted.pause:
        return DayReason.PAUSED, counted.pause.reason
    if counted.ordinal is not None:
        makeup = day.kind is DayKind.MAKEUP
        return (DayReason.MAKEUP if makeup else DayReason.COUNTED), day.name
    holiday = day.kind is DayKind.HOLIDAY
    return (DayReason.HOLIDAY if holiday else DayReason.WEEKEND), day.name


def _holder(on: date, holders: Sequence[Holder], calendar: Calendar) -> Holder | None:
    """Who had the matter when the office opened: the day of a handing-over is the giver's."""
    morning = calendar.opening(on)
    before = [holder for holder in holders if holder.since <= morning]
    return before[-1] if before else next(iter(holders), None)


def segments_of(working: Iterable[DayOfWorking], total: int) -> tuple[Segment, ...]:
    """The strip, in the order of time, equal neighbours merged; it agrees with the working."""
    pieces = [piece for day in working if (piece := _piece(day, total))]
    strip = [Segment(kind, len(list(days)), name) for (kind, name), days in groupby(pieces)]
    covered = sum(segment.days for segment in strip if segment.kind != "paused")
    if covered < total:  # stopped before the end: what was not needed
        strip.append(Segment("left", total - covered, ""))
    return tuple(strip)


def _piece(day: DayOfWorking, total: int) -> tuple[str, str] | None:
    if day.reason is DayReason.PAUSED:
        return "paused", day.name
    if day.ordinal is None:
        return None
    if day.ordinal > total:
        return "over", ""
    if day.is_future:
        return "left", ""
    whose = day.whose or Whose.OFFICE
    is_said_by_kind = whose in (Whose.OFFICE, Whose.APPLICANT)
    return whose.value, "" if is_said_by_kind else day.holder


def whose_days_of(working: Iterable[DayOfWorking]) -> tuple[tuple[Whose, int], ...]:
    """Counted days up to today by whose time they were; they sum to the days used."""
    used = [
        day.whose or Whose.OFFICE
        for day in working
        if day.ordinal is not None and not day.is_future
    ]
    return tuple((whose, used.count(whose)) for whose in Whose if whose in used)
