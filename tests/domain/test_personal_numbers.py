"""Numbers of people are found however they are written, hidden, and put back; nothing else is touched."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc

from engine.domain.personal_numbers import (
    hidden,
    holds_hidden,
    holds_numbers,
    personal_numbers,
    put_back,
    veiled,
    without_personal_numbers,
)

FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
digits = st.integers(0, 9).map(str)


@st.composite
def cards(draw: st.DrawFn) -> str:
    """An identity number: region, day of birth, serial, check character."""
    born = draw(st.dates(date(1930, 1, 1), date(2015, 12, 31)))
    front = f"{draw(st.integers(110101, 659004))}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return front + str(ric.calc_check_digit(front + "0"))


mobiles = st.builds(
    lambda second, rest: f"1{second}{rest:09d}", st.integers(3, 9), st.integers(0, 999_999_999)
)


@st.composite
def bank_cards(draw: st.DrawFn) -> str:
    front = "62" + "".join(draw(st.lists(digits, min_size=13, max_size=16)))
    return front + luhn.calc_check_digit(front)


def grouped(number: str, sizes: tuple[int, ...], sign: str) -> str:
    parts, begin = [], 0
    for size in sizes:
        parts.append(number[begin : begin + size])
        begin += size
    return sign.join([*parts, *filter(None, [number[begin:]])])


numbers = st.one_of(
    cards(),
    mobiles,
    bank_cards(),
    cards().map(str.lower),
    cards().map(lambda each: each.translate(FULL_WIDTH)),
    mobiles.map(lambda each: grouped(each, (3, 4), " ")),
    mobiles.map(lambda each: grouped(each, (3, 4), "-")),
    cards().map(lambda each: grouped(each, (6, 8), " ")),
    bank_cards().map(lambda each: grouped(each, (4, 4, 4, 4), " ")),
)
#: What stands around them: words, punctuation, spaces; no digit or letter touches a number.
words = st.text(st.sampled_from("当事人证号电话卡：，。、（） \n昆山"), max_size=12).map(
    lambda text: f"号{text}，"
)


@st.composite
def told(draw: st.DrawFn) -> tuple[str, list[str]]:
    held = draw(st.lists(numbers, max_size=5))
    text = draw(words)
    for number in held:
        text += number + draw(words)
    return text, held


@settings(max_examples=50)
@given(told())
def test_every_number_is_found_in_its_order_and_none_is_left_when_hidden(
    pair: tuple[str, list[str]],
) -> None:
    text, held = pair
    assert personal_numbers(text) == held
    shown = without_personal_numbers(text)
    assert len(shown) == len(text)
    assert not holds_numbers(shown)
    assert without_personal_numbers(shown) == shown
    assert all(number not in shown for number in held)
    assert holds_hidden(shown) is bool(held)


@settings(max_examples=50)
@given(told())
def test_what_comes_back_untouched_is_the_text_as_it_was(pair: tuple[str, list[str]]) -> None:
    text, _ = pair
    assert put_back(without_personal_numbers(text), text) == text


@settings(max_examples=50)
@given(told(), words)
def test_what_was_added_around_a_hidden_number_stays_and_the_number_is_whole(
    pair: tuple[str, list[str]], added: str
) -> None:
    text, held = pair
    back = put_back(f"{added}{without_personal_numbers(text)}{added}", text)
    assert back == f"{added}{text}{added}"
    assert personal_numbers(back) == held


def test_two_that_look_alike_are_told_apart_by_their_order_or_stay_hidden() -> None:
    one, other = "13800000078", "13811111178"
    assert hidden(one) == hidden(other) == "138******78"
    kept = f"先打{one}，再打{other}。"
    assert put_back("先打138******78，再打138******78！", kept) == f"先打{one}，再打{other}！"
    assert put_back("只打138******78。", kept) == "只打138******78。"
    assert holds_hidden(put_back("只打138******78。", kept))


def test_a_text_typed_anew_is_taken_as_it_is() -> None:
    assert put_back("证号11010519491231002X", "电话13812345678") == "证号11010519491231002X"
    assert put_back("没有号码", "没有号码") == "没有号码"


@st.composite
def codes(draw: st.DrawFn) -> str:
    """统一社会信用代码 of digits alone, which look most like an identity number."""
    front = f"91{draw(st.integers(110101, 659004))}" + "".join(
        draw(st.lists(digits, min_size=9, max_size=9))
    )
    return front + uscc.calc_check_digit(front)


def is_also_a_card(code: str) -> bool:
    return bool(personal_numbers(f"号{code}")) and code[6:8] in ("18", "19", "20")


@given(codes())
def test_a_code_of_an_enterprise_is_shown(code: str) -> None:
    if not is_also_a_card(code):
        assert without_personal_numbers(f"代码{code}。") == f"代码{code}。"


@pytest.mark.parametrize(
    "text",
    [
        "KSXY-XF-20200302-000001",
        "昆市监罚〔2019〕13812345678901号",
        "(2019)苏0583执12345号",
        "c7f1a0de-1381-4345-8678-139812345678",
        "0512-57000016",
        "2020-03-02 13:45 至 2020-03-09",
        "110105194912310021",  # a check character that does not fit
        "6222021234567890123",  # a Luhn digit that does not fit
        "1111111111111117",  # 16 digits that fit, of no kind of card
        "4111111111111111003",  # as long as a card of UnionPay, but of another kind
        "x13812345678",
        "13812345678901234567890",
        "9" * 64,
        "914802720011247894",  # a code of an enterprise; as a card, of somebody born in 7200
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert personal_numbers(text) == []
    assert without_personal_numbers(text) == text


def test_a_number_with_the_country_before_it_or_after_one_that_is_none() -> None:
    assert personal_numbers("+86 13812345678、8613912345678") == ["13812345678", "13912345678"]
    assert personal_numbers("4111 1111 1111 1112 13812345678") == ["13812345678"]


def test_lists_and_mappings_are_veiled_and_what_is_no_text_stays() -> None:
    given_ = {"a": ["电话13812345678", 13812345678, None], "b": {"c": True}}
    assert veiled(given_) == {"a": ["电话138******78", 13812345678, None], "b": {"c": True}}


def test_a_long_hostile_text_is_read_in_one_pass() -> None:
    """Every try begins at a border of digits and looks at two dozen signs: that many are compared."""
    for text in ("1" * 100_000, "138 1234 " * 10_000, "6222-0212-3456-7890-123 " * 3_000):
        assert personal_numbers(text) == []
