"""A letter is served on the day that the law says, and what counts from service counts from that day."""

from __future__ import annotations

import pytest

from engine.persistence import models
from engine.services import access
from tests.offices import BY_POST, Practice, day

WHY = "在售产品标识仍不合规，违法行为未改正；改正后可以再次申请。"


@pytest.fixture
def refused(practice: Practice) -> str:
    """A refusal that was sent by post on 2020-03-02."""
    number, _ = practice.at("first_review", **BY_POST)
    practice.complete(
        number, "first_review", proposal="refuse", failed_conditions=["not_corrected"]
    )
    practice.complete(number, "second_review", decision="refuse", reason=WHY)
    practice.answer(number, "approve", {"decision": "refuse", "opinion": "同意。", "reason": WHY})
    practice.complete(number, "serve_on_paper", sent_on="2020-03-02")
    return number


def letter(practice: Practice, number: str) -> models.Letter:
    found = practice.of_case(models.Letter, number)
    return next(each for each in found if each.key == "repair_refused")


def clock(practice: Practice, number: str, key: str) -> models.Clock:
    return next(each for each in practice.of_case(models.Clock, number) if each.key == key)


def signed(served_on: str) -> dict[str, str]:
    return {"service_result": "signed", "receiver": "陈一苇", "served_on": served_on}


def test_a_posted_decision_is_served_on_the_day_of_its_proof_and_the_ten_days_count_from_it(
    practice: Practice, refused: str
) -> None:
    practice.move_to(day(3, 6))
    practice.answer(refused, "register_receipt", signed("2020-03-03"))
    assert letter(practice, refused).served_at == day(3, 3, 17)
    assert clock(practice, refused, "reconsideration_request").due_at == day(3, 17, 17)
    practice.move_to(day(3, 17, 16, 59))
    assert practice.case(refused).state == "open"
    assert "timer_fired" not in practice.kinds(refused)
    practice.move_to(day(3, 17, 17, 1))
    assert practice.case(refused).closed_at is not None


def test_a_letter_in_a_public_notice_can_be_read_and_is_served_when_the_notice_is_over(
    practice: Practice, refused: str
) -> None:
    failed = {"service_result": "unreachable", "failure": "邮件因迁址退回，登记住所无人。"}
    practice.answer(refused, "register_receipt", failed)
    hung = letter(practice, refused)
    assert (hung.state, hung.served_at) == ("issued", None)
    assert access.is_for_applicant(hung)
    practice.move_to(
        day(5, 6, 16)
    )  # the sixtieth day is in the holiday of May: the next working day
    assert letter(practice, refused).served_at is None
    practice.move_to(day(5, 6, 17, 1))
    assert letter(practice, refused).served_at is not None
    clock_ = clock(practice, refused, "reconsideration_request")
    assert (clock_.state, clock_.light) == ("running", "green")
