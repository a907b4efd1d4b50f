"""The statutory clock: what must hold whatever the ledger."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import SATURDAY, Calendar, CalendarYear, SpecialDay
from engine.domain.calendar_recount import Limits, Recount
from engine.domain.clock import (
    Budget,
    ClockEntry,
    ClockState,
    DayReason,
    EntryKind,
    Holder,
    Unit,
    Whose,
    due_at,
    due_on,
    narrate,
    project,
    read,
    step_due,
)
from tests.domain.shipped import CALENDAR

Span = tuple[datetime, timedelta]

MOMENTS = st.datetimes(
    min_value=datetime(2019, 12, 1),  # noqa: DTZ001 - hypothesis wants them naive
    max_value=datetime(2020, 4, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
SPANS = st.tuples(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=20)))
BUDGETS = st.one_of(
    st.builds(Budget, st.integers(1, 40), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS])),
    st.builds(Budget, st.integers(1, 6), st.just(Unit.MONTHS)),
)
HOLDER_LISTS = st.lists(
    st.builds(Holder, MOMENTS, st.sampled_from(list(Whose)), st.sampled_from(["甲", "乙"])),
    max_size=5,
)


def made(kind: EntryKind, moment: datetime, **more: Any) -> ClockEntry:
    return ClockEntry(kind, effective_at=moment, recorded_at=moment, **more)


def last_day(budget: Budget, entries: list[ClockEntry], now: datetime) -> date:
    day = due_on(budget, entries, CALENDAR, now=now)
    assert day is not None
    return day


@st.composite
def ledgers(draw: st.DrawFn) -> list[ClockEntry]:
    begun = draw(MOMENTS)
    entries = [made(EntryKind.START, begun)]
    for since, length in draw(st.lists(SPANS, max_size=3)):
        entries.append(made(EntryKind.PAUSE, since, reason="核查"))
        if draw(st.booleans()):
            entries.append(made(EntryKind.RESUME, since + length))
    if draw(st.booleans()):
        entries.append(made(EntryKind.EXTEND, draw(MOMENTS), amount=draw(st.integers(1, 5))))
    if draw(st.booleans()):
        entries.append(made(EntryKind.STOP, draw(MOMENTS)))
    if draw(st.booleans()):
        entries.append(made(EntryKind.RESTART, draw(MOMENTS)))
    return draw(st.permutations(entries))


@given(BUDGETS, ledgers(), MOMENTS)
def test_the_reading_agrees_with_the_due_day(
    budget: Budget, entries: list[ClockEntry], now: datetime
) -> None:
    clock = read(budget, entries, CALENDAR, now=now)
    assert clock.due_on == last_day(budget, entries, now)
    assert clock.due_at == CALENDAR.closing(last_day(budget, entries, now))
    assert CALENDAR.is_open(last_day(budget, entries, now))


@given(BUDGETS, ledgers(), MOMENTS)
def test_the_working_is_every_day_in_a_row_and_its_last_ordinal_is_the_limit(
    budget: Budget, entries: list[ClockEntry], now: datetime
) -> None:
    clock = read(budget, entries, CALENDAR, now=now)
    days = [day.on for day in clock.working]
    assert days == [days[0] + timedelta(n) for n in range(len(days))]
    assert days[0] == clock.started_on
    ordinals = [day.ordinal for day in clock.working if day.ordinal is not None]
    assert ordinals == list(range(1, len(ordinals) + 1))
    (last,) = [day for day in clock.working if day.is_due]
    if clock.state is not ClockState.STOPPED or clock.left <= 0:
        assert last.ordinal == clock.total
    else:
        assert last.reason is DayReason.AFTER_STOP


@given(BUDGETS, ledgers(), MOMENTS, HOLDER_LISTS)
def test_the_parts_sum_to_the_whole(
    budget: Budget, entries: list[ClockEntry], now: datetime, holders: list[Holder]
) -> None:
    clock = read(budget, entries, CALENDAR, now=now, holders=holders)
    counted = [part for part in clock.segments if part.kind != "paused"]
    assert sum(part.days for part in counted) == max(clock.total, clock.used)
    assert sum(part.days for part in clock.segments if part.kind == "paused") == clock.paused_days
    assert sum(days for _, days in clock.whose_days) == clock.used
    assert sum(part.days for part in counted if part.kind == "left") == max(clock.left, 0)
    assert sum(part.days for part in counted if part.kind == "over") == max(-clock.left, 0)
    assert clock.used + clock.left == clock.total
    neighbours = zip(clock.segments, clock.segments[1:], strict=False)
    assert all((one.kind, one.name) != (next_.kind, next_.name) for one, next_ in neighbours)


@given(BUDGETS, ledgers(), MOMENTS, st.integers(1, 10))
def test_more_budget_is_never_due_sooner(
    budget: Budget, entries: list[ClockEntry], now: datetime, more: int
) -> None:
    larger = Budget(budget.amount + more, budget.unit)
    sooner = last_day(budget, entries, now)
    later = last_day(larger, entries, now)
    assert sooner <= later


@given(BUDGETS, MOMENTS, st.lists(SPANS, max_size=3), SPANS, MOMENTS)
def test_one_more_pause_never_shortens(
    budget: Budget, begun: datetime, spans: list[Span], another: Span, now: datetime
) -> None:
    def with_pauses(pauses: list[Span]) -> date:
        entries = [made(EntryKind.START, begun)]
        for since, length in pauses:
            entries += [made(EntryKind.PAUSE, since), made(EntryKind.RESUME, since + length)]
        return last_day(budget, entries, now)

    assert with_pauses(spans) <= with_pauses([*spans, another])


@given(BUDGETS, ledgers(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_the_due_day_never_comes_nearer_as_time_passes(
    budget: Budget, entries: list[ClockEntry], now: datetime, later: timedelta
) -> None:
    entries = [entry for entry in entries if entry.kind is not EntryKind.STOP]
    assert last_day(budget, entries, now) <= last_day(budget, entries, now + later)


@given(BUDGETS, MOMENTS)
def test_a_clock_without_pauses_is_due_when_a_step_is(budget: Budget, begun: datetime) -> None:
    by_clock = due_at(budget, [made(EntryKind.START, begun)], CALENDAR, now=begun)
    assert by_clock == step_due(begun, budget, CALENDAR)


@given(st.integers(1, 60), MOMENTS)
def test_working_days_of_the_clock_are_those_of_the_calendar(amount: int, begun: datetime) -> None:
    """A second, independent way of counting: by bisection in the calendar's open days."""
    expected = CALENDAR.after(CALENDAR.counted_from(begun), amount)
    entries = [made(EntryKind.START, begun)]
    budget = Budget(amount, Unit.WORKING_DAYS)
    assert due_on(budget, entries, CALENDAR, now=begun) == expected


