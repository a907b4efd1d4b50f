"""Limits in office time: counted by the minute, consistent with days; and whose time it all was."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.clock import (
    Budget,
    ClockEntry,
    ClockState,
    EntryKind,
    Holder,
    Light,
    LightRule,
    Unit,
    Whose,
    due_at,
    narrate,
    project,
    read,
)
from engine.domain.clock_english import in_english
from engine.domain.clock_ledger import standing
from engine.domain.office_time import office_day, office_time, office_time_before
from engine.domain.whose_time import Stay, days_of, holders_of, whose_time
from engine.settings import ROOT
from tests.domain.shipped import CALENDAR, at

FOUR_HOURS = Budget(4, Unit.WORKING_HOURS)
HALF_DAY = Budget(1, Unit.HALF_DAYS)
MOMENTS = st.datetimes(
    min_value=datetime(2019, 12, 1),  # noqa: DTZ001 - hypothesis wants them naive
    max_value=datetime(2020, 4, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
HOURS = st.one_of(
    st.builds(Budget, st.integers(1, 60), st.just(Unit.WORKING_HOURS)),
    st.builds(Budget, st.integers(1, 20), st.just(Unit.HALF_DAYS)),
)
DAYS = st.builds(Budget, st.integers(1, 30), st.just(Unit.WORKING_DAYS))
ANY = st.one_of(HOURS, DAYS, st.builds(Budget, st.integers(1, 30), st.just(Unit.CALENDAR_DAYS)))
STAYS = st.lists(
    st.builds(
        lambda since, length, whose: Stay(
            since, None if length is None else since + length, whose, whose.value
        ),
        MOMENTS,
        st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=30))),
        st.sampled_from(list(Whose)),
    ),
    max_size=6,
)


def entry(kind: EntryKind, moment: datetime | str, **more: object) -> ClockEntry:
    when = at(moment) if isinstance(moment, str) else moment
    return ClockEntry(kind, effective_at=when, recorded_at=when, **more)  # type: ignore[arg-type]


def start(moment: datetime | str) -> ClockEntry:
    return entry(EntryKind.START, moment, reason="收件")


@st.composite
def ledgers(draw: st.DrawFn) -> list[ClockEntry]:
    entries = [start(draw(MOMENTS))]
    for since in draw(st.lists(MOMENTS, max_size=3)):
        length = draw(st.timedeltas(timedelta(0), timedelta(days=10)))
        entries.append(entry(EntryKind.PAUSE, since, reason="核查"))
        if draw(st.booleans()):
            entries.append(entry(EntryKind.RESUME, since + length))
    if draw(st.booleans()):
        entries.append(entry(EntryKind.EXTEND, draw(MOMENTS), amount=draw(st.integers(1, 5))))
    if draw(st.booleans()):
        entries.append(entry(EntryKind.STOP, draw(MOMENTS)))
    return entries


# ── by the minute ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("budget", "begun", "due"),
    [
        (FOUR_HOURS, "2020-03-02 09:00", "2020-03-02 14:30"),  # the midday rest is not counted
        (FOUR_HOURS, "2020-03-02 16:00", "2020-03-03 13:30"),
        (FOUR_HOURS, "2020-02-28 16:00", "2020-03-02 13:30"),  # over a weekend
        (FOUR_HOURS, "2020-01-23 16:00", "2020-02-03 13:30"),  # over the prolonged holiday
        (HALF_DAY, "2020-03-02 09:00", "2020-03-02 13:45"),  # three hours and a quarter
        (HALF_DAY, "2020-03-02 20:00", "2020-03-03 13:45"),
        (Budget(2, Unit.HALF_DAYS), "2020-03-02 09:00", "2020-03-02 17:00"),
    ],
)
def test_a_limit_in_hours_begins_at_its_moment_and_counts_office_time(
    budget: Budget, begun: str, due: str
) -> None:
    assert due_at(budget, [start(begun)], CALENDAR, now=at(begun)) == at(due)


def test_a_pause_of_half_an_hour_costs_half_an_hour() -> None:
    entries = [
        start("2020-03-02 09:00"),
        entry(EntryKind.PAUSE, "2020-03-02 10:00", reason="系统停机"),
        entry(EntryKind.RESUME, "2020-03-02 10:30"),
    ]
    clock = read(FOUR_HOURS, entries, CALENDAR, now=at("2020-03-02 11:00"))
    assert clock.due_at == at("2020-03-02 15:00")
    assert (clock.used, clock.left, clock.paused_days) == (90, 150, 30)
    assert "3月2日 10:00 至 3月2日 10:30 系统停机" in narrate(clock)
    assert "4 个工作小时的最后时刻是 3月2日 周一 15:00" in narrate(clock)
    assert "4 office hours end on Monday 2 March, 15:00" in narrate(clock, language="en")


@pytest.mark.parametrize(
    ("now", "light"),
    [
        ("2020-03-02 12:00", Light.GREEN),
        ("2020-03-02 13:30", Light.YELLOW),
        ("2020-03-02 14:31", Light.RED),
    ],
)
def test_the_light_of_hours_turns_an_hour_before_the_end(now: str, light: Light) -> None:
    assert read(FOUR_HOURS, [start("2020-03-02 09:00")], CALENDAR, now=at(now)).light is light


@given(st.integers(1, 20), MOMENTS)
def test_hours_are_consistent_with_days(days: int, begun: datetime) -> None:
    """So many days' worth of hours end with the day itself when both begin at closing time."""
    closing = CALENDAR.closing(CALENDAR.next_open(CALENDAR.local_date(begun)))
    by_days = due_at(Budget(days, Unit.WORKING_DAYS), [start(closing)], CALENDAR, now=closing)
    by_hours = due_at(Budget(2 * days, Unit.HALF_DAYS), [start(closing)], CALENDAR, now=closing)
    assert by_hours == by_days
    sooner = due_at(Budget(2 * days, Unit.HALF_DAYS), [start(begun)], CALENDAR, now=begun)
    later = due_at(Budget(days, Unit.WORKING_DAYS), [start(begun)], CALENDAR, now=begun)
    assert sooner is not None
    assert later is not None
    assert sooner <= later


