"""The register of commitments on its pages and by its calls: the public's, the keeper's, a department's."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.services import people
from engine.settings import read_settings
from tests.offices import MARKET, Practice
from web.app import create_app
from web.auth import limiter

PASSWORD = "a long enough password"
CODE = "32058320200302000001"
BROKEN = {
    "performance": "broken",
    "basis": "昆市监罚〔2020〕31号",
    "unfulfilled": "再次违反标识规定。",
    "consequence": "行政处罚信息公示到最长期限。",
}
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(practice: Practice) -> Practice:
    for name, group, unit in (
        ("zhoumin", "credit_clerk", "credit_office"),
        ("zhuhaiyan", "authority", MARKET),
        ("liting", "window", "service_window"),
    ):
        people.add_person(
            practice.office, name, PASSWORD, name, now=practice.now, department=unit, groups=[group]
        )
    practice.at("rate")
    return practice


@pytest.fixture
def app(practice: Practice) -> Flask:
    settings = read_settings({"KUNXIN_SECRET_KEY": "for tests", "KUNXIN_SANDBOX": "1"})
    served = create_app(practice.office, settings)
    limiter.reset()
    return served


def in_browser(app: Flask, name: str, language: str = "zh") -> FlaskClient:
    client = app.test_client()
    sent = {"username": name, "password": PASSWORD, "csrf_token": token(client, "/login")}
    assert client.post("/login", data=sent).status_code == 302
    client.get(f"/language/{language}")
    return client


def token(client: FlaskClient, path: str) -> str:
    found: list[str] = re.findall(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    return found[0]


def by_token(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    made = client.post("/api/v1/tokens", json={"username": name, "password": PASSWORD})
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.get_json()['token']}"
    return client


def test_the_public_page_shows_each_commitment_with_its_state(app: Flask) -> None:
    public = app.test_client()
    assert "/commitments" in public.get("/").text
    page = public.get("/commitments?q=91320583MA1X00017U").text
    assert CODE in page
    assert "履行中" in page
    assert "没有查到公开的信用承诺" in public.get("/commitments?q=淞南").text
    (told,) = public.get("/api/v1/commitments/published").get_json()["items"]
    assert (told["code"], told["performance"]) == (CODE, "running")


def test_a_department_records_a_breach_and_everybody_reads_it(app: Flask) -> None:
    department, path = in_browser(app, "zhuhaiyan"), f"/records/commitments/{CODE}"
    sent = {**BROKEN, "csrf_token": token(department, path)}
    refused = department.post(path, data={**sent, "consequence": ""})
    assert refused.status_code == 422
    assert "请填写" in refused.text
    assert BROKEN["unfulfilled"] in refused.text  # what was written is not lost
    assert department.post(path, data=sent).status_code == 302
    assert "行政处罚信息公示到最长期限。" in app.test_client().get("/commitments").text
    history = by_token(app, "liting").get(f"/api/v1/commitments/{CODE}").get_json()["history"]
    assert [line["after"]["zh"] for line in history] == ["全部未履行", "履行中"]


def test_who_does_not_judge_sees_no_form_and_no_export(app: Flask) -> None:
    window = in_browser(app, "liting")
    assert 'name="basis"' not in window.get(f"/records/commitments/{CODE}").text
    assert "export.xlsx" not in window.get("/records/commitments").text
    assert window.get("/records/commitments/export.csv").status_code == 403
    refused = by_token(app, "liting").post(f"/api/v1/commitments/{CODE}/findings", json=BROKEN)
    assert refused.status_code == 403


def test_the_keeper_takes_the_register_as_a_file(app: Flask) -> None:
    clerk = in_browser(app, "zhoumin")
    sheet = clerk.get("/records/commitments/export.csv")
    assert sheet.mimetype == "text/csv"
    assert CODE in sheet.data.decode("utf-8-sig")
    assert clerk.get("/records/commitments/export.xlsx").data.startswith(b"PK")


def test_programs_record_findings_and_conflicts_are_told(app: Flask) -> None:
    clerk, path = by_token(app, "zhoumin"), f"/api/v1/commitments/{CODE}/findings"
    assert clerk.post(path, json={"performance": "broken", "basis": "甲"}).status_code == 422
    made = clerk.post(path, json={"performance": "kept", "basis": "到期核查"})
    assert (made.status_code, made.get_json()["performance"]) == (200, "kept")
    assert clerk.post(path, json={"performance": "kept", "basis": "再查"}).status_code == 409
    assert clerk.get("/api/v1/commitments/32058320200302000077").status_code == 404