@given(BUDGETS, ledgers(), MOMENTS)
def test_every_working_can_be_told_and_ends_on_its_own_due_day(
    budget: Budget, entries: list[ClockEntry], now: datetime
) -> None:
    clock = read(budget, entries, CALENDAR, now=now)
    day = clock.due_on
    assert day is not None
    assert f"{day.month}月{day.day}日" in narrate(clock)
    assert f"{day.day} {day:%B}" in narrate(clock, language="en")


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Announced years in which any day may be off, and any weekend worked."""
    years = []
    for year in (2019, 2020, 2021):
        days = draw(st.sets(st.dates(date(year, 1, 1), date(year, 12, 31)), max_size=40))
        special = [
            SpecialDay(day, is_open=day.weekday() >= SATURDAY and draw(st.booleans()), name="调休")
            for day in sorted(days)
        ]
        years.append(CalendarYear(year, "通知", tuple(special)))
    return Calendar(years)


UNITS = st.one_of(
    BUDGETS,
    st.builds(Budget, st.integers(1, 60), st.sampled_from([Unit.WORKING_HOURS, Unit.HALF_DAYS])),
)


@settings(max_examples=60)
@given(calendars(), UNITS, BUDGETS, st.lists(ledgers(), min_size=1, max_size=4))
def test_ends_counted_for_many_are_those_that_the_working_of_each_tells(
    calendar: Calendar, budget: Budget, statutory: Budget, found: list[list[ClockEntry]]
) -> None:
    recount, limits = Recount(calendar), Limits(budget, statutory)
    kinds = (EntryKind.PAUSE, EntryKind.RESUME, EntryKind.EXTEND, EntryKind.RESTART)
    alike = [[e for e in each if e.kind is not kind] for each in found for kind in kinds]
    for entries in [*found, *alike, *found]:  # the last time nothing is counted anew
        end = recount.ledger(entries, limits)
        now = max(entry.recorded_at for entry in entries)
        told = project(budget, entries, calendar, now=now, statutory=statutory)
        assert end is not None
        assert told is not None
        assert (end.due_at, end.warn_at) == (told.due_at, told.warn_at)
        assert end.statutory_due_at == told.statutory_due_at
        clock = read(budget, entries, calendar, now=now)
        (last,) = [day for day in clock.working if day.is_due]
        assert last.on == calendar.local_date(end.due_at)
        if not budget.unit.is_office_time and clock.state is not ClockState.STOPPED:
            assert last.ordinal == clock.total
