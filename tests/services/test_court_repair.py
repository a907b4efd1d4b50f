"""Court repair: the court outside, one working day from its notice, removal for a time, back again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.persistence import models
from engine.services import cases, records, tellings
from tests.offices import FIRM, Practice, day

CLAIM: Mapping[str, Any] = {
    "representative": "legal_representative",
    "handler_name": "陈一苇",
    "handler_phone": "13800000027",
    "business": "producer",
    "goods": "医用一次性口罩",
    "licence": "苏械备20200088号",
    "capacity": "日产口罩 6 万只",
    "key_list": "yes",
    "performance": "partly",
    "statement": "转产口罩，名单使原料采购和贷款受阻。",
    "electronic_service": True,
    "truth": True,
}
CHECKED = {
    "checks": ["licence", "capacity"],
    "goods": "医用一次性口罩",
    "licence": "苏械备20200088号",
    "capacity": "日产 6 万只",
    "since": "2020-02-05",
    "valid_until": "2020-05-31",
    "visit": "not_needed",
    "proposal": "issue",
    "opinion": "已核对许可、设备和订单。",
}
NOTICE = {"document": "（2019）苏0583执1号之一", "result": "deleted"}
FOR_A_TIME = {**NOTICE, "result": "temporary", "until": "2020-05-29", "after_end": "ask"}
DOWN = {"channels": ["site", "platform"]}
CLEAN = {"takedown_found": "clean", "other_court": "none"}


def at_court(practice: Practice, *record_ids: UUID, **changes: Any) -> str:
    """The number of a case whose application lies with the court."""
    about = record_ids or (practice.import_court_default(),)
    answers = {**CLAIM, **changes}
    number = cases.file(
        practice.office, practice.firm, "court_repair", FIRM, list(about), answers, now=practice.now
    ).number
    practice.answer(number, "review_filing", {"acceptance": "accept"})
    maker = answers["business"] == "producer"
    practice.answer(
        number,
        "check_producer" if maker else "check_dealer",
        CHECKED if maker else {**CHECKED, "checks": ["licence", "supply"]},
    )
    practice.answer(number, "sign_certificate", {"certificate": "issue"})
    return number


def told(practice: Practice, number: str, name: str, **payload: Any) -> None:
    """The court's own system says it."""
    cases.message(practice.office, practice["lin"], number, name, payload, now=practice.now)


def taken_down(practice: Practice, number: str) -> None:
    practice.answer(number, "match", {"match": "same"})
    practice.answer(number, "take_down", DOWN, by=practice["lin"])
    practice.answer(number, "verify", CLEAN, by=practice["he"])


def clock(practice: Practice, number: str, key: str) -> models.Clock:
    (found,) = [each for each in practice.of_case(models.Clock, number) if each.key == key]
    return found


def test_the_working_day_runs_from_the_receipt_of_the_notice(practice: Practice) -> None:
    number = at_court(practice)
    practice.move_to(day(3, 6, 16))  # a Friday
    told(practice, number, "court_notice", **NOTICE)
    held = clock(practice, number, "court_takedown")
    assert held.due_at == day(3, 9, 17)
    (task,) = [t for t in practice.open_tasks(number) if t.element_id == "match"]
    assert task.candidate_group == "credit_centre"


def test_a_notice_on_paper_counts_from_the_day_it_came_not_from_its_entry(
    practice: Practice,
) -> None:
    number = at_court(practice)
    practice.move_to(day(3, 9, 10))
    tellings.act(
        practice.office,
        practice["zhou"],
        number,
        "court_notice",
        {**NOTICE, "received_on": "2020-03-06"},
        now=practice.now,
    )
    assert clock(practice, number, "court_takedown").due_at == day(3, 9, 17)


def test_the_second_person_is_another_and_only_then_the_record_is_down(
    practice: Practice,
) -> None:
    record = practice.import_court_default()
    number = at_court(practice, record)
    told(practice, number, "court_notice", **NOTICE)
    practice.answer(number, "match", {"match": "same"})
    practice.answer(number, "take_down", DOWN, by=practice["lin"])
    assert practice.record(record).publication == "shown"
    with pytest.raises(NotPermitted):
        practice.answer(number, "verify", CLEAN, by=practice["lin"])
    practice.answer(number, "verify", CLEAN, by=practice["he"])
    assert practice.record(record).publication == "withdrawn_repaired"
    _, history = records.get(practice.office, practice["lin"], record, now=practice.now)
    (down,) = [each for each in history if each.after.zh == "已撤下（修复）"]
    assert (down.case_number, down.document) == (number, NOTICE["document"])


def test_only_the_record_that_the_notice_names_is_taken_down(practice: Practice) -> None:
    named = practice.import_court_default(SX_AH="（2019）苏0583执77号")
    other = practice.import_court_default(SX_AH="（2019）苏0583执78号")
    number = at_court(practice, named, other)
    told(practice, number, "court_notice", **NOTICE, cases="(2019)苏0583执77号")
    taken_down(practice, number)
    assert practice.record(named).publication == "withdrawn_repaired"
    left = practice.record(other)
    assert (left.publication, left.flags, left.holds) == ("shown", {}, {})


