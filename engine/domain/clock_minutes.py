"""A limit in office time, counted by the minute: which minutes count, whose they were, when it ends."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from engine.domain.calendar import Calendar, CalendarDay, DayKind
from engine.domain.clock_ledger import Pause, Term
from engine.domain.clock_working import DayOfWorking, DayReason, Holder, Segment, Whose
from engine.domain.office_time import office_spans

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of office time that counts, or that a pause keeps from counting."""

    on: date
    since: datetime
    until: datetime
    pause: Pause | None

    @property
    def length(self) -> timedelta:
        return self.until - self.since


def pieces(term: Term, calendar: Calendar) -> Iterator[Piece]:
    """Office time from the start on, without end, cut where pauses begin and end.

    Source: 民法典 art. 201(2): a limit in hours begins at its moment, the first day included.
    """
    edges = sorted({edge for pause in term.pauses for edge in (pause.since, pause.until)})
    for on, (since, until) in office_spans(calendar, term.start.effective_at):
        cuts = [since, *(edge for edge in edges if since < edge < until), until]
        for begins, ends in pairwise(cuts):
            held = (p for p in term.pauses if p.since <= begins and ends <= p.until)
            yield Piece(on, begins, ends, next(held, None))


def due_moment(term: Term, calendar: Calendar) -> datetime:
    """When the last minute of the limit is over."""
    left = term.total * MINUTE
    for piece in pieces(term, calendar):
        if piece.pause is None:
            if piece.length >= left:
                return piece.since + left
            left -= piece.length
    raise AssertionError("office time has no end")


@dataclass
class Count:
    """The working of a limit in office time, as it grows along the pieces."""

    total: int
    until: datetime  # the last moment used up: now, or that of the stop
    counted: timedelta = timedelta()
    paused: timedelta = timedelta()
    used: int = 0
    strip: list[Segment] = field(default_factory=list)
    whose: dict[Whose, int] = field(default_factory=dict)
    by_day: dict[date, int] = field(default_factory=dict)
    reached: dict[date, int] = field(default_factory=dict)
    pauses: dict[date, Pause] = field(default_factory=dict)

    def pass_over(self, piece: Piece) -> None:
        assert piece.pause is not None  # noqa: S101 - the caller looked
        before = self.paused // MINUTE
        self.paused += piece.length
        self.pauses.setdefault(piece.on, piece.pause)
        self._lengthen("paused", self.paused // MINUTE - before, piece.pause.reason)

    def take(self, piece: Piece, holder: Holder | None, *, is_used: bool) -> None:
        """Count a piece that lies wholly before or after the moment of reading and the end."""
        before = self.counted // MINUTE
        self.counted += piece.length
        minutes = self.counted // MINUTE - before
        self.by_day[piece.on] = self.by_day.get(piece.on, 0) + minutes
        self.reached[piece.on] = self.counted // MINUTE
        if not is_used:
            self._lengthen("left", minutes, "")
            return
        whose = holder.whose if holder else Whose.OFFICE
        self.used += minutes
        self.whose[whose] = self.whose.get(whose, 0) + minutes
        said = whose in (Whose.OFFICE, Whose.APPLICANT) or holder is None
        if before >= self.total:
            self._lengthen("over", minutes, "")
        else:
            self._lengthen(whose.value, minutes, "" if said or not holder else holder.name)

    def _lengthen(self, kind: str, minutes: int, name: str) -> None:
        if self.strip and (self.strip[-1].kind, self.strip[-1].name) == (kind, name):
            minutes += self.strip.pop().days
        if minutes:
            self.strip.append(Segment(kind, minutes, name))


def count(
    term: Term, calendar: Calendar, holders: Sequence[Holder], until: datetime, due: datetime
) -> Count:
    """Every minute from the start to the end of the limit, or to the moment of reading if later."""
    found = Count(term.total, until)
    changes = [until, due, *(holder.since for holder in holders)]
    for piece in pieces(term, calendar):
        if piece.since >= max(until, due):
            break
        for part in _cut(piece, changes):
            is_used = part.until <= until
            if part.since >= max(until, due) or (term.stop and not is_used):
                continue
            if part.pause:
                found.pass_over(part)
            else:
                found.take(part, _holder(part.since, holders), is_used=is_used)
    unused = found.total - found.counted // MINUTE
    if unused > 0:  # stopped before the end: what was not needed
        found._lengthen("left", unused, "")
    return found


def _cut(piece: Piece, changes: Iterable[datetime]) -> Iterator[Piece]:
    inside = sorted({edge for edge in changes if piece.since < edge < piece.until})
    cuts = [piece.since, *inside, piece.until]
    for begins, ends in pairwise(cuts):
        yield Piece(piece.on, begins, ends, piece.pause)


def _holder(at: datetime, holders: Sequence[Holder]) -> Holder | None:
    before = [holder for holder in holders if holder.since <= at]
    return before[-1] if before else next(iter(holders), None)


def days(
    term: Term, calendar: Calendar, found: Count, today: date, due_on: date
) -> Iterator[DayOfWorking]:
    """The same day by day: how many minutes of each count, and why the others do not."""
    last = max(due_on, calendar.local_date(found.until), term.started_on)
    for day in calendar.days_from(term.started_on):
        if day.on > last:
            return
        minutes = found.by_day.get(day.on, 0)
        reason, name = _why(day, term, found, minutes)
        yield DayOfWorking(
            on=day.on,
            ordinal=found.reached[day.on] if minutes else None,
            reason=reason,
            name=name,
            whose=None,
            is_today=day.on == today,
            is_future=day.on > today,
            is_due=day.on == due_on,
            minutes=minutes,
        )


def _why(day: CalendarDay, term: Term, found: Count, minutes: int) -> tuple[DayReason, str]:
    if minutes:
        is_first = day.on == term.started_on
        makeup = day.kind is DayKind.MAKEUP
        return (DayReason.MAKEUP if makeup else DayReason.COUNTED), (
            term.start.reason if is_first else day.name
        )
    if not day.is_open:
        holiday = day.kind is DayKind.HOLIDAY
        return (DayReason.HOLIDAY if holiday else DayReason.WEEKEND), day.name
    if day.on in found.pauses:
        return DayReason.PAUSED, found.pauses[day.on].reason
    if day.on == term.started_on:
        return DayReason.START, term.start.reason
    return DayReason.AFTER_STOP, ""
