"""A notice pasted as prose: the days it orders, and every clause that was not understood, by name."""

import unicodedata
from datetime import date

import pytest

from engine.domain.calendar import Calendar, CalendarYear, DayKind
from engine.domain.calendar_change import differences, with_day_off, with_years
from engine.domain.calendar_notice import Notice, read_notice
from engine.domain.errors import Invalid
from tests.domain.notices import (
    ARRANGED_2020,
    ARRANGED_2026,
    PROLONGED_2020,
    before_the_prolongation,
    special,
)
from tests.domain.shipped import CALENDAR, VECTORS, YEARS


def read(text: str, *, year: int | None = 2027, calendar: Calendar = CALENDAR) -> Notice:
    return read_notice(text, calendar, year=year)


def off(notice: Notice) -> list[str]:
    return [f"{d.on:%m-%d}" for year in notice.years for d in year.days if not d.is_open]


def worked(notice: Notice) -> list[str]:
    return [f"{d.on:%m-%d}" for year in notice.years for d in year.days if d.is_open]


def why(notice: Notice) -> list[tuple[str, str]]:
    return [(clause, words.zh) for clause, words in notice.not_understood]


def test_the_notice_for_2020_and_its_prolongation_give_the_year_that_is_shipped() -> None:
    first = before_the_prolongation()
    assert first.is_open(date(2020, 1, 31))
    assert first.day(date(2020, 2, 1)).kind is DayKind.MAKEUP
    notice = read_notice(PROLONGED_2020, first)
    assert (notice.document, notice.issued_on) == ("国办发明电〔2020〕1号", date(2020, 1, 26))
    assert notice.title == "国务院办公厅关于延长2020年春节假期的通知"
    assert notice.not_understood == ()
    (after,) = notice.years
    assert after == next(year for year in YEARS if year.year == 2020)
    changed = differences(first, with_years(first, notice.years), [2020])
    assert [day.on for day in changed] == [date(2020, 1, 31), date(2020, 2, 1)]


def test_the_notice_for_2026_gives_the_year_that_is_shipped() -> None:
    notice = read_notice(ARRANGED_2026, CALENDAR)
    assert notice.not_understood == ()
    assert special(with_years(CALENDAR, notice.years), 2026) == special(CALENDAR, 2026)
    assert differences(CALENDAR, with_years(CALENDAR, notice.years), [2026]) == ()


def test_what_orders_no_days_stands_aside_and_is_not_hidden() -> None:
    notice = read_notice(PROLONGED_2020, before_the_prolongation())
    assert any("推迟开学" in sentence for sentence in notice.aside)
    assert any("补休" in sentence for sentence in notice.aside)


def test_full_width_and_half_width_read_the_same() -> None:
    half = unicodedata.normalize("NFKC", ARRANGED_2020).replace("。", "。")
    wide = ARRANGED_2020.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    plain = read_notice(ARRANGED_2020, CALENDAR)
    assert read_notice(half, CALENDAR).years == plain.years
    assert read_notice(wide, CALENDAR).years == plain.years
    assert plain.not_understood == ()


def test_a_notice_broken_into_lines_anywhere_reads_the_same() -> None:
    broken = ARRANGED_2020.replace("调休，", "调\n休，").replace("上班", "上\n班")
    assert read_notice(broken, CALENDAR).years == read_notice(ARRANGED_2020, CALENDAR).years


def test_a_holiday_over_the_new_year_changes_two_years() -> None:
    text = """关于2019年部分节假日安排的通知
一、元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。"""
    notice = read(text, year=None)
    assert [year.year for year in notice.years] == [2018, 2019]
    changed = with_years(CALENDAR, notice.years)
    assert changed.day(date(2018, 12, 29)).kind is DayKind.MAKEUP
    assert not changed.is_open(date(2018, 12, 31))
    assert changed.day(date(2018, 10, 1)).name == "国庆节"  # the rest of 2018 stays


def test_a_holiday_over_the_end_of_a_month_is_one_run() -> None:
    notice = read(
        "春节：1月31日至2月6日放假调休，共7天。1月29日（星期六）、1月30日（星期日）上班。",
        year=2022,
    )
    assert {"01-31", "02-01", "02-06"} <= set(off(notice))
    assert {"01-29", "01-30"} <= set(worked(notice))
    assert notice.not_understood == ()


def test_a_holiday_arranged_anew_loses_the_days_it_had() -> None:
    before = with_years(
        CALENDAR,
        [
            CalendarYear(
                2019, "旧", tuple(d for d in CALENDAR.years[2019].days if d.name != "劳动节")
            )
        ],
    )
    text = """关于调整2019年劳动节假期安排的通知
国办发明电〔2019〕3号
一、2019年劳动节：5月1日至4日放假调休，共4天。4月28日（星期日）、5月5日（星期日）上班。"""
    notice = read(text, year=None, calendar=before)
    after = with_years(before, notice.years)
    assert not after.is_open(date(2019, 5, 3))
    assert after.is_open(date(2019, 5, 5))
    assert after.years[2019].notice == "旧、国办发明电〔2019〕3号"
    assert after.day(date(2019, 10, 1)).name == "国庆节"


