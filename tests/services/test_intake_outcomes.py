"""C0: the five outcomes of 行政许可法 art. 32, for every procedure that has a window."""

from __future__ import annotations

import pytest

from engine.persistence import models
from engine.runtime import catalog
from engine.settings import ROOT
from tests.offices import ASK_FOR_PAPERS, Practice, day

WORKFLOWS = ROOT / "workflows"
SHIPPED = ("credit_repair", "deferral", "force_majeure", "objection")


def letters(practice: Practice, number: str) -> list[str]:
    return [each.key for each in practice.of_case(models.Letter, number)]


@pytest.mark.parametrize("key", SHIPPED)
def test_every_window_may_reach_each_outcome(key: str) -> None:
    form = catalog.load(catalog.read_folder(WORKFLOWS, key), key).form("review_filing")
    asked = form["properties"]
    outcomes = {choice["const"] for choice in asked["acceptance"]["oneOf"]}
    assert {"accept", "conditional", "supplement", "refuse"} <= outcomes
    reasons = {choice["const"] for choice in asked["refusal_reason"]["oneOf"]}
    assert "not_needed" in reasons
    assert "corrections" in asked


def test_what_needs_no_application_is_told_at_once_with_the_reason(practice: Practice) -> None:
    number = practice.file_case().number
    refused = {"acceptance": "refuse", "refusal_reason": "not_needed", "refusal_note": "未公示。"}
    practice.answer(number, "review_filing", refused)
    (letter,) = [
        each
        for each in practice.of_case(models.Letter, number)
        if each.key == "refusal_of_acceptance"
    ]
    assert letter.data["decision"]["reason"] == "依法不需要申请。未公示。"
    assert practice.case(number).outcome == "not_accepted"


def test_what_is_not_our_power_names_the_right_body(practice: Practice) -> None:
    number = practice.file_case().number
    refused = {
        "acceptance": "refuse",
        "refusal_reason": "not_our_power",
        "competent_body": "苏州市生态环境局",
        "refusal_note": "处罚由该局作出。",
    }
    practice.answer(number, "review_filing", refused)
    (letter,) = [
        each
        for each in practice.of_case(models.Letter, number)
        if each.key == "refusal_of_acceptance"
    ]
    assert letter.data["decision"]["competent_body"] == "苏州市生态环境局"


def test_a_small_error_is_corrected_on_the_spot_and_stays_on_record(practice: Practice) -> None:
    number = practice.file_case().number
    practice.answer(
        number, "review_filing", {"acceptance": "accept", "corrections": "手机号码少一位。"}
    )
    line = next(e for e in practice.history(number) if e.kind == "corrected_on_spot")
    assert line.detail == "手机号码少一位。"
    assert "acceptance" in letters(practice, number)


def test_what_is_missing_is_asked_for_once_and_acceptance_counts_from_the_last_paper(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    practice.move_to(day(3, 4))
    practice.complete(number, "supplement")
    practice.answer(number, "review_filing", {"acceptance": "accept"})
    accepted_at = practice.case(number).accepted_at
    assert accepted_at is not None
    assert accepted_at >= day(3, 4)
    assert letters(practice, number).count("supplement_request") == 1


def test_five_working_days_of_silence_are_acceptance_from_the_day_of_receipt(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    filed_at = practice.case(number).filed_at
    practice.move_to(day(3, 9, 16))
    assert practice.case(number).accepted_at is None
    practice.move_to(day(3, 10, 9))
    case = practice.case(number)
    assert case.accepted_at == filed_at
    assert "deemed_acceptance" in case.tags
    (clock,) = [c for c in practice.of_case(models.Clock, number) if c.key == "handling"]
    entries = [e for e in practice.of_case(models.ClockEntry, number) if e.clock_id == clock.id]
    assert min(entry.effective_at for entry in entries) == filed_at
