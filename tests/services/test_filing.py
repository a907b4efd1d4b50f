"""Filing: one case for one request, one case at a time for a record, numbers without gaps."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.domain.errors import AlreadyFiled, Conflict, Invalid, NotFound, NotPermitted
from engine.persistence import models
from engine.services import applications, cases
from engine.services.operations import OPERATIONS
from tests.offices import FIRM, OTHER_FIRM, Practice, application, day
from tests.services.crowds import refusals, together


def test_a_case_has_a_number_a_query_code_and_its_first_dates(practice: Practice) -> None:
    filed = practice.file_case()
    assert filed.number == "KSXY-XF-20200302-000001"
    assert len(filed.query_code) >= 8
    assert filed.filed_at == practice.now
    assert filed.counted_from.isoformat() == "2020-03-02"
    assert filed.accept_by == day(3, 4, 17)
    assert [task.element_id for task in practice.open_tasks(filed.number)] == ["review_filing"]


def test_what_comes_in_after_closing_time_counts_from_the_next_working_day(
    practice: Practice,
) -> None:
    practice.show(day(3, 6, 17, 30))  # a Friday
    assert practice.file_case().counted_from.isoformat() == "2020-03-09"


def test_the_same_request_ten_times_at_once_files_one_case(
    practice: Practice, another_process: Practice
) -> None:
    record = practice.import_penalty()

    def file(where: Practice) -> Any:
        return cases.file(
            where.office,
            where.firm,
            "credit_repair",
            FIRM,
            [record],
            application(),
            now=practice.now,
            idempotency_key="one and the same",
        )

    outcomes = together(*(lambda w=w: file(w) for w in [practice, another_process] * 5))
    assert refusals(outcomes) == []
    assert len({filed.number for filed in outcomes}) == 1
    assert len(practice.all(select(models.Case))) == 1


def test_the_same_request_later_tells_the_same_case_again(practice: Practice) -> None:
    record = practice.import_penalty()
    first = practice.file_case(record, key="a")
    practice.complete(first.number, "review_filing")
    assert practice.file_case(record, key="a").number == first.number
    with pytest.raises(Conflict):
        practice.file_case(record, key="b")


def test_a_key_is_its_senders_own(practice: Practice) -> None:
    first = practice.file_case(key="a")
    second = practice.file_case(
        practice.import_penalty(CF_XDR_SHXYM=OTHER_FIRM), by=practice.other_firm, key="a"
    )
    assert first.number != second.number


def test_of_two_filings_on_one_record_in_the_same_instant_one_is_refused(
    practice: Practice, another_process: Practice
) -> None:
    record = practice.import_penalty()
    outcomes = together(
        lambda: practice.file_case(record), lambda: another_process.file_case(record)
    )
    (refused,) = refusals(outcomes)
    (filed,) = [each for each in outcomes if each is not refused]
    assert isinstance(refused, Conflict)
    assert refused.fields == {"records": filed.number}
    assert practice.record(record).holds == {"repair": filed.number}


def test_a_record_is_free_again_when_its_case_is_over(practice: Practice) -> None:
    record = practice.import_penalty()
    first = practice.file_case(record).number
    cases.withdraw(practice.office, practice.firm, first, reason="", now=practice.now)
    assert practice.file_case(record).number != first


def test_numbers_have_no_gaps_whoever_files_and_whatever_fails(
    practice: Practice, another_process: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [practice.import_penalty() for _ in range(12)]
    failing = set(records[::3])
    original = OPERATIONS["receive_filing"]

    def receive_filing(work: Any) -> Any:
        if {record.id for record in work.records} & failing:
            raise Conflict("不收。", "not taken")
        return original(work)

    monkeypatch.setitem(OPERATIONS, "receive_filing", receive_filing)
    outcomes = together(
        *(
            lambda r=record, w=where: w.file_case(r)
            for record, where in zip(records, [practice, another_process] * 6, strict=True)
        )
    )
    assert len(refusals(outcomes)) == len(failing)
    numbers = sorted(case.number for case in practice.all(select(models.Case)))
    assert numbers == [f"KSXY-XF-20200302-{serial:06}" for serial in range(1, 9)]
    letters = [letter.number for letter in practice.all(select(models.Letter))]
    assert sorted(
        int("".join(filter(str.isdigit, n.rpartition("〕")[2]))) for n in letters
    ) == list(range(1, 9))


def test_numbers_begin_anew_each_day(practice: Practice) -> None:
    practice.file_case()
    practice.show(day(3, 3))
    assert practice.file_case().number == "KSXY-XF-20200303-000001"


def test_several_records_are_repaired_in_one_case(practice: Practice) -> None:
    records = [practice.import_penalty(), practice.import_penalty()]
    number = practice.file_case(*records).number
    held = [practice.record(record).holds for record in records]
    assert held == [{"repair": number}] * len(records)
    practice.drive_to(number, "rate")
    assert {practice.record(record).publication for record in records} == {"withdrawn_repaired"}


# ── who and what ────────────────────────────────────────────────────────────────────────────────


def test_an_enterprise_files_for_itself_and_for_its_own_records(practice: Practice) -> None:
    record = practice.import_penalty()
    with pytest.raises(NotPermitted):
        cases.file(
            practice.office,
            practice.other_firm,
            "credit_repair",
            FIRM,
            [record],
            application(),
            now=practice.now,
        )
    with pytest.raises(NotFound):
        practice.file_case(record, by=practice.other_firm)
    with pytest.raises(NotPermitted):
        practice.file_case(record, by=practice["wu"])
    assert practice.record(record).holds == {}


def test_the_window_files_for_an_enterprise(practice: Practice) -> None:
    number = practice.file_case(by=practice["zhou"]).number
    assert practice.case(number).channel == "window"


def test_a_filing_without_a_record_or_with_wrong_answers_says_what_is_missing(
    practice: Practice,
) -> None:
    with pytest.raises(Invalid) as refused:
        cases.file(
            practice.office,
            practice.firm,
            "credit_repair",
            FIRM,
            [],
            application(),
            now=practice.now,
        )
    assert refused.value.fields.keys() == {"records"}
    with pytest.raises(Invalid) as refused:
        practice.file_case(commitment=False, handler_name="")
    assert {"commitment", "handler_name"} <= refused.value.fields.keys()
    assert practice.all(select(models.Case)) == []


def test_a_procedure_that_is_not_in_force_takes_no_filing(practice: Practice) -> None:
    record = practice.import_penalty()
    with pytest.raises(Invalid):
        cases.file(
            practice.office,
            practice.firm,
            "nonsense",
            FIRM,
            [record],
            application(),
            now=practice.now,
        )


def test_an_application_is_filed_once_whoever_presses_twice(
    practice: Practice, another_process: Practice
) -> None:
    record = practice.import_penalty()
    draft = applications.start(
        practice.office, practice.firm, "credit_repair", [record], now=practice.now
    )
    applications.save(practice.office, practice.firm, draft, application(), now=practice.now)
    outcomes = together(
        *(
            lambda w=where: applications.submit(w.office, w.firm, draft, now=practice.now)
            for where in (practice, another_process)
        )
    )
    assert [type(each) for each in refusals(outcomes)] == [AlreadyFiled]
    assert len(practice.all(select(models.Case))) == 1
