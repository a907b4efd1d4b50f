"""The statutory clock: from ledger entries to due, used, left, light and the printed working."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from engine.domain import clock_minutes
from engine.domain.calendar import Calendar
from engine.domain.clock_ledger import (
    Budget,
    ClockEntry,
    EntryKind,
    Pause,
    Term,
    Unit,
    all_told,
    begin,
    last_day,
    open_pauses,
    resolve,
    standing,
)
from engine.domain.clock_narration import narrate
from engine.domain.clock_reading import NEVER, ClockReading, ClockState, Light, LightRule
from engine.domain.clock_working import (
    DayOfWorking,
    DayReason,
    Holder,
    Segment,
    Span,
    Whose,
    day_by_day,
    segments_of,
    whose_days_of,
)
from engine.domain.office_time import office_time_before

__all__ = [
    "NEVER",
    "Budget",
    "ClockEntry",
    "ClockReading",
    "ClockState",
    "DayOfWorking",
    "DayReason",
    "EntryKind",
    "Holder",
    "Light",
    "LightRule",
    "Pause",
    "Projection",
    "Segment",
    "Unit",
    "Whose",
    "all_told",
    "due_at",
    "due_on",
    "end_of",
    "light_of",
    "narrate",
    "open_pauses",
    "project",
    "read",
    "standing",
    "step_due",
    "warn_at",
]


USUAL_LIGHTS = LightRule()


def due_on(
    budget: Budget, entries: Iterable[ClockEntry], calendar: Calendar, *, now: datetime
) -> date | None:
    """The last day of the limit; None before the start. An open pause is counted to `now`."""
    end = due_at(budget, entries, calendar, now=now)
    return calendar.local_date(end) if end else None


def due_at(
    budget: Budget, entries: Iterable[ClockEntry], calendar: Calendar, *, now: datetime
) -> datetime | None:
    """Closing time of the last day of the limit, or its last minute in a limit of office time,
    aware UTC; None before the start."""
    term = resolve(budget, entries, calendar, now=now)
    return end_of(term, calendar) if term else None


def step_due(start: datetime, budget: Budget, calendar: Calendar) -> datetime:
    """The due moment of one step begun at `start`, aware UTC."""
    begun = ClockEntry(EntryKind.START, effective_at=start, recorded_at=start)
    return end_of(begin(budget, begun, calendar), calendar)


def end_of(term: Term, calendar: Calendar) -> datetime:
    if term.unit.is_office_time:
        return clock_minutes.due_moment(term, calendar)
    return calendar.closing(last_day(term, calendar))


@dataclass(frozen=True, slots=True)
class Projection:
    """What of a ledger is stored beside it, so that queries need not count: always as `read` says.

    While paused, `due_at` is as if resumed at the moment of projecting.
    """

    state: ClockState
    due_at: datetime
    warn_at: datetime
    statutory_due_at: datetime | None
    is_provisional: bool
    late_at: datetime | None  # the moment of the stop, when it came after the end


def project(
    budget: Budget,
    entries: Iterable[ClockEntry],
    calendar: Calendar,
    *,
    now: datetime,
    rule: LightRule = USUAL_LIGHTS,
    statutory: Budget | None = None,
) -> Projection | None:
    """The stored projection of a ledger; None before the start."""
    ledger = list(entries)
    term = resolve(budget, ledger, calendar, now=now)
    if term is None:
        return None
    end = end_of(term, calendar)
    stop = term.stop.effective_at if term.stop else None
    last = max(calendar.local_date(end), calendar.local_date(stop or now))
    return Projection(
        state=_state(term, now),
        due_at=end,
        warn_at=warn_at(end, term.total, calendar, rule, term.unit),
        statutory_due_at=due_at(statutory, ledger, calendar, now=now) if statutory else None,
        is_provisional=calendar.is_provisional(term.started_on, last),
        late_at=stop if stop and stop > end else None,
    )


def warn_at(
    due_at: datetime,
    amount: int,
    calendar: Calendar,
    rule: LightRule = USUAL_LIGHTS,
    unit: Unit = Unit.WORKING_DAYS,
) -> datetime:
    """From when on the light is yellow: the beginning of the day with so few days left.

    amount: the whole limit, in days, or in minutes of office time. Same rule as `light_of`.
    """
    left = rule.threshold(amount, unit)
    if unit.is_office_time:
        return office_time_before(calendar, due_at, timedelta(minutes=left))
    day = calendar.local_date(due_at)
    by_open_days = unit is Unit.WORKING_DAYS
    while left > 0:
        if not by_open_days or calendar.is_open(day):
            left -= 1
        day -= timedelta(days=1)
    while by_open_days and not calendar.is_open(day):
        day -= timedelta(days=1)
    return datetime.combine(day, time(), calendar.zone)


def read(
    budget: Budget,
    entries: Iterable[ClockEntry],
    calendar: Calendar,
    *,
    now: datetime,
    holders: Iterable[Holder] = (),
    rule: LightRule = USUAL_LIGHTS,
    statutory: Budget | None = None,
) -> ClockReading:
    """Everything a clock says at `now`.

    Unit: whole days, or minutes in a limit of office time; `now`, entries and holders carry
    aware moments. `statutory`: the law's own limit behind a promised one; what extends or pauses
    the one extends and pauses the other.
    """
    ledger = list(entries)
    term = resolve(budget, ledger, calendar, now=now)
    if term is None:
        return replace(_not_started(budget), statutory=statutory)
    ordered = sorted(holders, key=lambda holder: holder.since)
    by_law = due_at(statutory, ledger, calendar, now=now) if statutory else None
    return _tell(_Asked(budget, term, calendar, now, ordered, rule, statutory, by_law))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a reading is made from."""

    budget: Budget
    term: Term
    calendar: Calendar
    now: datetime
    holders: list[Holder]
    rule: LightRule
    statutory: Budget | None
    by_law: datetime | None

    @property
    def until(self) -> datetime:
        """The last moment used up: now, or that of the stop."""
        return self.term.stop.effective_at if self.term.stop else self.now


