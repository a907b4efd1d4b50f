"""The statutory clock: from ledger entries to due, used, left, light and the printed working."""

from collections.abc import Iterable
from datetime import date, datetime

from engine.domain.calendar import Calendar
from engine.domain.clock_ledger import (
    Budget,
    ClockEntry,
    EntryKind,
    Pause,
    Term,
    Unit,
    begin,
    last_day,
    resolve,
)
from engine.domain.clock_narration import narrate
from engine.domain.clock_reading import ClockReading, ClockState, Light, LightRule
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

__all__ = [
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
    "Segment",
    "Unit",
    "Whose",
    "due_at",
    "due_on",
    "light_of",
    "narrate",
    "read",
    "step_due",
]


USUAL_LIGHTS = LightRule()


def due_on(
    budget: Budget, entries: Iterable[ClockEntry], calendar: Calendar, *, now: datetime
) -> date | None:
    """The last day of the limit; None before the start. An open pause is counted to `now`."""
    term = resolve(budget, entries, calendar, now=now)
    return last_day(term, calendar) if term else None


def due_at(
    budget: Budget, entries: Iterable[ClockEntry], calendar: Calendar, *, now: datetime
) -> datetime | None:
    """Closing time of the last day of the limit, aware UTC; None before the start."""
    day = due_on(budget, entries, calendar, now=now)
    return calendar.closing(day) if day else None


def step_due(start: datetime, budget: Budget, calendar: Calendar) -> datetime:
    """The due moment of one step begun at `start`: closing time of the last day, aware UTC."""
    begun = ClockEntry(EntryKind.START, effective_at=start, recorded_at=start)
    return calendar.closing(last_day(begin(budget, begun, calendar), calendar))


def read(
    budget: Budget,
    entries: Iterable[ClockEntry],
    calendar: Calendar,
    *,
    now: datetime,
    holders: Iterable[Holder] = (),
    rule: LightRule = USUAL_LIGHTS,
) -> ClockReading:
    """Everything a clock says at `now`.

    Unit: whole days; `now`, entries and holders carry aware moments.
    """
    term = resolve(budget, entries, calendar, now=now)
    if term is None:
        return _not_started(budget)
    today = calendar.local_date(now)
    until = calendar.local_date(term.stop.effective_at) if term.stop else today
    due = last_day(term, calendar)
    working = day_by_day(term, calendar, holders, Span(today, until, due))
    used = sum(day.ordinal is not None and day.on <= until for day in working)
    left = term.total - used
    state = _state(term, now)
    closing = calendar.closing(due)
    late = (term.stop.effective_at if term.stop else now) > closing
    return ClockReading(
        budget=budget,
        state=state,
        started_on=term.started_on,
        due_on=due,
        due_at=closing,
        total=term.total,
        used=used,
        left=left,
        paused_days=sum(day.reason is DayReason.PAUSED for day in working),
        extended=term.extended,
        light=light_of(state, late=late, left=left, total=term.total, rule=rule),
        provisional=calendar.is_provisional(term.started_on, max(due, until)),
        working=working,
        segments=segments_of(working, term.total),
        whose_days=whose_days_of(working),
        start=term.start,
        stopped_at=term.stop.effective_at if term.stop else None,
        pauses=term.pauses,
    )


def light_of(
    state: ClockState,
    *,
    late: bool,
    left: int,
    total: int,
    rule: LightRule = USUAL_LIGHTS,
) -> Light:
    """Red when over (also when stopped late, also when paused after the end); blue while paused."""
    if late:
        return Light.RED
    if state is ClockState.PAUSED:
        return Light.BLUE
    is_live = state is ClockState.RUNNING
    if is_live and left <= max(rule.yellow_days, rule.yellow_share * total):
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
