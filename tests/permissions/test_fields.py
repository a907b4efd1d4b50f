"""What is left out or masked within an answer: each field of the matrix, for everybody who may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.permission_matrix import Cell
from engine.persistence import models
from engine.services import site_work
from engine.services.permissions import matrix
from tests.offices import FIRM
from tests.permissions.asked import requests
from tests.permissions.cells import ASKING, unhurried
from tests.permissions.prepared import COMES, Prepared

CARD = "320583198502140038"
FIELDS = {field.key: field for field in matrix().fields}
#: Field -> the test that asks for it.
TESTED = {
    "case.contacts": "test_numbers_in_a_case_are_hidden_and_read_whole_by_who_handles_it",
    "record.text_numbers": "test_numbers_in_a_record_are_hidden_and_read_whole_by_who_deals_with_it",
    "case.work_of_the_office": "test_the_enterprise_reads_no_work_of_the_office_in_its_history",
    "case.history_changes": "test_the_enterprise_reads_no_work_of_the_office_in_its_history",
    "case.letters_between_offices": "test_letters_that_are_not_served_are_the_offices",
    "task.checked_by_the_system": "test_what_the_system_checked_is_not_told_to_the_enterprise",
    "record.identity_numbers": "test_no_record_holds_the_identity_number_that_was_imported_with_it",
    "obligation.people": "test_who_works_on_a_removal_is_not_named_to_the_enterprise",
    "public.names": "test_the_public_is_told_no_whole_name",
}


def asked(prepared: Prepared, column: str, path: str, **sent: Any) -> Any:
    prepared.app.config[ASKING] = COMES[column]
    with prepared.for_nothing(), unhurried():
        return prepared.app.test_client().get(path, **sent)


def may(address: str, column: str) -> bool:
    return matrix().rows[address].cells[column] is Cell.YES


def test_every_field_of_the_matrix_has_its_test() -> None:
    from tests.permissions import test_personal_numbers

    assert TESTED.keys() == FIELDS.keys()
    there = {*globals(), *vars(test_personal_numbers)}
    assert set(TESTED.values()) <= there


@pytest.mark.parametrize("column", COMES)
def test_letters_that_are_not_served_are_the_offices(unguarded: Prepared, column: str) -> None:
    letter, case = models.Letter, models.Case
    found = select(case.number).join(letter, letter.case_id == case.id)
    (number,) = unguarded.practice.all(
        found.where(letter.key == "repair_granted", letter.state == "issued")
    )
    kinds = {each.key: each.state for each in unguarded.practice.of_case(letter, number)}
    assert {"issued", "served"} <= set(kinds.values())
    answer = asked(unguarded, column, f"/api/v1/cases/{number}")
    if answer.status_code in (401, 403, 404):
        assert "repair_granted" not in answer.text
        return
    if column == "centre":
        return  # takes the record down: of this case it is a part
    seen = {each["key"] for each in answer.get_json()["letters"]}
    assert seen, "what is served is seen by whoever sees the case"
    assert ("repair_granted" in seen) is (column in FIELDS["case.letters_between_offices"].whole)
    (unserved,) = (
        each.id
        for each in unguarded.practice.of_case(letter, number)
        if each.key == "repair_granted"
    )
    opened = asked(unguarded, column, f"/api/v1/letters/{unserved}/content")
    assert (opened.status_code == 200) is ("repair_granted" in seen)


@pytest.mark.parametrize("column", COMES)
def test_who_works_on_a_removal_is_not_named_to_the_enterprise(
    unguarded: Prepared, column: str
) -> None:
    office, lin = unguarded.practice.office, unguarded.practice["lin"]
    held = UUID(unguarded.ids["obligation_id"])
    with unguarded.for_nothing(), unhurried():
        site_work.claim(office, lin, held, now=unguarded.practice.now)
        unguarded.app.config[ASKING] = COMES[column]
        client = unguarded.app.test_client()
        claimed = client.get(f"/api/v1/obligations/{held}")
        answer = client.get(f"/api/v1/obligations/{unguarded.ids['seen_obligation']}")
    if not may("GET /api/v1/obligations/<obligation_id>", column):
        assert "lin" not in answer.text
        return
    told: Mapping[str, Any] = answer.get_json()
    acts = [act for act in told["acts"] if act["act"] == "seen_done"]
    assert acts, "that somebody looked is told"
    sees = any(act["actor_name"] for act in acts)
    assert sees is (column in FIELDS["obligation.people"].whole)
    row = claimed.get_json()["row"]
    assert [bool(row[name]) for name in ("claimed_by", "claimed_name")] == [sees, sees]


@pytest.mark.parametrize("column", COMES)
def test_what_the_system_checked_is_not_told_to_the_enterprise(
    unguarded: Prepared, column: str
) -> None:
    """The enterprise is asked for its own task, everybody else for the department's."""
    field = FIELDS["task.checked_by_the_system"]
    is_own = column == "own_firm"
    number = unguarded.ids["asked_number" if is_own else "number"]
    assert unguarded.practice.case(number).facts["eligibility"], "the system has checked it"
    theirs = requests(unguarded.ids)["GET /api/v1/tasks/<task_id>"].at
    task = {**unguarded.ids, **theirs}["task_id"]
    path = f"/api/v1/tasks/{unguarded.ids['asked_task'] if is_own else task}"
    answer = asked(unguarded, column, path)
    if not is_own and not may("GET /api/v1/tasks/<task_id>", column):
        assert "系统预审" not in answer.text
        return
    assert answer.status_code == 200, answer.text
    assert bool(answer.get_json()["facts"]) is (column in field.whole)


def test_no_record_holds_the_identity_number_that_was_imported_with_it(
    unguarded: Prepared,
) -> None:
    assert FIELDS["record.identity_numbers"].whole == frozenset()
    practice = unguarded.practice
    with unguarded.for_nothing():
        record = practice.import_penalty(
            CF_WSH="昆市监罚〔2019〕9901号", CF_FR_ZJLX="身份证", CF_FR_ZJHM=CARD
        )
        assert practice.record(record).subject_code == FIRM
        assert CARD not in repr(practice.everything())


def test_the_public_is_told_no_whole_name(unguarded: Prepared) -> None:
    ids = unguarded.ids
    case = unguarded.practice.case(ids["ended_number"])
    firm, handler = case.subject_name, str(case.answers["handler_name"])
    assert FIELDS["public.names"].whole == frozenset()
    progress = asked(
        unguarded, "public", f"/api/v1/track/{ids['ended_number']}",
        query_string={"code": ids["query_code"]},
    )  # fmt: skip
    letter = asked(unguarded, "public", f"/verify/{ids['letter_number']}")
    course = asked(unguarded, "public", f"/courses/certificates/{ids['course_certificate']}")
    for answer in (progress, letter, course):
        assert answer.status_code == 200, answer.text
        assert handler not in answer.text
    assert firm not in progress.text
    assert firm not in letter.text
    assert f"{firm[0]}" in letter.text
    assert "陈一苇" not in course.text
    assert "陈" in course.text
