"""Mobile and identity numbers: who reads them in a case, and that no address and no log holds them."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog

from engine.domain.identifiers import personal_numbers, without_personal_numbers
from engine.domain.permission_matrix import Cell
from engine.services import cases
from engine.services.permissions import matrix
from tests.offices import FIRM, application
from tests.permissions.cells import ASKING, unhurried
from tests.permissions.prepared import COMES, Prepared

PHONE, CARD = "13812345678", "11010519491231002X"
FIELDS = {field.key: field for field in matrix().fields}


def test_numbers_of_people_are_told_from_numbers_of_enterprises_and_papers() -> None:
    assert personal_numbers(f"请拨{PHONE}，证号{CARD}。") == [PHONE, CARD]
    assert personal_numbers("91320583MA1X00017U KSXY-XF-20200302-000001 110105194912310021") == []
    told = without_personal_numbers(f"请拨{PHONE}，证号{CARD}。")
    assert told == "请拨138******78，证号110*************2X。"


def asked(prepared: Prepared, column: str, path: str) -> Any:
    prepared.app.config[ASKING] = COMES[column]
    with prepared.for_nothing(), unhurried():
        return prepared.app.test_client().get(path)


@pytest.mark.parametrize("column", COMES)
def test_who_oversees_a_case_sees_its_numbers_masked(unguarded: Prepared, column: str) -> None:
    path = f"/api/v1/cases/{unguarded.ids['number']}"
    answer = asked(unguarded, column, path)
    if matrix().rows["GET /api/v1/cases/<number>"].cells[column] is not Cell.YES:
        assert personal_numbers(answer.text) == []
        return
    sees = personal_numbers(answer.text) != []
    assert sees is (column in FIELDS["case.contacts"].whole)
    assert answer.get_json()["answers"]["handler_name"] == application()["handler_name"]


@pytest.mark.parametrize("column", COMES)
def test_the_enterprise_reads_no_work_of_the_office_in_its_history(
    unguarded: Prepared, column: str
) -> None:
    address = "GET /api/v1/cases/<number>/history"
    if matrix().rows[address].cells[column] is not Cell.YES:
        return
    answer = asked(unguarded, column, f"/api/v1/cases/{unguarded.ids['late_number']}/history")
    if answer.status_code == 404:  # takes no part in this one
        return
    lines = answer.get_json()["items"]
    inside = any(line["kind"].startswith(("supervision", "task_claimed")) for line in lines)
    assert inside is (column in FIELDS["case.work_of_the_office"].whole)
    changes = any(line["changes"] for line in lines)
    assert changes is (column in FIELDS["case.history_changes"].whole)


def test_a_filed_case_leaves_no_number_of_a_person_in_a_log_or_an_address(
    unguarded: Prepared, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    unguarded.app.config[ASKING] = "firm"
    told = {**application(), "handler_phone": PHONE, "handler_name": f"陈一苇{CARD}"}
    body = {
        "procedure": "credit_repair",
        "subject": FIRM,
        "records": [unguarded.ids["record_id"]],
        "answers": told,
    }
    client = unguarded.app.test_client()
    with structlog.testing.capture_logs() as lines, unguarded.for_nothing(), unhurried():
        filed = client.post("/api/v1/cases", json=body)
        refused = client.post(
            "/api/v1/cases", json={**body, "answers": {**told, "handler_phone": CARD}}
        )
        assert filed.status_code == 201, filed.text
        number = filed.get_json()["number"]
        view = cases.get(
            unguarded.practice.office, unguarded.practice.firm, number, now=unguarded.practice.now
        )
    assert PHONE in str(view.answers), "the case itself holds what was told"
    addresses = [filed.request.url, filed.headers["Location"], refused.request.url]
    assert personal_numbers(" ".join([*addresses, caplog.text, repr(lines)])) == []
    assert personal_numbers(refused.text) == [], "a refusal does not repeat what it refuses"
