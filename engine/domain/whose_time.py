"""Whose time it was: every moment of a case belongs to one party, and the parts sum to the whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from engine.domain.calendar import Calendar
from engine.domain.clock_working import Holder, Whose
from engine.domain.office_time import office_day, office_time

#: Where a case rests at several places at once, the time is his who comes first here: as long as
#: the office itself has anything to do, the time is the office's.
PRECEDENCE = (
    Whose.OFFICE,
    Whose.DEPARTMENT,
    Whose.SUPERIOR,
    Whose.COURT,
    Whose.EXPERT,
    Whose.APPLICANT,
)


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody had the matter from `since` up to `until`, or has it still."""

    since: datetime
    until: datetime | None
    whose: Whose
    name: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the case's life that belongs to one party."""

    since: datetime
    until: datetime
    whose: Whose
    name: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one party had: all time, and the office time in it."""

    whose: Whose
    elapsed: timedelta
    office_time: timedelta


@dataclass(frozen=True, slots=True)
class Part:
    """Working days of one party, with fractions."""

    whose: Whose
    days: float


@dataclass(frozen=True, slots=True)
class WhoseTime:
    """The life of a case from filing to its end, or to now, cut into stretches without a gap.

    The shares sum to `elapsed` and to `office_time` exactly, in moments.
    """

    since: datetime
    until: datetime
    elapsed: timedelta
    office_time: timedelta
    shares: tuple[Share, ...]
    stretches: tuple[Stretch, ...]


def whose_time(
    stays: Iterable[Stay],
    pauses: Iterable[Stay],
    since: datetime,
    until: datetime,
    calendar: Calendar,
) -> WhoseTime:
    """Cut the time between two moments by who had the matter.

    pauses: spans in which the clock is stopped for somebody's sake: the time is his, whoever holds
        the file. A moment that nobody had belongs to who had the one before, the first to the office.
    """
    stretches = tuple(_stretches(sorted(stays, key=_begun), list(pauses), since, until))
    shares = []
    for whose in Whose:
        own = [each for each in stretches if each.whose is whose]
        if own:
            elapsed = sum((each.until - each.since for each in own), timedelta())
            worked = (office_time(calendar, each.since, each.until) for each in own)
            shares.append(Share(whose, elapsed, sum(worked, timedelta())))
    return WhoseTime(
        since=since,
        until=until,
        elapsed=max(until - since, timedelta()),
        office_time=office_time(calendar, since, until),
        shares=tuple(shares),
        stretches=stretches,
    )


def in_units(lengths: Iterable[timedelta], unit: timedelta) -> list[int]:
    """Lengths in whole units, rounded so that the parts still sum to the whole."""
    ends = ((total + unit / 2) // unit for total in accumulate(lengths, initial=timedelta()))
    return [later - sooner for sooner, later in pairwise(ends)]


def days_of(found: WhoseTime, calendar: Calendar) -> tuple[Part, ...]:
    """Office time by whose it was, in working days to a tenth; the parts sum to the whole."""
    tenths = in_units((share.office_time for share in found.shares), office_day(calendar) / 10)
    return tuple(
        Part(share.whose, count / 10)
        for share, count in zip(found.shares, tenths, strict=True)
        if count
    )


def holders_of(found: WhoseTime) -> tuple[Holder, ...]:
    """The same as one holder after the other, for the strip of a clock."""
    return tuple(Holder(each.since, each.whose, each.name) for each in found.stretches)


def _begun(stay: Stay) -> datetime:
    return stay.since


def _stretches(
    stays: Sequence[Stay], pauses: Sequence[Stay], since: datetime, until: datetime
) -> Iterable[Stretch]:
    moments = {since, until}
    for each in (*stays, *pauses):
        moments |= {m for m in (each.since, each.until) if m and since < m < until}
    last: Stretch | None = None
    before = Stay(since, None, Whose.OFFICE, "")
    for begins, ends in pairwise(sorted(moments)):
        owner = _owner(pauses, begins) or _owner(stays, begins) or before
        before = owner
        if last and (last.whose, last.name) == (owner.whose, owner.name):
            last = Stretch(last.since, ends, last.whose, last.name)
            continue
        if last:
            yield last
        last = Stretch(begins, ends, owner.whose, owner.name)
    if last:
        yield last


def _owner(stays: Sequence[Stay], at: datetime) -> Stay | None:
    held = [s for s in stays if s.since <= at and (s.until is None or at < s.until)]
    return min(held, key=lambda stay: PRECEDENCE.index(stay.whose), default=None)
