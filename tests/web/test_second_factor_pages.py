"""The pages of two-step sign-in: set up by hand, asked after the password, demanded of a group."""

from __future__ import annotations

import re
from http import HTTPStatus

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.doors import PASSWORD
from tests.offices import Practice
from tests.web.door_pages import one_app, sign_in
from web.office import place

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "/account/second-factor"
SECRET = re.compile(r'<code class="hash" translate="no">([A-Z2-7]{32})</code>')
CODE = re.compile(r"<li><code>([a-z0-9]{5}-[a-z0-9]{5})</code></li>")


@pytest.fixture
def practice(doors: Practice) -> Practice:
    return doors


@pytest.fixture
def app(practice: Practice) -> Flask:
    place(one_app(), practice.office)
    return one_app()


def set_up(browser: FlaskClient, practice: Practice) -> list[str]:
    """The recovery codes that were shown."""
    found = SECRET.search(browser.post(f"{PAGE}/begin", data={"old_password": PASSWORD}).text)
    assert found
    now = pyotp.TOTP(found[1]).at(practice.office.real_now())
    wrong = browser.post(f"{PAGE}/confirm", data={"code": "000000"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert found[1] not in wrong.text
    answer = browser.post(f"{PAGE}/confirm", data={"code": now})
    assert answer.status_code == HTTPStatus.OK, answer.text
    return CODE.findall(answer.text)


def test_after_the_password_comes_the_code_and_nothing_opens_between(
    app: Flask, practice: Practice
) -> None:
    browser, other = sign_in(app, "wang"), sign_in(app, "wang")
    codes = set_up(browser, practice)
    assert len(codes) == 10
    assert browser.get("/account").status_code == HTTPStatus.OK
    assert other.get("/account").status_code == HTTPStatus.FOUND
    again = app.test_client()
    half = again.post(
        "/login", data={"username": "wang", "password": PASSWORD, "next": "/account/tokens"}
    )
    assert half.location == "/login/code"
    assert again.get("/account").status_code == HTTPStatus.FOUND
    assert 'autocomplete="one-time-code"' in again.get("/login/code").text
    refused = again.post("/login/code", data={"code": "000000"})
    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert "验证码不对" in refused.text
    let_in = again.post("/login/code", data={"code": codes[3]})
    assert let_in.location == "/account/tokens"
    assert again.get("/account").status_code == HTTPStatus.OK
    spent = again.post("/login/code", data={"code": codes[4]})
    assert spent.status_code == HTTPStatus.BAD_REQUEST  # the half of it is gone


def test_at_an_open_browser_nobody_sets_it_up_without_the_password(app: Flask) -> None:
    browser = sign_in(app, "wang")
    for given in ({}, {"old_password": "not the one"}):
        answer = browser.post(f"{PAGE}/begin", data=given)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "现在的密码不对" in answer.text
        assert not SECRET.search(answer.text)


def test_the_second_step_is_nobodys_without_the_first(app: Flask) -> None:
    stranger = app.test_client()
    assert stranger.get("/login/code").status_code == HTTPStatus.BAD_REQUEST
    answer = stranger.post("/login/code", data={"code": "000000"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_of_whom_it_is_demanded_does_nothing_else_before(app: Flask, practice: Practice) -> None:
    practice.office.second_factor_for = frozenset({"administrator"})
    browser = sign_in(app, "feng")
    assert browser.get("/admin").location == PAGE
    assert browser.get("/api/v1/me").get_json()["type"] == "/problems/second-factor-missing"
    page = browser.get(PAGE).text
    assert "您的岗位必须用两步验证" in page
    set_up(browser, practice)
    assert browser.get("/admin").status_code == HTTPStatus.OK
    assert "取消两步验证" not in browser.get(PAGE).text
    assert sign_in(app, "lin").get("/account").status_code == HTTPStatus.OK


def test_an_administrator_takes_it_away_for_who_lost_the_phone(
    app: Flask, practice: Practice
) -> None:
    set_up(sign_in(app, "wang"), practice)
    feng = sign_in(app, "feng")
    assert "已设好" in feng.get("/admin/people/wang").text
    answer = feng.post("/admin/people/wang/second-factor/remove")
    assert answer.location == "/admin/people/wang"
    assert "已设好" not in feng.get("/admin/people/wang").text
    assert sign_in(app, "wang").get("/account").status_code == HTTPStatus.OK
