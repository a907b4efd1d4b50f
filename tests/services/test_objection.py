"""Objection 异议处理: the mark as an overlay, what is put right, and what the offices write each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from engine.domain.errors import AlreadyOpen, Conflict, NotFound
from engine.persistence import models
from engine.services import applications, cases, letters, records
from tests.offices import FIRM, Practice, day

CLAIM: Mapping[str, Any] = {
    "representative": "legal_representative",
    "handler_name": "陈一苇",
    "handler_phone": "13800000027",
    "belongs_to": "platform",
    "ground": "wrong",
    "statement": "公示的罚款金额写成 8 万元，决定书是 8000 元。",
    "wanted": "amend",
    "electronic_service": True,
    "truth": True,
}
ACCEPT = {"acceptance": "accept"}
OWN_ERROR = {"checks": ["batch"], "finding": "wrong", "opinion": "转换时金额单位有误。"}
NOT_OURS = {"checks": ["batch"], "finding": "unknown", "opinion": "与提供单位报送一致。"}
REPLY = {
    "reply": "answered",
    "reply_finding": "unconfirmed",
    "reply_text": "原卷残缺，无法确认金额。",
    "reply_document": "昆市监函〔2020〕3号",
}
CORRECT = {
    "measure": "amend",
    "amended_content": "罚款人民币8000元。",
    "source_document": "归集批次 3",
    "opinion": "金额单位更正。",
}


def objected(practice: Practice, *record_ids: UUID, **changes: Any) -> str:
    """The number of an objection to these records."""
    answers = {**CLAIM, **changes}
    filed = cases.file(
        practice.office,
        practice.firm,
        "objection",
        FIRM,
        list(record_ids),
        answers,
        now=practice.now,
    )
    return filed.number


def test_the_mark_lies_over_the_record_and_is_lifted_with_the_result(practice: Practice) -> None:
    record = practice.import_penalty()
    number = objected(practice, record)
    assert practice.record(record).flags == {}
    practice.answer(number, "review_filing", ACCEPT)
    marked = practice.record(record)
    assert (marked.publication, list(marked.flags)) == ("shown", ["objection"])
    practice.answer(number, "check_source", OWN_ERROR)
    practice.answer(number, "correct", CORRECT)
    lifted = practice.record(record)
    assert (lifted.publication, lifted.flags, lifted.holds) == ("shown", {}, {})


def test_a_correction_changes_what_the_record_says_and_its_history_tells_both(
    practice: Practice,
) -> None:
    record = practice.import_penalty(CF_NR="罚款人民币80000元。")
    number = objected(practice, record)
    practice.answer(number, "review_filing", ACCEPT)
    practice.answer(number, "check_source", OWN_ERROR)
    practice.answer(number, "correct", CORRECT)
    assert practice.record(record).content == "罚款人民币8000元。"
    assert practice.record(record).fields["content"] == "罚款人民币8000元。"
    _, events = records.get(practice.office, practice["lin"], record, now=practice.now)
    (told,) = [event for event in events if event.axis == "content"]
    assert told.before.zh == "处罚内容：罚款人民币80000元。"
    assert told.after.zh == "处罚内容：罚款人民币8000元。"
    assert (told.case_number, told.document) == (number, "归集批次 3")


def test_a_corrected_day_of_the_decision_moves_the_period_of_publication(
    practice: Practice,
) -> None:
    record = practice.import_penalty(CF_JDRQ="2019-11-08")
    before = practice.record(record)
    number = objected(practice, record)
    practice.answer(number, "review_filing", ACCEPT)
    practice.answer(number, "check_source", OWN_ERROR)
    amended = {**CORRECT, "amended_decided_on": "2019-10-08"}
    practice.answer(number, "correct", amended)
    after = practice.record(record)
    assert (before.earliest_on, before.ends_on) == (date(2020, 2, 8), date(2020, 11, 8))
    assert (after.earliest_on, after.ends_on) == (date(2020, 1, 8), date(2020, 10, 8))


def test_a_record_whose_period_ends_while_it_is_checked_can_still_be_found_wrong_and_deleted(
    practice: Practice,
) -> None:
    record = practice.import_penalty(CF_JDRQ="2019-03-04")  # shown for a year, to 4 March 2020
    number = objected(practice, record)
    practice.answer(number, "review_filing", ACCEPT)
    practice.answer(number, "check_source", OWN_ERROR)
    practice.move_to(day(3, 5))
    assert practice.record(record).publication == "withdrawn_expired"
    delete = {"measure": "delete", "source_document": "归集批次 3", "opinion": "不是这一家的。"}
    practice.answer(number, "correct", delete)
    assert practice.record(record).publication == "withdrawn_corrected"
    assert practice.record(record).flags == {}
    assert practice.case(number).outcome == "corrected"
    (letter,) = [
        each
        for each in practice.of_case(models.Letter, number)
        if each.key == "objection_corrected"
    ]
    assert letter.data["measure"]["is_over"] is True


def test_what_cannot_be_confirmed_stands_on_the_record_with_both_statements(
    practice: Practice,
) -> None:
    record = practice.import_penalty()
    number = objected(practice, record)
    practice.answer(number, "review_filing", ACCEPT)
    practice.answer(number, "check_source", NOT_OURS)
    practice.answer(number, "answer_inquiry", REPLY)
    practice.answer(number, "conclude", {"finding": "unconfirmed", "opinion": "无法核实。"})
    shown, _ = records.get(practice.office, practice.firm, record, now=practice.now)
    (note,) = shown.notes
    assert (note.applicant, note.provider) == (CLAIM["statement"], REPLY["reply_text"])
    assert shown.publication == "shown"


def test_an_objection_may_be_filed_beside_a_repair_and_goes_first(practice: Practice) -> None:
    record = practice.import_penalty()
    repair = practice.file_case(record).number
    practice.drive_to(repair, "verify")
    objection = objected(practice, record)
    assert practice.record(record).holds == {"repair": repair, "objection": objection}
    practice.answer(objection, "review_filing", ACCEPT)
    with pytest.raises(Conflict, match="异议尚未办结"):
        practice.drive_to(repair, "verify_sites")
    practice.answer(objection, "check_source", OWN_ERROR)
    practice.answer(objection, "correct", CORRECT)
    practice.drive_to(repair, "verify_sites")
    assert practice.record(record).publication == "withdrawn_repaired"


def test_a_second_objection_to_the_same_record_is_refused_and_names_the_first(
    practice: Practice,
) -> None:
    record = practice.import_penalty()
    first = objected(practice, record)
    with pytest.raises(Conflict, match=first):
        objected(practice, record)
    with pytest.raises(AlreadyOpen, match=first):
        applications.start(practice.office, practice.firm, "objection", [record], now=practice.now)


def test_an_application_without_a_record_is_one_of_the_enterprise_itself(
    practice: Practice,
) -> None:
    draft = applications.start(practice.office, practice.firm, "objection", [], now=practice.now)
    told = applications.get(practice.office, practice.firm, draft, now=practice.now)
    assert (told.subject.code, told.records) == (FIRM, ())


def test_what_offices_write_each_other_is_not_for_the_applicant(practice: Practice) -> None:
    number = objected(practice, practice.import_penalty())
    practice.answer(number, "review_filing", ACCEPT)
    practice.answer(number, "check_source", NOT_OURS)
    practice.run_jobs()
    (request,) = [
        letter
        for letter in practice.of_case(models.Letter, number)
        if letter.key == "verification_request"
    ]
    assert request.state == "served"
    seen = cases.get(practice.office, practice.firm, number, now=practice.now).letters
    assert "verification_request" not in [letter.key for letter in seen]
    with pytest.raises(NotFound):
        letters.open_letter(practice.office, practice.firm, request.id)
    opened, content = letters.open_letter(practice.office, practice["ding"], request.id)
    assert (opened.key, content[:4]) == ("verification_request", b"%PDF")
