"""The statutory clock: the cases people argue about, one by one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.domain.clock import (
    Budget,
    ClockEntry,
    ClockReading,
    ClockState,
    DayReason,
    EntryKind,
    Holder,
    Light,
    LightRule,
    Segment,
    Unit,
    Whose,
    due_at,
    due_on,
    narrate,
    project,
    read,
    step_due,
)
from engine.domain.errors import Invalid
from tests.domain.shipped import CALENDAR, VECTORS, at

TEN_DAYS = Budget(10, Unit.WORKING_DAYS)
FIVE_DAYS = Budget(5, Unit.WORKING_DAYS)
USUAL = LightRule()


def entry(kind: EntryKind, moment: str, **more: Any) -> ClockEntry:
    return ClockEntry(kind, effective_at=at(moment), recorded_at=at(moment), **more)


def start(moment: str, **more: Any) -> ClockEntry:
    return entry(EntryKind.START, moment, **more)


def pause(moment: str, **more: Any) -> ClockEntry:
    return entry(EntryKind.PAUSE, moment, **more)


def resume(moment: str, **more: Any) -> ClockEntry:
    return entry(EntryKind.RESUME, moment, **more)


def stop(moment: str, **more: Any) -> ClockEntry:
    return entry(EntryKind.STOP, moment, **more)


def extend(moment: str, amount: int) -> ClockEntry:
    return entry(EntryKind.EXTEND, moment, amount=amount)


def restart(moment: str, **more: Any) -> ClockEntry:
    return entry(EntryKind.RESTART, moment, **more)


def reading(
    entries: Sequence[ClockEntry],
    now: str,
    *,
    budget: Budget = TEN_DAYS,
    holders: Sequence[Holder] = (),
    rule: LightRule = USUAL,
) -> ClockReading:
    return read(budget, entries, CALENDAR, now=at(now), holders=holders, rule=rule)


def due(
    entries: Sequence[ClockEntry], *, budget: Budget = TEN_DAYS, now: str = "2020-03-02 10:20"
) -> str | None:
    day = due_on(budget, entries, CALENDAR, now=at(now))
    return day.isoformat() if day else None


# The case of the mock-ups: accepted on 21 February, paused for a site check.

SITE_CHECK = [
    start("2020-02-21 16:40", reason="受理", basis="行政许可法第八十二条、民法总则第二百零一条"),
    pause(
        "2020-02-26 17:05",
        reason="现场核查",
        document="《暂停计时告知书》昆信用修〔2020〕停 6 号",
    ),
    resume("2020-03-02 08:30", document="《恢复计时告知书》昆信用修〔2020〕恢 6 号"),
]
HOLDERS = [
    Holder(at("2020-02-21 16:40"), Whose.OFFICE, "窗口"),
    Holder(at("2020-02-24 09:10"), Whose.DEPARTMENT, "市监局"),
    Holder(at("2020-02-26 15:42"), Whose.OFFICE, "市信用办"),
]


def test_the_case_with_the_site_check_counts_as_the_office_printed_it() -> None:
    clock = reading(SITE_CHECK, "2020-03-02 10:20", holders=HOLDERS)
    assert (clock.used, clock.left, clock.paused_days) == (4, 6, 2)
    assert clock.due_on == date(2020, 3, 10)
    assert clock.due_at == datetime(2020, 3, 10, 9, 0, tzinfo=UTC)
    assert (clock.state, clock.light) == (ClockState.RUNNING, Light.GREEN)
    assert clock.segments == (
        Segment("office", 1, ""),
        Segment("department", 2, "市监局"),
        Segment("paused", 2, "现场核查"),
        Segment("office", 1, ""),
        Segment("left", 6, ""),
    )
    assert clock.whose_days == ((Whose.OFFICE, 2), (Whose.DEPARTMENT, 2))


def test_the_case_with_the_site_check_shows_every_day_and_why() -> None:
    clock = reading(SITE_CHECK, "2020-03-02 10:20", holders=HOLDERS)
    shown = [(day.on.day, day.ordinal, day.reason.value) for day in clock.working]
    assert shown == [
        (21, None, "start"),
        (22, None, "weekend"),
        (23, None, "weekend"),
        (24, 1, "counted"),
        (25, 2, "counted"),
        (26, 3, "counted"),
        (27, None, "paused"),
        (28, None, "paused"),
        (29, None, "weekend"),
        (1, None, "weekend"),
        (2, 4, "counted"),
        (3, 5, "counted"),
        (4, 6, "counted"),
        (5, 7, "counted"),
        (6, 8, "counted"),
        (7, None, "weekend"),
        (8, None, "weekend"),
        (9, 9, "counted"),
        (10, 10, "counted"),
    ]
    assert [day.on.day for day in clock.working if day.is_today] == [2]
    assert [day.on.day for day in clock.working if day.is_due] == [10]
    assert [day.on.day for day in clock.working if day.is_future] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert [day.whose for day in clock.working if day.ordinal and not day.is_future] == [
        Whose.OFFICE,
        Whose.DEPARTMENT,
        Whose.DEPARTMENT,
        Whose.OFFICE,
    ]


def test_the_case_with_the_site_check_tells_its_working_in_chinese() -> None:
    assert narrate(reading(SITE_CHECK, "2020-03-02 10:20")) == (
        "受理日 2月21日不计入，从次日起算（依据：行政许可法第八十二条、民法总则第二百零一条）。"
        "2月27日、28日现场核查，依《暂停计时告知书》昆信用修〔2020〕停 6 号不计入；3月2日恢复。"
        "10 个计入日的最后一天是 3月10日 周二 17:00。"
    )


def test_the_case_with_the_site_check_tells_its_working_in_english() -> None:
    told = narrate(reading(SITE_CHECK, "2020-03-02 10:20"), language="en")
    assert "The first day, 21 February (acceptance), is not counted" in told
    assert "27 February and 28 February; resumed on 2 March." in told
    assert told.endswith("The last day of 10 working days is Tuesday 10 March, 17:00.")


def test_the_whole_case_is_the_sum_of_whose_time_it_was() -> None:
    """From receipt on 17 February: 10 working days = office 4 + applicant 2 + dept 2 + paused 2."""
    since_receipt = [start("2020-02-17 14:05"), *SITE_CHECK[1:]]
    holders = [
        Holder(at("2020-02-17 14:05"), Whose.OFFICE, "窗口"),
        Holder(at("2020-02-19 16:00"), Whose.APPLICANT, ""),
        *HOLDERS,
    ]
    clock = reading(since_receipt, "2020-03-02 10:20", holders=holders)
    assert dict(clock.whose_days) == {
        Whose.OFFICE: 4,
        Whose.APPLICANT: 2,
        Whose.DEPARTMENT: 2,
    }
    assert clock.paused_days == 2
    assert CALENDAR.working_days(date(2020, 2, 17), date(2020, 3, 2)) == 4 + 2 + 2 + 2


# Starting


@pytest.mark.parametrize(("first", "amount", "last"), VECTORS)
def test_a_limit_that_starts_on_a_named_day_ends_as_the_test_vectors_say(
    first: str, amount: int, last: str
) -> None:
    entries = [start(f"{first} 10:00", names_day=True)]
    assert due(entries, budget=Budget(amount, Unit.WORKING_DAYS)) == last


def test_a_clock_that_has_not_started_has_no_due_day() -> None:
    clock = reading([], "2020-03-02 10:20")
    assert (clock.state, clock.due_on, clock.due_at) == (ClockState.NOT_STARTED, None, None)
    assert (clock.used, clock.left, clock.working, clock.segments) == (0, 10, (), ())
    assert due_at(TEN_DAYS, [], CALENDAR, now=at("2020-03-02 10:20")) is None
    assert narrate(clock) == "期限尚未起算。"


def test_a_filing_after_hours_counts_from_the_next_working_day() -> None:
    clock = reading([start("2020-02-28 18:00", reason="收件")], "2020-02-28 18:01")
    assert clock.started_on == date(2020, 3, 2)
    assert clock.working[0].on == date(2020, 3, 2)
    assert (clock.used, clock.due_on) == (0, date(2020, 3, 16))
    assert narrate(clock).startswith(
        "2月28日 18:00 在办公时间以外，按下一个工作日 3月2日计。收件日 3月2日不计入"
    )


def test_a_start_dated_ahead_has_a_due_day_and_has_not_started() -> None:
    clock = reading([start("2020-03-05 10:00")], "2020-03-02 10:20")
    assert (clock.state, clock.used) == (ClockState.NOT_STARTED, 0)
    assert clock.due_on == date(2020, 3, 19)


def test_silence_makes_the_clock_start_from_receipt() -> None:
    """行政许可法 art. 32(4): recorded five working days late, counted from the day of receipt."""
    deemed = ClockEntry(EntryKind.START, at("2020-02-17 10:00"), at("2020-02-24 17:00"))
    assert due([deemed]) == "2020-03-02"


def test_a_start_recorded_later_corrects_the_earlier_one() -> None:
    wrong = ClockEntry(EntryKind.START, at("2020-02-24 10:00"), at("2020-02-24 10:00"))
    right = ClockEntry(EntryKind.START, at("2020-02-21 10:00"), at("2020-02-25 10:00"))
    assert due([right, wrong]) == "2020-03-06"


def test_a_correction_may_move_the_start_to_a_later_day() -> None:
    wrong = ClockEntry(EntryKind.START, at("2020-02-17 10:00"), at("2020-02-17 10:00"))
    right = ClockEntry(EntryKind.START, at("2020-02-21 10:00"), at("2020-02-25 10:00"))
    assert due([wrong, right]) == "2020-03-06"


def test_a_retroactive_start_keeps_the_pauses_already_there() -> None:
    paused = [pause("2020-02-26 09:00"), resume("2020-02-27 17:00")]
    early = ClockEntry(EntryKind.START, at("2020-02-26 09:00"), at("2020-02-28 10:00"))
    assert due([*paused, early]) == "2020-03-12"


# Pausing


def test_a_day_touched_by_a_pause_does_not_count() -> None:
    a_morning = [start("2020-03-02 10:00"), pause("2020-03-04 09:30"), resume("2020-03-04 10:00")]
    assert due(a_morning, budget=FIVE_DAYS) == "2020-03-10"


def test_a_pause_between_closing_and_opening_costs_no_day() -> None:
    overnight = [start("2020-03-02 10:00"), pause("2020-03-04 17:00"), resume("2020-03-05 09:00")]
    assert due(overnight, budget=FIVE_DAYS) == due(overnight[:1], budget=FIVE_DAYS)


def test_a_pause_over_a_weekend_is_shown_as_a_weekend() -> None:
    over_weekend = [
        start("2020-03-02 10:00"),
        pause("2020-03-06 17:30"),
        resume("2020-03-09 08:00"),
    ]
    clock = reading(over_weekend, "2020-03-10 10:00")
    assert clock.paused_days == 0
    assert {day.reason for day in clock.working if day.on.day in (7, 8)} == {DayReason.WEEKEND}


def test_overlapping_pauses_count_once_and_end_with_the_last() -> None:
    overlapping = [
        start("2020-03-02 10:00"),
        pause("2020-03-04 10:00", reason="专家评审"),
        pause("2020-03-05 10:00", reason="现场核查"),
        resume("2020-03-06 10:00", reason="专家评审"),
        resume("2020-03-10 10:00", reason="现场核查"),
    ]
    clock = reading(overlapping, "2020-03-12 10:00", budget=FIVE_DAYS)
    assert clock.paused_days == 5  # 4, 5, 6, 9, 10 March
    assert clock.due_on == date(2020, 3, 16)
    assert clock.state is ClockState.RUNNING
    assert reading(overlapping[:-1], "2020-03-09 10:00").state is ClockState.PAUSED


def test_a_paused_day_bears_the_reason_that_began_first_and_still_holds() -> None:
    nested = [
        start("2020-03-02 10:00"),
        pause("2020-03-04 10:00", reason="专家评审"),
        pause("2020-03-05 10:00", reason="现场核查"),
        resume("2020-03-06 10:00", reason="现场核查"),
        resume("2020-03-10 10:00", reason="专家评审"),
    ]
    clock = reading(nested, "2020-03-12 10:00")
    assert Segment("paused", 5, "专家评审") in clock.segments
    first_to_end = [*nested[:3], resume("2020-03-06 10:00"), *nested[4:]]
    after = reading(first_to_end, "2020-03-12 10:00").segments
    assert [part for part in after if part.kind == "paused"] == [
        Segment("paused", 3, "专家评审"),
        Segment("paused", 2, "现场核查"),
    ]


def test_a_pause_of_no_length_costs_no_day() -> None:
    at_once = [start("2020-03-02 10:00"), pause("2020-03-04 12:00"), resume("2020-03-04 12:00")]
    assert due(at_once, budget=FIVE_DAYS) == due(at_once[:1], budget=FIVE_DAYS)
    just_paused = reading(at_once[:2], "2020-03-04 12:00", budget=FIVE_DAYS)
    assert (just_paused.state, just_paused.used) == (ClockState.PAUSED, 2)


def test_a_clock_is_paused_from_the_moment_of_its_pause_up_to_that_of_its_resumption() -> None:
    ledger = [start("2020-03-02 10:00"), pause("2020-03-04 10:00"), resume("2020-03-05 10:00")]
    moments = ("2020-03-04 09:59", "2020-03-04 10:00", "2020-03-05 09:59", "2020-03-05 10:00")
    states = [reading(ledger, moment).state for moment in moments]
    running, paused = ClockState.RUNNING, ClockState.PAUSED
    assert states == [running, paused, paused, running]


def test_while_paused_the_due_day_is_as_if_resumed_now() -> None:
    paused = [start("2020-03-02 10:00"), pause("2020-03-04 10:00", reason="专家评审")]
    for now in ("2020-03-04 11:00", "2020-03-06 11:00", "2020-03-20 11:00"):
        resumed = [*paused, resume(now)]
        assert due(paused, now=now) == due(resumed, now=now)
    clock = reading(paused, "2020-03-06 11:00")
    assert (clock.state, clock.light) == (ClockState.PAUSED, Light.BLUE)
    assert (clock.used, clock.left) == (1, 9)
    assert narrate(clock).endswith("目前仍在暂停，末日按此刻恢复推算。")


def test_a_pause_after_the_end_does_not_hide_the_breach() -> None:
    late = [start("2020-02-10 10:00"), pause("2020-03-02 09:30")]
    clock = reading(late, "2020-03-03 10:00")
    assert (clock.state, clock.light, clock.due_on) == (
        ClockState.PAUSED,
        Light.RED,
        date(2020, 2, 24),
    )


def test_a_planned_pause_already_moves_the_due_day() -> None:
    planned = [start("2020-03-02 10:00"), pause("2020-03-09 09:00"), resume("2020-03-10 17:00")]
    clock = reading(planned, "2020-03-04 10:00")
    assert clock.due_on == date(2020, 3, 18)
    assert clock.state is ClockState.RUNNING
    assert reading(planned, "2020-03-10 10:00").state is ClockState.PAUSED


def test_a_resumption_without_a_pause_changes_nothing() -> None:
    assert due([start("2020-03-02 10:00"), resume("2020-03-03 10:00")]) == "2020-03-16"


# Extending, restarting, stopping


def test_an_extension_adds_in_the_unit_of_the_limit() -> None:
    extended = [start("2020-03-02 10:00"), extend("2020-03-10 10:00", 5)]
    clock = reading(extended, "2020-03-11 10:00")
    assert (clock.total, clock.extended, clock.due_on) == (15, 5, date(2020, 3, 23))
    assert "已延长 5 个工作日。15 个计入日的最后一天是 3月23日" in narrate(clock)
    months = [start("2020-03-02 10:00"), extend("2020-03-10 10:00", 3)]
    assert due(months, budget=Budget(3, Unit.MONTHS)) == "2020-09-02"


def test_an_extension_of_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="至少为 1"):
        extend("2020-03-10 10:00", 0)


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="至少为 1"):
        Budget(0, Unit.WORKING_DAYS)


def test_a_restart_begins_afresh() -> None:
    again = [
        start("2020-02-17 10:00"),
        pause("2020-02-18 10:00"),
        extend("2020-02-19 10:00", 5),
        stop("2020-02-20 10:00"),
        restart("2020-03-02 10:00", reason="重新受理"),
        pause("2020-03-04 10:00"),
        resume("2020-03-04 12:00"),
    ]
    clock = reading(again, "2020-03-05 10:00")
    assert (clock.started_on, clock.total, clock.paused_days) == (date(2020, 3, 2), 10, 1)
    assert clock.due_on == date(2020, 3, 17)
    assert clock.state is ClockState.RUNNING
    assert clock.working[0].name == "重新受理"


def test_a_restart_dated_back_voids_what_was_recorded_before_it() -> None:
    begun_and_ended = [
        start("2020-02-17 10:00"),
        pause("2020-02-24 10:00"),
        stop("2020-02-26 10:00"),
    ]
    dated_back = ClockEntry(EntryKind.RESTART, at("2020-02-21 10:00"), at("2020-02-28 10:00"))
    clock = reading([*begun_and_ended, dated_back], "2020-03-02 10:00")
    assert (clock.state, clock.due_on) == (ClockState.RUNNING, date(2020, 3, 6))


def test_a_stop_and_a_restart_of_one_moment_keep_their_order() -> None:
    moment = "2020-03-02 10:00"
    again = [start("2020-02-17 10:00"), stop(moment), restart(moment)]
    assert reading(again, "2020-03-03 10:00").state is ClockState.RUNNING
    ended = [start("2020-02-17 10:00"), restart(moment), stop(moment)]
    assert reading(ended, "2020-03-03 10:00").state is ClockState.STOPPED


def test_stopped_in_time_is_green_and_the_rest_is_not_needed() -> None:
    done = [start("2020-03-02 10:00"), stop("2020-03-05 16:20")]
    clock = reading(done, "2020-03-20 10:00")
    assert (clock.state, clock.light) == (ClockState.STOPPED, Light.GREEN)
    assert (clock.used, clock.left, clock.due_on) == (3, 7, date(2020, 3, 16))
    assert clock.segments == (Segment("office", 3, ""), Segment("left", 7, ""))
    after = [day for day in clock.working if day.reason is DayReason.AFTER_STOP]
    assert [day.on for day in after] == [date(2020, 3, 6) + timedelta(n) for n in range(11)]
    assert "3月5日 16:20 停止计时，共用 3 日。" in narrate(clock)


def test_the_light_that_turns_yellow_over_a_weekend_turns_on_the_friday_before() -> None:
    ledger = [start("2020-03-03 10:00")]  # ten working days: due on Tuesday the 17th
    kept = project(TEN_DAYS, ledger, CALENDAR, now=at("2020-03-03 10:00"))
    assert kept is not None
    assert (kept.due_at, kept.warn_at) == (at("2020-03-17 17:00"), at("2020-03-13 00:00"))
    moments = ("2020-03-12 23:59", "2020-03-13 00:00", "2020-03-14 12:00")
    lights = [reading(ledger, moment).light for moment in moments]
    assert lights == [Light.GREEN, Light.YELLOW, Light.YELLOW]


def test_stopped_late_stays_red_and_says_by_how_much() -> None:
    late = [start("2020-03-02 10:00"), stop("2020-03-18 09:30")]
    clock = reading(late, "2020-04-01 10:00")
    assert (clock.light, clock.used, clock.left) == (Light.RED, 12, -2)
    assert clock.segments[-1] == Segment("over", 2, "")
    assert narrate(clock).endswith("共用 12 日。已超过 2 个工作日。")


def test_stopped_at_the_very_end_of_the_last_day_is_in_time() -> None:
    ledger = [start("2020-03-02 10:00"), stop("2020-03-16 17:00")]
    kept = project(TEN_DAYS, ledger, CALENDAR, now=at("2020-03-17 09:00"))
    assert kept is not None
    assert (kept.due_at, kept.late_at) == (at("2020-03-16 17:00"), None)
    assert reading(ledger, "2020-03-17 09:00").light is Light.GREEN


def test_stopped_on_the_last_day_after_closing_is_late() -> None:
    in_time = reading([start("2020-03-02 10:00"), stop("2020-03-16 17:00")], "2020-03-17 09:00")
    too_late = reading([start("2020-03-02 10:00"), stop("2020-03-16 17:01")], "2020-03-17 09:00")
    assert (in_time.light, too_late.light) == (Light.GREEN, Light.RED)


def test_stopped_while_paused_the_pause_ends_with_the_stop() -> None:
    withdrawn = [start("2020-03-02 10:00"), pause("2020-03-04 10:00"), stop("2020-03-05 16:00")]
    clock = reading(withdrawn, "2020-04-20 10:00")
    assert (clock.light, clock.due_on, clock.paused_days) == (Light.GREEN, date(2020, 3, 18), 2)
    assert clock.used == 1


def test_what_is_dated_after_the_stop_does_not_count() -> None:
    done = [start("2020-03-02 10:00"), stop("2020-03-05 10:00")]
    later = [*done, pause("2020-03-06 10:00"), extend("2020-03-06 10:00", 5)]
    assert reading(later, "2020-03-20 10:00") == reading(done, "2020-03-20 10:00")


# Lights


@pytest.mark.parametrize(
    ("now", "left", "light"),
    [
        ("2020-03-02 10:00", 10, Light.GREEN),
        ("2020-03-11 10:00", 3, Light.GREEN),
        ("2020-03-12 10:00", 2, Light.YELLOW),
        ("2020-03-16 16:59", 0, Light.YELLOW),
        ("2020-03-16 17:00", 0, Light.YELLOW),
        ("2020-03-16 17:01", 0, Light.RED),
        ("2020-03-18 10:00", -2, Light.RED),
    ],
)
def test_the_light_turns_with_what_is_left(now: str, left: int, light: Light) -> None:
    clock = reading([start("2020-03-02 09:30")], now)
    assert (clock.left, clock.light) == (left, light)


def test_the_share_of_the_yellow_light_is_a_parameter() -> None:
    cautious = LightRule(yellow_share=0.5)
    assert reading([start("2020-03-02 09:30")], "2020-03-09 10:00").light is Light.GREEN
    assert reading([start("2020-03-02 09:30")], "2020-03-09 10:00", rule=cautious).light is (
        Light.YELLOW
    )


def test_a_limit_of_one_day_is_yellow_from_its_first_day() -> None:
    one = Budget(1, Unit.WORKING_DAYS)
    assert reading([start("2020-03-02 09:30")], "2020-03-02 09:31", budget=one).light is (
        Light.YELLOW
    )


# Calendar days and months


def test_calendar_days_count_weekends_but_do_not_end_on_one() -> None:
    ends_on_saturday = [start("2020-03-04 10:00")]
    clock = reading(ends_on_saturday, "2020-03-05 10:00", budget=Budget(10, Unit.CALENDAR_DAYS))
    assert clock.due_on == date(2020, 3, 16)
    by_day = {day.on.day: (day.ordinal, day.reason) for day in clock.working}
    assert by_day[7] == (3, DayReason.COUNTED)
    assert by_day[14] == (None, DayReason.WEEKEND)
    assert by_day[16] == (10, DayReason.COUNTED)
    assert "期满之日是休息日，顺延到下一个工作日" in narrate(clock)


@pytest.mark.parametrize(
    ("begun", "months", "last"),
    [
        ("2019-11-28", 3, "2020-02-28"),
        ("2019-11-29", 3, "2020-03-02"),  # 29 February is a Saturday
        ("2019-12-25", 1, "2020-02-03"),  # 25 January: Spring Festival, prolonged
        ("2019-11-19", 2, "2020-01-19"),  # a make-up Sunday is a working day
    ],
)
def test_months_end_on_the_corresponding_day_or_the_next_working_day(
    begun: str, months: int, last: str
) -> None:
    entries = [start(f"{begun} 10:00")]
    assert due(entries, budget=Budget(months, Unit.MONTHS)) == last


def test_a_pause_lengthens_months_by_its_calendar_days() -> None:
    paused = [start("2020-03-02 10:00"), pause("2020-03-06 10:00"), resume("2020-03-09 12:00")]
    assert due(paused, budget=Budget(1, Unit.MONTHS)) == "2020-04-07"  # 2 April + 4, off on 6th


def test_a_limit_into_a_year_without_a_notice_is_provisional_and_says_so() -> None:
    clock = reading([start("2026-12-25 10:00")], "2026-12-25 10:01")
    assert clock.provisional
    assert clock.due_on == date(2027, 1, 11)
    assert "2027年1月11日 周一 17:00。期间涉及尚未公布放假安排的年份，末日为暂定。" in narrate(
        clock
    )
    assert "Monday 11 January 2027" in narrate(clock, language="en")


def test_holidays_and_make_up_days_are_told() -> None:
    told = narrate(reading([start("2020-01-17 10:00", reason="收件")], "2020-01-20 10:00"))
    assert "1月24日至2月2日春节放假，不计入。1月19日调休上班，计入。" in told
    english = narrate(reading([start("2020-01-17 10:00")], "2020-01-20 10:00"), language="en")
    assert "being a holiday (Spring Festival): 24 January to 2 February." in english


def test_a_prolonged_holiday_moves_the_due_day_without_a_new_entry() -> None:
    entries = [start("2020-01-17 10:00")]
    seven = Budget(7, Unit.WORKING_DAYS)
    year = CALENDAR.years[2020]
    days = [day for day in year.days if day.on not in (date(2020, 1, 31), date(2020, 2, 1))]
    planned = type(days[0])(date(2020, 2, 1), is_open=True, name="春节")
    before = CALENDAR.replacing(type(year)(2020, "国办发明电〔2019〕16号", (*days, planned)))
    now = at("2020-01-20 10:00")
    assert due_on(seven, entries, before, now=now) == date(2020, 2, 1)
    assert due_on(seven, entries, CALENDAR, now=now) == date(2020, 2, 4)


# Whose time


def test_a_day_belongs_to_whoever_had_the_matter_in_the_morning() -> None:
    holders = [
        Holder(at("2020-03-02 10:00"), Whose.OFFICE, "市信用办"),
        Holder(at("2020-03-04 09:01"), Whose.DEPARTMENT, "市监局"),
        Holder(at("2020-03-06 09:00"), Whose.COURT, "市人民法院"),
    ]
    clock = reading([start("2020-03-02 10:00")], "2020-03-06 10:00", holders=holders)
    assert clock.segments[:-1] == (
        Segment("office", 2, ""),
        Segment("department", 1, "市监局"),
        Segment("court", 1, "市人民法院"),
    )


def test_two_desks_of_the_office_are_one_stretch_and_two_departments_are_two() -> None:
    holders = [
        Holder(at("2020-03-02 10:00"), Whose.OFFICE, "窗口"),
        Holder(at("2020-03-03 10:00"), Whose.OFFICE, "市信用办"),
        Holder(at("2020-03-04 10:00"), Whose.DEPARTMENT, "市监局"),
        Holder(at("2020-03-05 10:00"), Whose.DEPARTMENT, "应急局"),
    ]
    clock = reading([start("2020-03-02 10:00")], "2020-03-06 10:00", holders=holders)
    assert clock.segments[:-1] == (
        Segment("office", 2, ""),
        Segment("department", 1, "市监局"),
        Segment("department", 1, "应急局"),
    )


def test_without_holders_the_time_is_the_offices() -> None:
    clock = reading([start("2020-03-02 10:00")], "2020-03-05 10:00")
    assert clock.segments == (Segment("office", 3, ""), Segment("left", 7, ""))
    assert clock.whose_days == ((Whose.OFFICE, 3),)


# Steps


def test_a_step_is_due_at_closing_time_of_its_last_day() -> None:
    three = Budget(3, Unit.WORKING_DAYS)
    assert step_due(at("2020-02-28 16:20"), three, CALENDAR) == at("2020-03-04 17:00")


def test_a_step_begun_after_hours_counts_from_the_next_working_day() -> None:
    one = Budget(1, Unit.WORKING_DAYS)
    assert step_due(at("2020-02-28 17:30"), one, CALENDAR) == at("2020-03-03 17:00")
    assert step_due(at("2020-02-28 16:59"), one, CALENDAR) == at("2020-03-02 17:00")
