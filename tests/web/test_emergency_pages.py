"""The page and the calls of emergency responses: proposed by one administrator, confirmed by another."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.services import people
from engine.settings import read_settings
from tests.offices import Practice, day
from web.app import create_app
from web.auth import limiter

PASSWORD = "a long enough password"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(practice: Practice) -> Practice:
    for name in ("qinli", "lixin"):
        more = {"department": "credit_office", "groups": ["administrator"]}
        people.add_person(practice.office, name, PASSWORD, name, now=practice.now, **more)  # type: ignore[arg-type]
    return practice


@pytest.fixture
def app(practice: Practice) -> Flask:
    settings = read_settings({"KUNXIN_SECRET_KEY": "for tests", "KUNXIN_SANDBOX": "1"})
    served = create_app(practice.office, settings)
    limiter.reset()
    return served


def signed_in(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    made = client.post("/api/v1/tokens", json={"username": name, "password": PASSWORD})
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.get_json()['token']}"
    return client


def in_browser(app: Flask, name: str, language: str = "zh") -> FlaskClient:
    client = app.test_client()
    page = client.get("/login").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    sent = {"username": name, "password": PASSWORD, "csrf_token": token}
    assert client.post("/login", data=sent).status_code == 302
    client.get(f"/language/{language}")
    return client


def post(client: FlaskClient, path: str, **sent: Any) -> Any:
    page = client.get("/admin/emergencies").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    return client.post(path, data={**sent, "csrf_token": token})


def test_the_end_of_a_response_is_proposed_and_confirmed_on_the_page(
    app: Flask, practice: Practice
) -> None:
    first, second = in_browser(app, "qinli"), in_browser(app, "lixin")
    shown = first.get("/admin/emergencies").text
    assert "施行中" in shown
    response = re.findall(r'name="emergency" value="([^"]+)"', shown)[0]
    end = {"act": "end", "emergency": response, "on": "2020-03-02", "form": response}
    refused = post(first, "/admin/emergencies", **end, document="", reason="平稳")
    assert refused.status_code == 422
    assert "请写明依据的文件" in refused.text
    made = post(first, "/admin/emergencies", **end, document="公告", reason="平稳")
    assert made.status_code == 302
    waiting = first.get("/admin/emergencies").text
    assert "须由另一位管理员核对" in waiting
    act = re.findall(
        r'action="/admin/emergencies/([0-9a-f-]{36})"', second.get("/admin/emergencies").text
    )
    assert post(second, f"/admin/emergencies/{act[0]}", then="confirm").status_code == 302
    practice.move_to(day(3, 3))
    after = first.get("/admin/emergencies").text
    assert "已终止" in after
    assert "不接收新的申请" in after
    assert "现已终止" in app.test_client().get("/").text


def test_only_administrators_enter(app: Flask, practice: Practice) -> None:
    people.add_person(
        practice.office, "liting", PASSWORD, "liting", now=practice.now,
        department="service_window", groups=["window"],
    )  # fmt: skip
    assert in_browser(app, "liting").get("/admin/emergencies").status_code == 403
    assert signed_in(app, "liting").get("/api/v1/emergencies/acts").status_code == 403


def test_anybody_may_ask_which_responses_are_in_force(app: Flask) -> None:
    (told,) = app.test_client().get("/api/v1/emergencies").get_json()["items"]
    assert (told["state"], told["starts_on"], told["level"]) == ("in_force", "2020-01-25", "I")
    assert told["entries"] == []


def test_programs_propose_and_confirm_and_a_filing_outside_is_a_problem_of_its_own(
    app: Flask, practice: Practice
) -> None:
    first, second = signed_in(app, "qinli"), signed_in(app, "lixin")
    response = first.get("/api/v1/emergencies").get_json()["items"][0]["id"]
    end = {"act": "end", "on": "2020-03-02", "document": "公告", "reason": "平稳"}
    made = first.post("/api/v1/emergencies/acts", json={**end, "emergency_id": response})
    assert made.status_code in (200, 201), made.text
    path = f"/api/v1/emergencies/acts/{made.get_json()['id']}/decision"
    own = first.post(path, json={"confirmed": True})
    assert own.status_code == 403
    done = second.post(path, json={"confirmed": True, "note": "属实"})
    assert done.status_code in (200, 204), done.text
    again = second.post(path, json={"confirmed": True})
    assert again.status_code == 409
    (told,) = second.get("/api/v1/emergencies/acts").get_json()["items"]
    assert [each["state"] for each in told["entries"]] == ["confirmed", "confirmed"]
    practice.move_to(day(3, 3))
    (closed,) = [
        each["closed"]
        for each in first.get("/api/v1/procedures").get_json()["items"]
        if each["key"] == "force_majeure"
    ]
    assert "2020年3月2日" in closed["zh"]
