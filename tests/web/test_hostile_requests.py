"""What only a hostile caller sends: characters that no table keeps, days out of all time, paths of other sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from io import BytesIO
from itertools import product
from pathlib import Path

import pytest
from flask import Flask

from tests.doors import PASSWORD, hash_cheaply, open_doors
from tests.offices import Practice
from tests.web.door_pages import one_app, sign_in
from web.office import place

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practice]:
    hash_cheaply(monkeypatch)
    with closing(open_doors(database_url, tmp_path)) as opened:
        yield opened


@pytest.fixture
def app(practice: Practice) -> Flask:
    place(one_app(), practice.office)
    return one_app()


def test_a_nul_is_refused_wherever_it_comes_in_as_no_table_keeps_it(app: Flask) -> None:
    browser = app.test_client()
    nul = {"username": "wang\0", "password": PASSWORD}
    asked = [
        browser.get("/api/v1/track/a%00b?code=x"),
        browser.get("/track/a%00b"),
        browser.get("/published?q=a%00b"),
        browser.get("/published?q%00=a"),
        browser.post("/api/v1/tokens", json=nul),
        browser.post("/login", data=nul),
        browser.post("/login", data=nul, content_type="multipart/form-data"),
        browser.post("/verify/1", data={"file": (BytesIO(b"x"), "a\0.pdf")}),
        browser.post("/api/v1/tokens", json={"scopes": [{"a\0": 1}]}),
    ]
    assert [each.status_code for each in asked] == [HTTPStatus.UNPROCESSABLE_ENTITY] * len(asked)
    assert "username" in asked[4].get_json()["fields"]
    assert "空字符" in asked[5].text


def test_a_day_with_which_no_calendar_reckons_is_no_day(app: Flask) -> None:
    browser = sign_in(app, "feng")
    asked = product(("since", "until"), ("0001-01-01", "9999-12-31"))
    for name, day in asked:
        for path in ("audit", "supervision/charts", "supervision/heatmap/credit_repair"):
            answer = browser.get(f"/api/v1/{path}", query_string={name: day})
            assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, path
            assert set(answer.get_json()["fields"]) == {name}
        for path in ("/admin/audit", "/supervision/charts"):
            answer = browser.get(path, query_string={name: day})
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, path


def test_what_is_no_id_in_a_form_is_refused(app: Flask) -> None:
    browser = sign_in(app, "feng")
    held = "/admin/incidents/00000000-0000-4000-8000-000000000000"
    asked = [
        browser.post("/admin/emergencies", data={"emergency": "1"}),
        browser.post(f"{held}/move", data={"wait": "1"}),
    ]
    assert all(each.status_code in (404, 422) for each in asked)


def test_no_address_leads_to_another_site(app: Flask) -> None:
    browser = app.test_client()
    for path in ("/%09/evil.example", "/%0a/evil.example", "//evil.example"):
        answer = browser.get(f"{path}?q=13812345678")
        assert answer.status_code == HTTPStatus.SEE_OTHER
        assert re.match("/(?!/)", answer.headers["Location"]), path
    came = {"Referer": "http://localhost//evil.example/x"}
    assert 'href="//evil.example' not in browser.get("/nowhere", headers=came).text
    came = {"Referer": "http://localhost/published?q=a"}
    assert 'href="/published?q=a"' in browser.get("/nowhere", headers=came).text