def test_a_notice_that_does_not_fit_stops_the_clock_and_the_court_is_asked(
    practice: Practice,
) -> None:
    number = at_court(practice)
    told(practice, number, "court_notice", **NOTICE)
    practice.answer(number, "match", {"match": "mismatch", "difference": "代码末位不同。"})
    assert clock(practice, number, "court_takedown").state == "paused"
    (asked,) = [e for e in practice.of_case(models.Letter, number) if e.key == "court_query"]
    assert asked.data["inquiry"] == {"question": "代码末位不同。", "answer_by": "2020-03-09"}
    assert asked.data["addressee"]["name"] == "江苏省昆山市人民法院"
    practice.move_to(day(3, 5, 9))
    told(practice, number, "court_reply", document="复1号", result="clarified")
    resumed = clock(practice, number, "court_takedown")
    assert (resumed.state, resumed.due_at) == ("running", day(3, 5, 17))


def test_a_removal_for_a_time_is_counted_back_five_working_days_before_its_end(
    practice: Practice,
) -> None:
    record = practice.import_court_default()
    number = at_court(practice, record)
    told(practice, number, "court_notice", **FOR_A_TIME)
    taken_down(practice, number)
    held = practice.record(record)
    assert (held.publication, list(held.flags)) == ("temporarily_withdrawn", ["repairing"])
    (resting,) = [w for w in practice.of_case(models.Wait, number) if w.ended_at is None]
    assert (resting.element_id, resting.due_at) == ("in_term", day(5, 22, 9))
    assert date(2020, 5, 29).isoformat() == practice.case(number).facts["removed_until"]


def test_the_firm_is_told_of_its_certificate_and_that_the_removal_is_prolonged(
    practice: Practice,
) -> None:
    number = at_court(practice)
    told(practice, number, "court_notice", **FOR_A_TIME)
    taken_down(practice, number)
    practice.move_to(day(5, 22, 10))
    prolonged = {"result": "prolonged", "until": "2020-08-28"}
    told(practice, number, "court_reply", document="之二", **prolonged)
    practice.run_jobs()
    notices = practice.all(select(models.Notice).where(models.Notice.case_number == number))
    own = {each.kind for each in notices if each.recipient == practice.firm.username}
    assert {"goods_certificate", "removal", "removal_prolonged"} <= own


def test_what_is_shown_again_is_reported_again(practice: Practice) -> None:
    record = practice.import_court_default()
    number = at_court(practice, record)
    told(practice, number, "court_notice", **NOTICE)
    taken_down(practice, number)
    practice.answer(number, "rate", {"rating": "satisfied"})
    assert practice.record(record).reporting == "recalled"
    told(practice, number, "court_withdrawal", document="撤1号", reason="不再履行和解协议。")
    assert practice.case(number).state == "open"
    practice.answer(number, "restore", DOWN, by=practice["lin"])
    practice.answer(number, "verify_restored", {"restoration_found": "shown"}, by=practice["he"])
    practice.run_jobs()
    back = practice.record(record)
    assert (back.publication, back.reporting) == ("shown", "reported")
    case = practice.case(number)
    assert (case.state, case.outcome) == ("closed", "restored")


def test_a_program_must_say_as_much_as_the_form(practice: Practice) -> None:
    number = at_court(practice)
    with pytest.raises(Invalid) as refused:
        told(practice, number, "court_notice", document="1号", result="temporary")
    assert set(refused.value.fields) == {"until", "after_end"}
    with pytest.raises(NotPermitted):
        cases.message(
            practice.office, practice["wang"], number, "court_notice", NOTICE, now=practice.now
        )


def test_only_window_and_centre_enter_what_the_court_writes_and_only_when_it_is_awaited(
    practice: Practice,
) -> None:
    number = at_court(practice)
    for stranger in ("wang", "firm"):
        with pytest.raises((NotFound, NotPermitted)):
            tellings.act(
                practice.office,
                practice[stranger],
                number,
                "court_notice",
                NOTICE,
                now=practice.now,
            )
    answer = {"document": "复1号", "result": "deleted"}
    with pytest.raises(Conflict):
        tellings.act(
            practice.office, practice["zhou"], number, "court_reply", answer, now=practice.now
        )


@pytest.mark.parametrize(
    ("business", "bureau", "mark"),
    [
        ("producer", "昆山市工业和信息化局", "昆工信〔2020〕证1号"),
        ("dealer", "昆山市商务局", "昆商务〔2020〕证1号"),
    ],
)
def test_the_certificate_is_the_bureaus_own(
    practice: Practice, business: str, bureau: str, mark: str
) -> None:
    number = at_court(practice, business=business)
    (issued,) = [e for e in practice.of_case(models.Letter, number) if e.key == "goods_certificate"]
    assert (issued.number, issued.data["issuer"], issued.state) == (mark, bureau, "served")
    (entered,) = practice.of_case(models.Certificate, number)
    assert (entered.kind, entered.issuer) == ("epidemic_goods", bureau)


def test_no_step_of_the_removal_is_due_later_than_its_one_working_day(practice: Practice) -> None:
    number = at_court(practice)
    practice.move_to(day(3, 3, 18))  # after the office has closed: the paper came in the day
    told(practice, number, "court_notice", **NOTICE, received_on="2020-03-03")
    ends = clock(practice, number, "court_takedown").due_at
    assert ends == day(3, 4, 17)
    assert practice.open_task(number, "match").due_at == ends
    practice.move_to(day(3, 4, 10))
    practice.answer(number, "match", {"match": "same"})
    assert practice.open_task(number, "take_down").due_at == ends
    practice.answer(number, "take_down", DOWN, by=practice["lin"])
    assert practice.open_task(number, "verify").due_at == ends