@given(HOURS, ledgers(), MOMENTS, STAYS)
def test_the_parts_of_hours_sum_to_the_whole(
    budget: Budget, entries: list[ClockEntry], now: datetime, stays: list[Stay]
) -> None:
    holders = [Holder(each.since, each.whose, each.name) for each in stays]
    clock = read(budget, entries, CALENDAR, now=now, holders=holders)
    parts = [part for part in clock.segments if part.kind != "paused"]
    assert sum(part.days for part in parts) == max(clock.total, clock.used)
    assert sum(minutes for _, minutes in clock.whose_days) == clock.used
    assert sum(part.days for part in parts if part.kind == "left") == max(clock.left, 0)
    paused = [part.days for part in clock.segments if part.kind == "paused"]
    assert sum(paused) == clock.paused_days
    assert sum(day.minutes or 0 for day in clock.working) >= clock.used


@given(HOURS, MOMENTS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=5)))
def test_pausing_hours_never_shortens_and_costs_what_it_took(
    budget: Budget, begun: datetime, since: datetime, length: timedelta
) -> None:
    plain = due_at(budget, [start(begun)], CALENDAR, now=begun)
    entries = [
        start(begun),
        entry(EntryKind.PAUSE, since),
        entry(EntryKind.RESUME, since + length),
    ]
    paused = due_at(budget, entries, CALENDAR, now=since + length)
    assert plain is not None
    assert paused is not None
    assert plain <= paused
    cost = office_time(CALENDAR, plain, paused)
    assert cost <= office_time(CALENDAR, since, since + length)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_office_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    whole = office_time(CALENDAR, first, last)
    assert office_time(CALENDAR, first, middle) + office_time(CALENDAR, middle, last) == whole


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(hours=40)))
def test_going_back_by_office_time_is_the_way_back(until: datetime, length: timedelta) -> None:
    assert office_time(CALENDAR, office_time_before(CALENDAR, until, length), until) == length


def test_a_working_day_is_six_hours_and_a_half() -> None:
    assert office_day(CALENDAR) == timedelta(hours=6, minutes=30)


# ── the law's own limit, corrections ────────────────────────────────────────────────────────────


def test_the_promise_drives_the_light_and_the_law_is_told_apart() -> None:
    promised, by_law = Budget(2, Unit.WORKING_DAYS), Budget(5, Unit.WORKING_DAYS)
    entries = [start("2020-03-02 09:00")]

    def told(now: str) -> tuple[Light, bool]:
        clock = read(promised, entries, CALENDAR, now=at(now), statutory=by_law)
        assert clock.statutory_due_at == at("2020-03-09 17:00")
        return clock.light, clock.is_unlawful

    assert told("2020-03-04 17:00") == (Light.YELLOW, False)
    assert told("2020-03-05 10:00") == (Light.RED, False)
    assert told("2020-03-09 17:01") == (Light.RED, True)
    late = read(promised, entries, CALENDAR, now=at("2020-03-10 10:00"), statutory=by_law)
    assert "法定时限 5 个工作日，到 2020年3月9日 17:00。" in narrate(late)
    assert narrate(late).endswith("已超过法定时限。")


def test_what_extends_the_promise_extends_the_law() -> None:
    entries = [start("2020-03-02 09:00"), entry(EntryKind.EXTEND, "2020-03-03 09:00", amount=3)]
    clock = read(
        Budget(2, Unit.WORKING_DAYS),
        entries,
        CALENDAR,
        now=at("2020-03-03 10:00"),
        statutory=Budget(5, Unit.WORKING_DAYS),
    )
    assert (clock.due_on, clock.statutory_due_on) == (date(2020, 3, 9), date(2020, 3, 12))


