"""The code of a commitment, and what may be found about it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.commitment import (
    Performance,
    check_performance,
    commitment_code,
    commitment_code_problem,
)
from engine.domain.errors import Conflict, Invalid


@given(st.dates(min_value=date(2019, 1, 1), max_value=date(2099, 12, 31)), st.integers(1, 999_999))
def test_a_code_is_region_day_and_serial_and_is_found_right(made_on: date, serial: int) -> None:
    code = commitment_code(made_on, serial)
    assert len(code) == 20
    assert code == f"320583{made_on:%Y%m%d}{serial:06d}"
    assert commitment_code_problem(code) is None


@pytest.mark.parametrize("serial", [0, 1_000_000])
def test_a_day_has_a_million_codes_less_one(serial: int) -> None:
    with pytest.raises(Invalid):
        commitment_code(date(2020, 3, 2), serial)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("3205832020030200001", "20 位"),
        ("32058320200302000001A", "20 位"),
        ("00000020200302000001", "行政区划"),
        ("32058320200230000001", "日期"),
        ("32058320200302000000", "000001"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(code: str, told: str) -> None:
    problem = commitment_code_problem(code)
    assert problem is not None
    assert told in problem.zh


def test_a_breach_says_what_was_not_performed_and_what_follows() -> None:
    with pytest.raises(Invalid) as refused:
        check_performance(
            Performance.RUNNING, Performance.BROKEN, unfulfilled=" ", consequence="公示到最长期限"
        )
    assert set(refused.value.fields) == {"unfulfilled"}
    check_performance(
        Performance.RUNNING,
        Performance.BROKEN,
        unfulfilled="再次违法",
        consequence="公示到最长期限",
    )


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (Performance.BROKEN, Performance.LAPSED),
        (Performance.LAPSED, Performance.KEPT),
        (Performance.KEPT, Performance.RUNNING),
        (Performance.BROKEN, Performance.BROKEN),
    ],
)
def test_what_cannot_follow_is_refused(before: Performance, found: Performance) -> None:
    with pytest.raises(Conflict):
        check_performance(before, found, unfulfilled="甲", consequence="乙")