@dataclass(frozen=True, slots=True)
class _Counted:
    """What counting a term gave."""

    used: int
    paused: int
    working: tuple[DayOfWorking, ...]
    segments: tuple[Segment, ...]
    whose: tuple[tuple[Whose, int], ...]


def _tell(asked: _Asked) -> ClockReading:
    term, calendar, until = asked.term, asked.calendar, asked.until
    end = end_of(term, calendar)
    due = calendar.local_date(end)
    counted = _by_minutes(asked, end) if term.unit.is_office_time else _by_days(asked, due)
    left = term.total - counted.used
    state = _state(term, asked.now)
    last = max(due, calendar.local_date(until))
    return ClockReading(
        budget=asked.budget,
        state=state,
        started_on=term.started_on,
        due_on=due,
        due_at=end,
        total=term.total,
        used=counted.used,
        left=left,
        paused_days=counted.paused,
        extended=term.extended,
        light=light_of(
            state,
            late=until > end,
            left=left,
            total=term.total,
            rule=asked.rule,
            unit=term.unit,
        ),
        provisional=calendar.is_provisional(term.started_on, last),
        working=counted.working,
        segments=counted.segments,
        whose_days=counted.whose,
        start=term.start,
        stopped_at=term.stop.effective_at if term.stop else None,
        pauses=term.pauses,
        statutory=asked.statutory,
        statutory_due_on=calendar.local_date(asked.by_law) if asked.by_law else None,
        statutory_due_at=asked.by_law,
        is_unlawful=asked.by_law is not None and until > asked.by_law,
    )


def _by_days(asked: _Asked, due: date) -> _Counted:
    term, calendar = asked.term, asked.calendar
    today, until = calendar.local_date(asked.now), calendar.local_date(asked.until)
    working = day_by_day(term, calendar, asked.holders, Span(today, until, due))
    return _Counted(
        used=sum(day.ordinal is not None and day.on <= until for day in working),
        paused=sum(day.reason is DayReason.PAUSED for day in working),
        working=working,
        segments=segments_of(working, term.total),
        whose=whose_days_of(working),
    )


def _by_minutes(asked: _Asked, end: datetime) -> _Counted:
    term, calendar = asked.term, asked.calendar
    found = clock_minutes.count(term, calendar, asked.holders, asked.until, end)
    today, due = calendar.local_date(asked.now), calendar.local_date(end)
    return _Counted(
        used=found.used,
        paused=found.paused // clock_minutes.MINUTE,
        working=tuple(clock_minutes.days(term, calendar, found, today, due)),
        segments=tuple(found.strip),
        whose=tuple((each, found.whose[each]) for each in Whose if each in found.whose),
    )


def light_of(
    state: ClockState,
    *,
    late: bool,
    left: int,
    total: int,
    rule: LightRule = USUAL_LIGHTS,
    unit: Unit = Unit.WORKING_DAYS,
) -> Light:
    """Red when over (also when stopped late, also when paused after the end); blue while paused."""
    if late:
        return Light.RED
    if state is ClockState.PAUSED:
        return Light.BLUE
    if state is ClockState.RUNNING and left <= rule.threshold(total, unit):
        return Light.YELLOW
    return Light.GREEN


def _state(term: Term, now: datetime) -> ClockState:
    if term.stop:
        return ClockState.STOPPED
    if term.start.effective_at > now:
        return ClockState.NOT_STARTED
    if any(pause.since <= now and (pause.is_open or now < pause.until) for pause in term.pauses):
        return ClockState.PAUSED
    return ClockState.RUNNING


def _not_started(budget: Budget) -> ClockReading:
    return ClockReading(
        budget=budget,
        state=ClockState.NOT_STARTED,
        started_on=None,
        due_on=None,
        due_at=None,
        total=budget.amount,
        used=0,
        left=budget.amount,
        paused_days=0,
        extended=0,
        light=Light.GREEN,
        provisional=False,
        working=(),
        segments=(),
        whose_days=(),
    )