def test_a_corrected_entry_no_longer_counts_and_a_corrected_correction_does_nothing() -> None:
    wrong = entry(EntryKind.PAUSE, "2020-03-03 09:30", reason="误记", sequence=2)
    void = entry(EntryKind.VOID, "2020-03-04 09:00", sequence=3, voids=2)
    entries = [start("2020-03-02 09:00"), wrong]
    budget, now = Budget(5, Unit.WORKING_DAYS), at("2020-03-05 10:00")
    assert read(budget, entries, CALENDAR, now=now).state is ClockState.PAUSED
    assert read(budget, [*entries, void], CALENDAR, now=now).state is ClockState.RUNNING
    undone = entry(EntryKind.VOID, "2020-03-04 10:00", sequence=4, voids=3)
    assert wrong in standing([*entries, void, undone])


@given(ANY, ledgers(), MOMENTS, st.sampled_from([LightRule(), LightRule(0.5, 3, 2)]))
def test_what_is_stored_is_what_is_read(
    budget: Budget, entries: list[ClockEntry], now: datetime, rule: LightRule
) -> None:
    stored = project(budget, entries, CALENDAR, now=now, rule=rule)
    clock = read(budget, entries, CALENDAR, now=now, rule=rule)
    assert stored is not None
    assert (stored.state, stored.due_at) == (clock.state, clock.due_at)
    has_begun = clock.started_on is not None and CALENDAR.local_date(now) >= clock.started_on
    if clock.state is ClockState.RUNNING and budget.unit is Unit.WORKING_DAYS and has_begun:
        by_moments = (
            Light.RED
            if now > stored.due_at
            else Light.YELLOW
            if now >= stored.warn_at
            else Light.GREEN
        )
        # A pause moves days that lie before the end; the stored moment counts back without it.
        assert clock.pauses or by_moments is clock.light


# ── whose time ──────────────────────────────────────────────────────────────────────────────────


@given(STAYS, STAYS, MOMENTS, MOMENTS)
def test_every_moment_of_a_case_belongs_to_somebody(
    stays: list[Stay], pauses: list[Stay], one: datetime, two: datetime
) -> None:
    since, until = min(one, two), max(one, two)
    found = whose_time(stays, pauses, since, until, CALENDAR)
    assert sum((share.elapsed for share in found.shares), timedelta()) == until - since
    worked = sum((share.office_time for share in found.shares), timedelta())
    assert worked == found.office_time == office_time(CALENDAR, since, until)
    ends = [since, *(each.until for each in found.stretches)]
    assert [each.since for each in found.stretches] == ends[:-1]
    assert not found.stretches or ends[-1] == until


@given(STAYS, STAYS, MOMENTS, MOMENTS)
def test_days_by_whose_they_were_sum_to_the_whole_to_a_tenth(
    stays: list[Stay], pauses: list[Stay], one: datetime, two: datetime
) -> None:
    since, until = min(one, two), max(one, two)
    found = whose_time(stays, pauses, since, until, CALENDAR)
    parts = days_of(found, CALENDAR)
    whole = found.office_time / office_day(CALENDAR)
    assert sum(round(part.days * 10) for part in parts) == pytest.approx(whole * 10, abs=0.5001)
    shares = {share.whose: share.office_time / office_day(CALENDAR) for share in found.shares}
    for part in parts:
        assert part.days == pytest.approx(shares[part.whose], abs=0.1001)


def test_as_long_as_the_office_has_anything_to_do_the_time_is_its_own() -> None:
    stays = [
        Stay(at("2020-03-02 09:00"), at("2020-03-04 09:00"), Whose.OFFICE, "本办"),
        Stay(at("2020-03-03 09:00"), at("2020-03-06 09:00"), Whose.APPLICANT, "申请人"),
    ]
    found = whose_time(stays, [], at("2020-03-02 09:00"), at("2020-03-06 09:00"), CALENDAR)
    assert [(each.whose, each.since) for each in found.stretches] == [
        (Whose.OFFICE, at("2020-03-02 09:00")),
        (Whose.APPLICANT, at("2020-03-04 09:00")),
    ]
    assert [each.whose for each in holders_of(found)] == [Whose.OFFICE, Whose.APPLICANT]


def test_a_pause_gives_the_time_to_him_for_whose_sake_it_is() -> None:
    stays = [Stay(at("2020-03-02 09:00"), None, Whose.OFFICE, "本办")]
    pauses = [Stay(at("2020-03-03 09:00"), at("2020-03-04 09:00"), Whose.EXPERT, "专家评审")]
    found = whose_time(stays, pauses, at("2020-03-02 09:00"), at("2020-03-05 09:00"), CALENDAR)
    shares = {share.whose: share.elapsed for share in found.shares}
    assert shares == {Whose.OFFICE: timedelta(days=2), Whose.EXPERT: timedelta(days=1)}


def test_every_ground_of_a_pause_has_its_english_in_the_working() -> None:
    told = tomllib.loads((ROOT / "workflows/common/shared.toml").read_text("utf-8"))
    for ground in told["grounds"].values():
        assert in_english(ground["zh"]) != ground["zh"], ground
        assert ground["whose"] in {each.value for each in Whose}
