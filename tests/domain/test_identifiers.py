"""Codes and numbers: taken as people write them, refused with a reason a person understands."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import Invalid
from engine.domain.identifiers import (
    QUERY_ALPHABET,
    case_number,
    case_number_key,
    check_uscc,
    document_number_key,
    identity_number_problem,
    make_query_code,
    normalise_query_code,
    normalise_uscc,
    uscc_problem,
)

RIGHT = [
    "91230500MA1B3N1N2M",
    "11230500001755309F",
    "91320105780688132K",
    "91350100M000100Y43",
    "91110000600037341L",
    "91320583MA1X00017U",
    "91320583MA1X00025N",
    "11320583014123458G",
]


@pytest.mark.parametrize("code", RIGHT)
def test_a_right_code_is_taken(code: str) -> None:
    assert check_uscc(code) == code


def test_a_code_is_taken_as_people_write_it() -> None:
    assert check_uscc(" 9132 0583-ma1x00017u ") == "91320583MA1X00017U"
    assert normalise_uscc("９１３２０５８３ＭＡ１Ｘ０００１７Ｕ") == "91320583MA1X00017U"


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("91320583MA1X00017", "应为 18 位，这里是 17 位", "has 18 characters, not 17"),
        ("", "这里是 0 位", "not 0"),
        ("91320583MA1XO0017U", "第 13 位的“O”可能是“0”", "'O' at 13 may be '0'"),
        ("9132O583MA1X00017U", "第 5 位的“O”可能是“0”", "'O' at 5"),
        ("91320583MA1X000I7U", "第 16 位的“I”可能是“1”", "'I' at 16"),
        ("91320583MA1X0001*U", "第 17 位的“*”不是数字或字母", "'*' at 17"),
        ("9132A583MA1X00017U", "第 3 至 8 位是行政区划，应为数字", "must be digits"),
        ("91320583MA1X00018U", "校验位不符", "check character"),
    ],
)
def test_a_wrong_code_is_refused_with_its_reason(code: str, zh: str, en: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_uscc(code)
    assert zh in str(refusal.value)
    assert en in refusal.value.english


@given(
    st.sampled_from(RIGHT), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY")
)
def test_one_wrong_character_is_always_found(code: str, place: int, character: str) -> None:
    changed = code[:place] + character + code[place + 1 :]
    assert (uscc_problem(changed) is None) == (changed == code)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("11010519491231002X", None),
        ("11010519491231002x", None),
        ("440524188001010014", None),
        ("110105194912310021", "校验位不符"),
        ("11010519491331002X", "出生日期不存在"),
        ("1101051949123100", "应为 18 位"),
    ],
)
def test_an_identity_number_is_checked_and_never_repeated(number: str, problem: str | None) -> None:
    words = identity_number_problem(number)
    if problem is None:
        assert words is None
    else:
        assert words is not None
        assert problem in words.zh
        assert number not in words.zh + words.en


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("昆城管罚决字〔2020〕第15号", "昆城管罚决字【2020】 015 号"),
        ("昆市监处罚〔2020〕00012号", "昆市监处罚(2020)12号"),
        ("昆市监处罚〔2019〕417 号", "昆市监处罚［２０１９］４１７号"),
        ("市场【2019】1号", "市场（2019）第 1 号"),
        ("苏昆应急罚[2020]8号", "苏昆应急罚〔2020〕8号"),
        ("昆环罚字—2020-003", "昆环罚字-2020-3"),
    ],
)
def test_one_document_number_written_two_ways_is_one(one: str, other: str) -> None:
    assert document_number_key(one) == document_number_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("昆市监处罚〔2020〕12号", "昆市监处罚〔2020〕120号"),
        ("昆市监处罚〔2020〕12号", "昆市监处罚〔2019〕12号"),
        ("昆市监处罚〔2020〕12号", "昆市监罚〔2020〕12号"),
        ("昆市监处罚〔2020〕12号", "昆市监处罚〔2020〕12-1号"),
    ],
)
def test_two_document_numbers_stay_two(one: str, other: str) -> None:
    assert document_number_key(one) != document_number_key(other)


def test_the_year_keeps_its_digits_and_only_the_serial_loses_its_zeros() -> None:
    assert document_number_key("昆市监处罚〔2020〕第00100号") == "昆市监处罚(2020)100号"


@given(
    st.sampled_from(["〔{}〕", "[{}]", "【{}】", "（{}）", " ({}) ", "［{}］"]),
    st.sampled_from(["", "第", "第 "]),
    st.integers(0, 4),
    st.integers(1, 99_999),
)
def test_brackets_zeros_and_ordinal_never_matter(
    year: str, ordinal: str, zeros: int, number: int
) -> None:
    written = f"昆市监罚{year.format(2020)}{ordinal}{'0' * zeros}{number} 号"
    key = document_number_key(written)
    assert key == f"昆市监罚(2020){number}号"
    assert document_number_key(key) == key


def test_a_case_number_names_kind_day_and_serial() -> None:
    assert case_number("KSXY-XF", date(2020, 3, 2), 1) == "KSXY-XF-20200302-000001"


@pytest.mark.parametrize(
    "typed",
    [
        "KSXY-XF-20200302-000001",
        " ksxy－xf-20200302–000001",
        "ＫＳＸＹ－ＸＦ－２０２００３０２－０００００１",
    ],
)
def test_a_case_number_is_known_as_people_type_it(typed: str) -> None:
    assert case_number_key(typed) == "KSXY-XF-20200302-000001"


@pytest.mark.parametrize("serial", [0, -1, 1_000_000])
def test_a_serial_beyond_six_digits_is_refused(serial: int) -> None:
    with pytest.raises(Invalid):
        case_number("KSXY-XF", date(2020, 3, 2), serial)


@given(st.binary(min_size=8, max_size=32))
def test_a_query_code_has_eight_signs_that_nobody_confuses(random_bytes: bytes) -> None:
    code = make_query_code(random_bytes)
    assert len(code) == 8
    assert set(code) <= set(QUERY_ALPHABET)
    assert not set(code) & set("0O1IL2Z5S8BUV")
    assert normalise_query_code(f" {code[:4].lower()}-{code[4:]} ") == code


def test_different_bytes_make_different_codes() -> None:
    codes = {make_query_code(number.to_bytes(8, "big")) for number in range(2000)}
    assert len(codes) == 2000


def test_too_few_random_bytes_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="8 random bytes"):
        make_query_code(b"1234567")


def test_a_long_run_in_a_number_is_looked_through_once() -> None:
    """Tried from each of its characters it would take minutes."""
    assert document_number_key("第" * 200_000) == "第" * 200_000
    assert document_number_key("5第015号") == "515号"
