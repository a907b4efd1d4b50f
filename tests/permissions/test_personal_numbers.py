"""Mobile and identity numbers: who reads them in a case, and that no address and no log holds them."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from sqlalchemy import select

from engine.domain.permission_matrix import Cell, Field
from engine.domain.personal_numbers import personal_numbers
from engine.persistence import models
from engine.services.permissions import matrix
from tests.offices import FIRM, application
from tests.permissions.asked import Ask, requests
from tests.permissions.cells import ASKING, CONVERTER, unhurried
from tests.permissions.prepared import CARD, COMES, PHONE, Prepared

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIELDS = {field.key: field for field in matrix().fields}


def asked(prepared: Prepared, column: str, path: str) -> Any:
    prepared.app.config[ASKING] = COMES[column]
    with prepared.for_nothing(), unhurried():
        return prepared.app.test_client().get(path)


@pytest.mark.parametrize("column", COMES)
def test_numbers_in_a_case_are_hidden_and_read_whole_by_who_handles_it(
    unguarded: Prepared, column: str
) -> None:
    number, field = unguarded.ids["number"], FIELDS["case.contacts"]
    shown = asked(unguarded, column, f"/api/v1/cases/{number}")
    assert personal_numbers(shown.text) == []
    if matrix().rows["GET /api/v1/cases/<number>"].cells[column] is Cell.YES:
        assert "138******" in shown.text
        assert shown.get_json()["answers"]["handler_name"] == application()["handler_name"]
    reads_whole(unguarded, column, f"cases/{number}", field)


@pytest.mark.parametrize("column", COMES)
def test_numbers_in_a_record_are_hidden_and_read_whole_by_who_deals_with_it(
    unguarded: Prepared, column: str
) -> None:
    record, field = unguarded.ids["held_record"], FIELDS["record.text_numbers"]
    shown = asked(unguarded, column, f"/api/v1/records/{record}")
    assert personal_numbers(shown.text) == []
    if matrix().rows["GET /api/v1/records/<record_id>"].cells[column] is Cell.YES:
        assert "110*************2X" in shown.text
    reads_whole(unguarded, column, f"records/{record}", field)


def reads_whole(prepared: Prepared, column: str, what: str, field: Field) -> None:
    """By API and by page: who may, saying why where that is asked, and each time one row more."""
    with_reason = {"reason": "电话通知补正"}
    for path, body in (
        (f"/api/v1/{what}/personal-data", {"json": with_reason}),
        (f"/personal/{what}", {"data": {**with_reason, "field": fields_of(prepared, what)}}),
    ):
        answer, written = read(prepared, column, path, body)
        sees = personal_numbers(answer.text) != []
        assert sees is (column in field.whole), (path, answer.status_code)
        assert len(written) == sees
        for row in written:
            assert (row.actor, row.reason) == (COMES[column], with_reason["reason"])
            assert row.fields
            assert row.address == "127.0.0.1"
            assert personal_numbers(repr(row.fields)) == []
        if column in field.whole:
            answer, written = read(prepared, column, path, without_reason(body))
            assert (answer.status_code == 422) is (column in field.reason)
            assert len(written) == (column not in field.reason)


def without_reason(body: dict[str, Any]) -> dict[str, Any]:
    return {
        way: {name: text for name, text in sent.items() if name != "reason"}
        for way, sent in body.items()
    }


def fields_of(prepared: Prepared, what: str) -> str:
    kind, _, key = what.partition("/")
    return "answers.handler_phone" if kind == "cases" else f"record.{key}.content"


def read(prepared: Prepared, column: str, path: str, sent: dict[str, Any]) -> tuple[Any, list[Any]]:
    """The answer, and the readings it put on record; both undone."""
    prepared.app.config[ASKING] = COMES[column]
    with prepared.for_nothing(), unhurried():
        answer = prepared.app.test_client().post(path, **sent)
        row = models.PersonalReading
        asked_for = select(row.actor, row.reason, row.fields, row.address)
        with prepared.practice.office.uow.read() as session:
            return answer, list(session.execute(asked_for))


#: What is not a page of somebody's data, or no page at all.
LEFT_OUT = ("/static/", "/api/docs", "/login", "/styleguide", "/language", "/metrics")


@pytest.mark.parametrize("column", ["own_firm", "clerk", "administrator"])
def test_no_page_no_list_no_export_and_no_answer_shows_a_number(
    unguarded: Prepared, column: str
) -> None:
    """Everything that may be read, by who handles the case, whose it is, and who sees everything."""
    asks, seen = requests(unguarded.ids), 0
    unguarded.app.config[ASKING] = COMES[column]
    with unguarded.for_nothing(), unhurried():
        client = unguarded.app.test_client()
        for address, row in matrix().rows.items():
            method, _, rule = address.partition(" ")
            if method != "GET" or row.cells[column] is not Cell.YES or rule.startswith(LEFT_OUT):
                continue
            ask = asks.get(address, Ask())
            names = {**unguarded.ids, **ask.at}
            if "<record_id>" in rule:
                names["record_id"] = unguarded.ids["held_record"]
            if "<number>" in rule and ask.at == {}:
                names["number"] = unguarded.ids["number"]
            path = CONVERTER.sub(partial(_filled, names), rule)
            answer = client.get(path, **ask.sent())
            text = answer.text if answer.mimetype not in FILES else texts_of(answer.data)
            assert personal_numbers(text) == [], address
            seen += "138******" in text or "110*************2X" in text
            answer.close()
    assert seen > 2, "of these, some have numbers to hide"


def _filled(names: dict[str, str], found: re.Match[str]) -> str:
    return quote(names[found[1]], safe="/")


FILES = {"application/pdf", "image/png", "image/jpeg", XLSX}


def texts_of(content: bytes) -> str:
    """What the sheets of a workbook say; of other files nothing."""
    if not content.startswith(b"PK"):
        return ""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if ".xml" in name)


def test_every_part_of_a_case_hides_what_was_written_into_it(unguarded: Prepared) -> None:
    number = unguarded.ids["number"]
    parts = {
        part: asked(unguarded, "clerk", f"/desk/cases/{number}/parts/{part}").text
        for part in ("file", "history", "notes", "personal")
    }
    assert all(personal_numbers(text) == [] for text in parts.values())
    assert "138******" in parts["file"]
    assert "证号110*************2X，已核对" in parts["notes"]
    assert "110*************2X" in parts["history"]
    assert "查看完整" in parts["personal"]
    overseen = asked(unguarded, "supervisor", f"/desk/cases/{number}/parts/personal").text
    assert "查看完整</button>" not in overseen
    assert "还没有人查看过" in overseen


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
        held = unguarded.practice.case(number).answers
    assert PHONE in str(held), "the case itself holds what was told"
    addresses = [filed.request.url, filed.headers["Location"], refused.request.url]
    assert personal_numbers(" ".join([*addresses, caplog.text, repr(lines)])) == []
    assert personal_numbers(refused.text) == [], "a refusal does not repeat what it refuses"
