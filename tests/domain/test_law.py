"""Which laws a text cites, and which of them could be cited on a day."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.domain.law import Laws, read_laws

WORKFLOWS = Path(__file__).parents[2] / "workflows"
PUBLIC_NOTICE = "民事诉讼法（2017年修正）第九十二条；民事诉讼法（2021年修正）第九十五条"


@pytest.fixture(scope="module")
def laws() -> Laws:
    return read_laws(tomllib.loads((WORKFLOWS / "common/laws.toml").read_text("utf-8")))


def names(laws: Laws, text: str) -> list[tuple[str, bool]]:
    return [(each.text, each.law is not None) for each in laws.citations(text)]


def test_a_law_is_found_by_its_name_its_full_name_and_its_number(laws: Laws) -> None:
    told = "根据《中华人民共和国行政许可法》第三十二条、行政许可法第四十二条和国务院令第722号"
    assert names(laws, told) == [
        ("中华人民共和国行政许可法", True),
        ("行政许可法", True),
        ("国务院令第722号", True),
    ]


def test_a_longer_name_is_not_taken_for_the_shorter_one_in_it(laws: Laws) -> None:
    assert names(laws, "《失信行为纠正后的信用信息修复管理办法（试行）》") == [
        ("失信行为纠正后的信用信息修复管理办法（试行）", True)
    ]
    assert names(laws, "发改办财金〔2019〕527号") == [("发改办财金〔2019〕527号", True)]


@pytest.mark.parametrize(
    "text",
    ["《昆山市口罩管理办法》", "昆政发〔2020〕99号", "国务院令第999号", "口罩管理条例第三条"],
)
def test_what_looks_like_a_law_and_is_in_no_table_is_said_to_be_unknown(
    laws: Laws, text: str
) -> None:
    assert [known for _, known in names(laws, text)] == [False]


@pytest.mark.parametrize(
    "text", ["《受理通知书》已送达", "《信用修复承诺书》", "依法办理", "本地参数"]
)
def test_a_paper_of_a_case_is_no_law(laws: Laws, text: str) -> None:
    assert laws.citations(text) == ()


def test_a_revision_that_never_was_is_unknown(laws: Laws) -> None:
    assert names(laws, "民事诉讼法（2018年修正）第九十二条") == [
        ("民事诉讼法（2018年修正）", False)
    ]


def test_a_basis_keeps_the_parts_whose_law_was_in_force_that_day(laws: Laws) -> None:
    first, second = PUBLIC_NOTICE.split("；")
    assert laws.on(PUBLIC_NOTICE, date(2021, 12, 31)) == first
    assert laws.on(PUBLIC_NOTICE, date(2022, 1, 1)) == second
    assert laws.on("本地参数；昆信用办〔2020〕2号第十五条", date(2020, 2, 27)) == "本地参数"


def test_the_three_regimes_of_repair_follow_one_another_without_a_day_between(laws: Laws) -> None:
    regimes = ("发改办财金〔2019〕527号", "国家发展改革委令第58号", "国家发展改革委令第36号")
    day = date(2019, 7, 1)
    while day < date(2026, 6, 1):
        assert sum(laws.is_current(each, day) for each in regimes) == 1, day
        day += timedelta(days=1)


def test_no_name_stands_twice_in_the_table(laws: Laws) -> None:
    held = [name for law in laws.laws for name in law.names]
    assert len(held) == len(set(held))