def test_the_older_forms_are_known_too() -> None:
    notice = read(
        "纪念日：9月3日至5日调休放假，共3天。其中9月3日（星期四）放假，9月4日（星期五）调休，9月6日（星期日）上班。",
        year=2015,
    )
    assert notice.not_understood == ()
    assert (off(notice), worked(notice)) == (["09-03", "09-04", "09-05"], ["09-06"])
    notice = read("清明节：4月5日放假，与周末连休。", year=2027)
    assert notice.not_understood == ()
    assert off(notice) == ["04-05"]


def test_advice_to_employers_is_no_holiday() -> None:
    notice = read(
        "春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。"
        "鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。",
        year=2024,
    )
    assert "02-09" not in off(notice)
    assert notice.aside == ("鼓励各单位结合带薪年休假等制度落实,安排职工在除夕(2月9日)休息",)


@pytest.mark.parametrize(
    ("text", "clause", "reason"),
    [
        ("春节：2月6日（星期五）放假。", "2月6日(星期五)放假", "2月6日是周六，不是星期五"),
        ("春节：2月6日至10日放假，共6天。", "共6天", "写的是共 6 天，列出的是 5 天"),
        ("春节：2月30日放假。", "2月30日放假", "没有这一天"),
        ("春节：2月5日上班。", "2月5日上班", "2月5日是周五，本来就上班"),
        ("春节：2月6日起视情况放假。", "2月6日起视情况放假", "不是认得的写法"),
        ("春节：放假七天。", "放假七天", "不是认得的写法"),
        ("春节：10日放假。", "10日放假", "没有写明月份"),
        ("春节：2月10日至6日放假。", "2月10日至6日放假", "2月10日至2月6日不是一段假期"),
        ("2月8日放假。", "2月8日放假", "没有写明是什么假日"),
        ("延长2027年春节假期至2月20日。", "延长2027年春节假期至2月20日", "没有春节假期可以延长"),
        ("春节：2月6日放假，2月6日（星期六）上班。", "2月6日(星期六)上班", "既放假又上班"),
    ],
)
def test_what_is_not_understood_is_named_and_nothing_is_guessed(
    text: str, clause: str, reason: str
) -> None:
    notice = read(text)
    told = dict(why(notice))
    assert clause in told, told
    assert reason in told[clause]


def test_a_return_to_work_that_does_not_follow_the_holiday_is_named() -> None:
    text = PROLONGED_2020.replace("2月3日（星期一）", "2月4日（星期二）")
    notice = read_notice(text, before_the_prolongation())
    assert [clause for clause, _ in why(notice)] == ["2月4日(星期二)起正常上班"]


def test_a_refused_clause_leaves_the_others_standing() -> None:
    notice = read("春节：2月6日至10日放假调休，2月13日（星期日）上班。")
    assert off(notice) == ["02-06", "02-07", "02-08", "02-09", "02-10"]
    assert worked(notice) == []
    assert len(notice.not_understood) == 1


def test_a_notice_without_a_year_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        read_notice("春节：1月24日至30日放假。", CALENDAR)
    assert "year" in refusal.value.fields


def test_one_more_day_off_joins_the_year_and_its_notice() -> None:
    year = with_day_off(CALENDAR, date(2020, 7, 10), "防汛", "昆政办〔2020〕9号")
    after = with_years(CALENDAR, [year])
    assert not after.is_open(date(2020, 7, 10))
    assert year.notice.endswith("、昆政办〔2020〕9号")
    with pytest.raises(Invalid):
        with_day_off(CALENDAR, date(2020, 7, 11), "防汛", "")  # a Saturday


def test_a_year_taken_back_is_provisional_again() -> None:
    assert with_years(CALENDAR, (), gone=[2026]).day(date(2026, 3, 3)).provisional


@pytest.mark.parametrize(("start", "days", "last"), [v for v in VECTORS if v[0] < "2020-02-28"])
def test_the_vectors_of_february_2020_need_the_prolongation(
    start: str, days: int, last: str
) -> None:
    first = before_the_prolongation()
    second = with_years(first, read_notice(PROLONGED_2020, first).years)
    assert second.after(date.fromisoformat(start), days) == date.fromisoformat(last)


@pytest.mark.parametrize("text", ["", "今天天气很好，大家加油。", "x" * 5000])
def test_a_text_without_a_date_is_no_notice(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert "不像放假通知" in str(refused.value)
