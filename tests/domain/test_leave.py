"""Leave cover: chains of substitutes, no circle, nobody stands in while away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import Conflict, EngineError, Invalid
from engine.domain.leave import Cover, acting_for, check, substitute_of

MONDAY = date(2020, 3, 2)


def away(who: str, substitute: str | None, first: int = 0, last: int = 4) -> Cover:
    return Cover(who, substitute, MONDAY + timedelta(first), MONDAY + timedelta(last))


def test_the_substitute_acts_on_both_outer_days_and_not_beyond() -> None:
    cover = away("wang", "shen", 0, 2)
    on = [substitute_of("wang", [cover], MONDAY + timedelta(n)) for n in (-1, 0, 2, 3)]
    assert on == ["wang", "shen", "shen", "wang"]
    assert acting_for("shen", [cover], MONDAY) == {"wang"}
    assert acting_for("shen", [cover], MONDAY + timedelta(3)) == frozenset()


def test_a_substitute_on_leave_hands_on_to_its_own() -> None:
    covers = [away("wang", "shen"), away("shen", "gu", 1, 2)]
    assert acting_for("shen", covers, MONDAY) == {"wang"}
    assert acting_for("gu", covers, MONDAY + timedelta(1)) == {"wang", "shen"}
    assert acting_for("shen", covers, MONDAY + timedelta(1)) == frozenset()
    assert acting_for("shen", covers, MONDAY + timedelta(3)) == {"wang"}


def test_a_chain_that_ends_in_an_uncovered_leave_has_nobody() -> None:
    assert substitute_of("wang", [away("wang", "shen"), away("shen", None)], MONDAY) is None


def test_nobody_stands_in_for_each_other_in_a_circle() -> None:
    covers = [away("wang", "shen", 0, 4), away("shen", "gu", 2, 6)]
    with pytest.raises(Conflict):
        check(away("gu", "wang", 4, 8), covers, today=MONDAY)
    check(away("gu", "wang", 7, 8), covers, today=MONDAY)  # the others are back by then


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (away("wang", "wang"), Invalid),
        (away("wang", "shen", 3, 1), Invalid),
        (away("wang", "shen", -5, -1), Invalid),
        (away("wang", "shen", 0, 400), Invalid),
        (away("gu", "shen", 4, 9), Conflict),
    ],
)
def test_what_cannot_be_is_refused(new: Cover, refusal: type[EngineError]) -> None:
    with pytest.raises(refusal):
        check(new, [away("gu", "han", 0, 4)], today=MONDAY)


def test_one_is_away_while_others_are_and_again_at_another_time() -> None:
    known = [away("gu", "han", 0, 4)]
    check(away("wang", "shen", 0, 4), known, today=MONDAY)
    check(away("gu", "shen", 5, 9), known, today=MONDAY)


PEOPLE = ["a", "b", "c", "d", "e"]
COVERS = st.lists(
    st.builds(
        away,
        st.sampled_from(PEOPLE),
        st.sampled_from([*PEOPLE, None]),
        st.integers(0, 10),
        st.integers(0, 10),
    ),
    max_size=12,
)


@given(COVERS)
def test_however_covers_are_entered_work_comes_to_somebody_present_or_to_nobody(
    asked: list[Cover],
) -> None:
    entered: list[Cover] = []
    for new in asked:
        try:
            check(new, entered, today=MONDAY)
        except (Invalid, Conflict):
            continue
        entered.append(new)
    for n in range(12):
        day = MONDAY + timedelta(n)
        for who in PEOPLE:
            acts = substitute_of(who, entered, day)
            if acts is None:
                assert any(c.substitute is None and c.holds_on(day) for c in entered)
                continue
            assert not any(c.username == acts and c.holds_on(day) for c in entered)
            assert acts == who or who in acting_for(acts, entered, day)
