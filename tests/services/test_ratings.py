"""好差评: by query code without an account; a bad one opens a call-back; supervisors see the sums."""

from __future__ import annotations

from typing import Any

import pytest

from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.services import ratings
from tests.offices import Practice, day

CONTACTED = {"contacted_on": "2020-03-02", "reached": "reached", "said": "电话没人接。"}
ANSWERED = {
    "finding": "founded",
    "measures": "增设午间值守。",
    "reply": "致歉，已整改。",
    "revisit": "satisfied",
}


def closed(practice: Practice) -> tuple[str, str]:
    """A closed case that waits to be rated: number and query code."""
    number, _ = practice.at("rate")
    return number, practice.case(number).query_code


def rate(practice: Practice, number: str, code: str, rating: str, **more: Any) -> None:
    ratings.rate(practice.office, number, code, {"rating": rating, **more}, now=practice.now)


def test_who_holds_number_and_code_may_rate_without_an_account(practice: Practice) -> None:
    number, code = closed(practice)
    assert ratings.is_open(practice.office, number, code.lower())
    rate(practice, number, code, "satisfied")
    assert not ratings.is_open(practice.office, number, code)
    assert practice.open_tasks(number) == []
    line = next(event for event in practice.history(number) if event.element_id == "rate")
    assert line.actor == "query_code"
    with pytest.raises(Conflict):
        rate(practice, number, code, "satisfied")


def test_a_wrong_code_or_an_open_case_rates_nothing(practice: Practice) -> None:
    number, _ = closed(practice)
    other = practice.file_case()
    for pair, refusal in (
        ((number, other.query_code), NotFound),
        (("KSXY-XF-20200302-000099", "AAAA3333"), NotFound),
        ((other.number, other.query_code), Conflict),
    ):
        with pytest.raises(refusal):
            rate(practice, *pair, "satisfied")
        assert not ratings.is_open(practice.office, *pair)
    assert practice.open_task(number, "rate").state == "ready"


def test_a_rating_is_checked_as_its_form_says(practice: Practice) -> None:
    number, code = closed(practice)
    with pytest.raises(Invalid):
        rate(practice, number, code, "so-so")
    assert practice.open_task(number, "rate").state == "ready"


def test_a_bad_rating_is_contacted_in_a_day_and_put_right_in_fifteen(practice: Practice) -> None:
    number, code = closed(practice)
    rate(practice, number, code, "dissatisfied", comment="电话没人接。")
    contact = practice.open_task(number, "contact_rater")
    assert contact.due_at == day(3, 3, 17)
    assert contact.candidate_group == "supervisor"
    practice.answer(number, "contact_rater", CONTACTED)
    assert practice.open_task(number, "answer_bad_rating").due_at == day(3, 23, 17)
    practice.answer(number, "answer_bad_rating", ANSWERED)
    assert practice.open_tasks(number) == []


def test_the_board_adds_up_by_procedure_and_follows_each_bad_rating(practice: Practice) -> None:
    for grade in ("very_satisfied", "fairly_satisfied", "very_dissatisfied"):
        number, code = closed(practice)
        rate(practice, number, code, grade)
    unrated, _ = closed(practice)
    practice.answer(number, "contact_rater", CONTACTED)
    seen = ratings.board(practice.office, practice["fang"], now=practice.now)
    (row,) = seen.rows
    assert (row.procedure, row.closed, row.rated, row.content) == ("credit_repair", 4, 3, 2)
    assert dict(row.grades)["very_dissatisfied"] == 1
    (bad,) = seen.bad
    assert (bad.case_number, bad.contacted_at, bad.answered_at) == (number, practice.now, None)
    practice.answer(number, "answer_bad_rating", ANSWERED)
    (bad,) = ratings.board(practice.office, practice["fang"], now=practice.now).bad
    assert (bad.finding, bad.revisit) == ("founded", "satisfied")
    assert practice.open_task(unrated, "rate").state == "ready"


def test_only_supervisors_see_the_board(practice: Practice) -> None:
    for who in ("firm", "zhou", "wu"):
        with pytest.raises(NotPermitted):
            ratings.board(practice.office, practice[who], now=practice.now)
