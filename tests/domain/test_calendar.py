"""The calendar against the State Council's notices, and what it says where there is none."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import (
    Calendar,
    CalendarYear,
    DayKind,
    SpecialDay,
    months_after,
    read_calendar,
    write_calendar,
)
from engine.domain.calendar_festivals import LUNAR, statutory_days
from engine.domain.errors import Invalid
from tests.domain.shipped import CALENDAR, FILES, VECTORS, YEARS, at

DAYS = st.dates(min_value=date(2015, 1, 1), max_value=date(2033, 12, 31))


def test_nine_years_are_shipped_each_with_the_notice_it_rests_on() -> None:
    assert [year.year for year in YEARS] == list(range(2018, 2027))
    assert all(year.notice.startswith("国办发明电〔") for year in YEARS)
    notice_of_2020 = CALENDAR.day(date(2020, 2, 1)).notice
    assert notice_of_2020 == "国办发明电〔2019〕16号、国办发明电〔2020〕1号"


@pytest.mark.parametrize("year", [year.year for year in YEARS])
def test_every_day_agrees_with_the_package_chinesecalendar(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert CALENDAR.is_open(day) == chinese_calendar.is_workday(day), day
        day += timedelta(1)


def test_the_spring_festival_of_2020_was_prolonged_to_2_february() -> None:
    assert CALENDAR.day(date(2020, 2, 1)).kind is DayKind.HOLIDAY
    assert CALENDAR.day(date(2020, 2, 2)).name == "春节"
    assert CALENDAR.is_open(date(2020, 2, 3))


def test_a_make_up_sunday_is_a_working_day_with_a_name() -> None:
    day = CALENDAR.day(date(2020, 1, 19))
    assert (day.kind, day.is_open, day.name) == (DayKind.MAKEUP, True, "春节")


def test_an_ordinary_saturday_is_a_weekend_and_not_a_holiday() -> None:
    assert CALENDAR.day(date(2020, 2, 29)).kind is DayKind.WEEKEND
    assert CALENDAR.day(date(2020, 2, 28)).kind is DayKind.WORKDAY


@pytest.mark.parametrize(("start", "working_days", "last"), VECTORS)
def test_the_test_vectors_hold(start: str, working_days: int, last: str) -> None:
    assert CALENDAR.after(date.fromisoformat(start), working_days) == date.fromisoformat(last)


@given(DAYS, st.integers(1, 400))
def test_a_limit_of_n_days_holds_exactly_n_open_days_and_ends_on_one(start: date, n: int) -> None:
    last = CALENDAR.after(start, n)
    days = [start + timedelta(d) for d in range(1, (last - start).days + 1)]
    assert sum(map(CALENDAR.is_open, days)) == n
    assert CALENDAR.is_open(last)
    assert CALENDAR.working_days(start, last) == n


@given(DAYS, DAYS)
def test_working_days_between_are_the_open_days_after_the_one_up_to_the_other(
    first: date, last: date
) -> None:
    days = [first + timedelta(d) for d in range(1, (last - first).days + 1)]
    assert CALENDAR.working_days(first, last) == sum(map(CALENDAR.is_open, days))


@given(DAYS)
def test_the_next_open_day_is_open_and_nothing_open_lies_before_it(day: date) -> None:
    found = CALENDAR.next_open(day)
    assert CALENDAR.is_open(found)
    assert CALENDAR.working_days(day - timedelta(1), found) == 1


def test_a_limit_of_no_days_is_refused() -> None:
    with pytest.raises(Invalid, match="至少为 1 个工作日"):
        CALENDAR.after(date(2020, 3, 2), 0)


def test_days_run_on_over_the_new_year() -> None:
    days = CALENDAR.days_from(date(2026, 12, 31))
    assert [next(days).on for _ in range(2)] == [date(2026, 12, 31), date(2027, 1, 1)]


def test_a_year_without_a_notice_is_weekends_and_festivals_and_provisional() -> None:
    assert CALENDAR.day(date(2027, 2, 5)).kind is DayKind.HOLIDAY  # New Year's Eve
    assert CALENDAR.day(date(2027, 2, 9)).kind is DayKind.WORKDAY
    assert CALENDAR.day(date(2027, 9, 15)).name == "中秋节"
    assert CALENDAR.day(date(2027, 3, 3)).provisional
    assert not CALENDAR.day(date(2026, 3, 3)).provisional


def test_an_extra_holiday_of_a_year_without_a_notice_joins_the_festivals() -> None:
    extra = SpecialDay(date(2027, 2, 9), is_open=False, name="临时放假")
    calendar = CALENDAR.replacing(CalendarYear(2027, "", (extra,)))
    assert not calendar.is_open(date(2027, 2, 9))
    assert calendar.day(date(2027, 2, 6)).name == "春节"
    assert calendar.day(date(2027, 2, 9)).provisional


def test_a_span_is_provisional_when_it_touches_a_year_without_a_notice() -> None:
    assert CALENDAR.is_provisional(date(2026, 12, 20), date(2027, 1, 4))
    assert not CALENDAR.is_provisional(date(2026, 12, 20), date(2026, 12, 31))


@pytest.mark.parametrize("year", sorted(LUNAR))
def test_the_lunar_festivals_fall_where_the_moon_and_the_sun_allow(year: int) -> None:
    names = {name: day for day, name in statutory_days(year).items()}
    first = min(day for day, name in statutory_days(year).items() if name == "春节")
    assert date(year, 1, 20) <= first <= date(year, 2, 20)
    assert names["清明节"] in (date(year, 4, 4), date(year, 4, 5))
    mid_autumn = next(day for name, day in names.items() if "中秋节" in name)
    dragon_boat = names["端午节"]
    # Three lunar months and ten days, or four with a leap month between.
    assert (mid_autumn - dragon_boat).days in (*range(97, 100), *range(126, 130))


def test_a_festival_on_another_festival_keeps_both_names() -> None:
    assert statutory_days(2031)[date(2031, 10, 1)] == "国庆节、中秋节"


def test_one_more_holiday_makes_a_new_calendar_and_leaves_the_old_one() -> None:
    prolonged = (date(2020, 1, 31), date(2020, 2, 1))
    days = [day for day in YEARS[2].days if day.on not in prolonged]
    planned = SpecialDay(date(2020, 2, 1), is_open=True, name="春节")
    first_edition = CalendarYear(2020, "国办发明电〔2019〕16号", (*days, planned))
    before = CALENDAR.replacing(first_edition)
    assert before.after(date(2020, 1, 17), 7) == date(2020, 2, 1)
    assert CALENDAR.after(date(2020, 1, 17), 7) == date(2020, 2, 4)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2020-02-28 16:59", "2020-02-28"),
        ("2020-02-28 17:00", "2020-02-28"),
        ("2020-02-28 17:01", "2020-03-02"),
        ("2020-02-29 10:00", "2020-03-02"),
        ("2020-01-18 23:00", "2020-01-19"),  # Saturday night before a make-up Sunday
        ("2020-01-24 09:00", "2020-02-03"),
    ],
)
def test_a_filing_after_hours_or_on_a_day_off_counts_on_the_next_working_day(
    moment: str, day: str
) -> None:
    assert CALENDAR.counted_from(at(moment)) == date.fromisoformat(day)


def test_days_are_those_of_shanghai() -> None:
    assert CALENDAR.local_date(datetime(2020, 3, 1, 17, 0, tzinfo=UTC)) == date(2020, 3, 2)
    assert CALENDAR.closing(date(2020, 3, 2)) == datetime(2020, 3, 2, 9, 0, tzinfo=UTC)
    assert CALENDAR.opening(date(2020, 3, 2)) == datetime(2020, 3, 2, 1, 0, tzinfo=UTC)


def test_another_closing_time_is_obeyed() -> None:
    early = Calendar(YEARS, closes=time(11, 30))
    assert early.counted_from(at("2020-02-28 12:00")) == date(2020, 3, 2)


def test_a_moment_without_a_time_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.local_date(datetime(2020, 3, 2))  # noqa: DTZ001


def test_a_year_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Invalid, match="2200 年"):
        CALENDAR.is_open(date(2200, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2019-11-30", 3, "2020-02-29"),
        ("2019-11-28", 3, "2020-02-28"),
        ("2019-08-31", 6, "2020-02-29"),
        ("2019-12-31", 12, "2020-12-31"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-10-15", 3, "2021-01-15"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(
    day: str, months: int, expected: str
) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_more_months_never_end_sooner(day: date, months: int, more: int) -> None:
    assert months_after(day, months) <= months_after(day, months + more)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_calendar_file_is_written_as_it_was_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert write_calendar(read_calendar(text)) == text


def test_a_name_with_a_comma_survives() -> None:
    year = CalendarYear(
        2027, "x", (SpecialDay(date(2027, 2, 5), is_open=False, name="春节, 除夕"),)
    )
    assert read_calendar(write_calendar(year)) == year


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2020-02-30,off,春节", "不是日期"),
        ("2020-01-24,holiday,春节", "应为 off 或 work"),
        ("2020-01-24,off", "应为三列"),
        ("2020-01-20,work,春节", "本来就是工作日"),
        ("2020-01-01,off,元旦", "出现两次"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(line: str, why: str) -> None:
    text = f"# year: 2020\n# notice: x\ndate,kind,name\n2020-01-01,off,元旦\n{line}\n"
    with pytest.raises(Invalid) as refusal:
        read_calendar(text)
    assert list(refusal.value.fields) == ["5"]
    assert why in refusal.value.fields["5"]


def test_a_day_of_another_year_or_no_year_at_all_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        read_calendar("# year: 2020\ndate,kind,name\n2021-01-01,off,元旦\n")
    assert "2021-01-01" in refusal.value.fields
    with pytest.raises(Invalid) as refusal:
        read_calendar("date,kind,name\n2021-01-01,off,元旦\n")
    assert "year" in refusal.value.fields
