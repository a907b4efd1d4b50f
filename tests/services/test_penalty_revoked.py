"""A penalty that is revoked leaves every site, wherever the case about it stands."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.persistence import models
from engine.services import cases, follow_ups, messages, records
from tests.offices import FIRM, Practice

REVOKED = {"document": "昆市监撤〔2020〕1号", "date": "2020-03-02"}
CLUE = {"clue_source": "report", "suspicion": "false_papers", "clue": "举报称凭证系改制。"}


def tell(practice: Practice, number: str) -> None:
    now = practice.now
    cases.message(practice.office, practice["lin"], number, "penalty_revoked", REVOKED, now=now)


def record_of(practice: Practice, number: str) -> models.Record:
    (record_id,) = practice.case(number).record_ids
    return practice.record(UUID(str(record_id)))


def is_gone(practice: Practice, number: str) -> bool:
    record = record_of(practice, number)
    return (record.publication, record.reporting) == ("withdrawn_corrected", "recalled")


@pytest.mark.parametrize("step", ["review_filing", "give_opinion", "first_review"])
def test_the_record_goes_at_once_and_the_case_ends(practice: Practice, step: str) -> None:
    number = practice.file_case().number
    practice.drive_to(number, step)
    tell(practice, number)
    assert is_gone(practice, number)
    assert practice.case(number).outcome == "revoked"
    letters = [each.key for each in practice.of_case(models.Letter, number)]
    assert letters[-1] == "takedown_receipt"


def test_while_it_is_taken_down_the_case_goes_on_and_the_record_stays_away_as_revoked(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "verify_sites")
    tell(practice, number)
    assert record_of(practice, number).publication == "withdrawn_repaired"
    practice.drive_to(number, "rate")
    assert practice.case(number).outcome == "granted"
    assert is_gone(practice, number)


def test_told_to_a_closed_case_it_is_no_message_that_nobody_reads(practice: Practice) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    tell(practice, number)
    assert is_gone(practice, number)
    assert practice.case(number).state == "closed"


def test_a_record_shown_again_for_a_broken_promise_is_not_repaired_a_second_time(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    by = practice["wang"]
    follow_ups.start(practice.office, by, number, "revocation", CLUE, now=practice.now)
    found = {"clue_finding": "founded", "second_person": "沈静", "opinion": "凭证属于另一案件。"}
    practice.answer(number, "investigate", found)
    practice.answer(number, "defend", {"defence": "系经办人误传，附银行回单。"})
    decided = {"revocation": "revoke", "reason": "提交的凭证虚假。"}
    practice.answer(number, "decide_revocation", decided)
    practice.answer(number, "verify_restored", {"restored_on": ["credit_kunshan"]})
    record = record_of(practice, number)
    assert record.publication == "shown"
    (told,) = records.eligibility(practice.office, practice.firm, FIRM, now=practice.now)
    assert told.eligibility is not None
    assert told.eligibility.outcome == "never"
    assert "不能再提前修复" in told.eligibility.sentence.zh
    view = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert {stage.state for stage in view.stages} == {"done"}


def test_what_was_revoked_is_not_shown_again_for_a_broken_promise(practice: Practice) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    by = practice["wang"]
    follow_ups.start(practice.office, by, number, "revocation", CLUE, now=practice.now)
    found = {"clue_finding": "founded", "second_person": "沈静", "opinion": "凭证属于另一案件。"}
    practice.answer(number, "investigate", found)
    tell(practice, number)
    practice.answer(number, "defend", {"defence": "系经办人误传，附银行回单。"})
    decided = {"revocation": "revoke", "reason": "提交的凭证虚假。"}
    practice.answer(number, "decide_revocation", decided)
    assert is_gone(practice, number)
    assert "verify_restored" not in {task.element_id for task in practice.open_tasks(number)}
    assert messages.REVOKED in practice.case(number).facts
