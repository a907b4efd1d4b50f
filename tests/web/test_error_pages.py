"""A page of refusal says what happened and what to do; what was typed is not lost with the session."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.domain.errors import TooManyAttempts
from engine.services import tasks
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

TYPED = {"reason": "复检因检测机构停业推迟，请予展期。", "days": "5", "password": "of mine"}
HOME = "http://localhost"


@pytest.fixture
def window(open_as: Browser, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    browser = open_as(desk.CLERK)
    monkeypatch.setitem(browser.application.config, "WTF_CSRF_ENABLED", True)
    return browser


def test_an_address_that_takes_forms_only_is_no_trouble_of_the_system(window: FlaskClient) -> None:
    page = window.get("/logout")
    assert page.status_code == 405
    assert "<title>这一页不能这样打开" in page.text


def test_what_was_typed_before_the_session_ended_can_be_sent_again(window: FlaskClient) -> None:
    page = window.post("/my/cases/X/withdraw?tab=a", data=TYPED, headers={"Origin": HOME})
    assert page.status_code == 400
    assert 'action="/my/cases/X/withdraw?tab=a"' in page.text
    assert f'name="reason" value="{TYPED["reason"]}"' in page.text
    assert 'name="days" value="5"' in page.text
    assert TYPED["password"] not in page.text
    assert 'name="csrf_token" value="' in page.text


@pytest.mark.parametrize("came", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}])
def test_what_another_site_sends_is_not_handed_back(
    window: FlaskClient, came: dict[str, Any]
) -> None:
    page = window.post("/my/cases/X/withdraw", data=TYPED, headers=came)
    assert page.status_code == 400
    assert TYPED["reason"] not in page.text


def test_the_way_back_leads_to_pages_of_this_site_alone(window: FlaskClient) -> None:
    here = window.get("/nowhere", headers={"Referer": f"{HOME}/desk?scope=group"})
    away = window.get("/nowhere", headers={"Referer": "https://elsewhere.example/desk"})
    assert 'href="/desk?scope=group"' in here.text
    assert "elsewhere" not in away.text


def test_who_tried_too_fast_is_told_when_to_come_back(
    open_as: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = open_as(desk.CLERK)

    def slowed(*asked: object, **named: object) -> None:
        raise TooManyAttempts(300)

    monkeypatch.setattr(tasks, "inbox", slowed)
    page = browser.get("/desk")
    assert (page.status_code, page.headers["Retry-After"]) == (429, "300")
    assert "请过 5 分钟再试" in page.text
