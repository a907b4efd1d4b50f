"""Can it be repaired, asked without an account; what is begun on a closed case from its page."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.persistence import models
from engine.services import passwords
from engine.settings import read_settings
from tests.offices import FIRM, OTHER_FIRM, Practice
from web.app import create_app

PASSWORD = "a long enough password"
NUMBER = "昆市监罚〔2020〕7号"
CLUE = {"clue_source": "report", "suspicion": "false_papers", "clue": "举报称缴款凭证系伪造。"}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(practice: Practice) -> Practice:
    with practice.office.uow.begin() as session:
        for name in ("wang", "firm"):
            asked = select(models.Person).where(models.Person.username == name)
            held = session.scalars(asked).one()
            held.password_hash = passwords.hashed(PASSWORD)
    return practice


@pytest.fixture
def browser(practice: Practice) -> FlaskClient:
    settings = read_settings({"KUNXIN_SECRET_KEY": "for tests", "KUNXIN_SANDBOX": "1"})
    return create_app(practice.office, settings).test_client()


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def sign_in(browser: FlaskClient, username: str) -> None:
    page = browser.get("/login").text
    sent = {"csrf_token": token(page), "username": username, "password": PASSWORD}
    assert browser.post("/login", data=sent).status_code == HTTPStatus.FOUND


def test_the_page_says_the_day_the_papers_the_other_ways_and_the_article(
    practice: Practice, browser: FlaskClient
) -> None:
    practice.import_penalty(CF_WSH=NUMBER, CF_JDRQ="2020-01-08")
    asked = browser.get("/eligibility", query_string={"subject": FIRM, "number": NUMBER})
    page = browser.get(asked.headers["Location"]).text
    assert "2020年4月8日" in page
    assert "处罚履行证明" in page
    assert "行政复议" in page
    assert "发改办财金〔2019〕527号" in page
    assert "澄远" not in page.split("<main", 1)[1]


def test_a_wrong_pair_is_told_beside_the_form_and_guessing_ends(
    practice: Practice, browser: FlaskClient
) -> None:
    practice.import_penalty(CF_WSH=NUMBER)
    query = {"number": NUMBER}
    answer = browser.get(f"/eligibility/{OTHER_FIRM}", query_string=query)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "没有查到正在公示的这条处罚" in answer.text
    wrong = browser.get("/eligibility/123", query_string=query)
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    tried = [browser.get(f"/eligibility/{FIRM}", query_string=query) for _ in range(20)]
    assert tried[-1].status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_the_same_is_told_to_programs(practice: Practice, browser: FlaskClient) -> None:
    practice.import_penalty(CF_WSH=NUMBER, CF_JDRQ="2020-01-08")
    told = browser.get(f"/api/v1/eligibility/{FIRM}", query_string={"number": NUMBER}).get_json()
    assert (told["told"]["outcome"], told["told"]["earliest_on"]) == ("not_yet", "2020-04-08")
    missing = browser.get(f"/api/v1/eligibility/{OTHER_FIRM}", query_string={"number": NUMBER})
    assert missing.status_code == HTTPStatus.NOT_FOUND


def test_an_officer_begins_the_revocation_on_the_page_of_the_closed_case(
    practice: Practice, browser: FlaskClient
) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    sign_in(browser, "wang")
    here = f"/desk/cases/{number}/follow-ups/revocation"
    assert here in browser.get(f"/desk/cases/{number}").text
    form = browser.get(here).text
    empty = browser.post(here, data={"csrf_token": token(form)})
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    begun = browser.post(here, data={"csrf_token": token(form), **CLUE})
    assert begun.headers["Location"] == f"/desk/cases/{number}"
    page = browser.get(f"/desk/cases/{number}").text
    assert "办结后又启动：撤销信用修复（虚假承诺）" in page
    assert here not in page
    assert browser.get(here).status_code == HTTPStatus.FOUND


def test_the_enterprise_states_its_case_from_the_page_of_its_case(
    practice: Practice, browser: FlaskClient
) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    sign_in(browser, "wang")
    here = f"/api/v1/cases/{number}/follow-ups/revocation"
    practice.complete(number, "rate")
    form = browser.get(f"/desk/cases/{number}/follow-ups/revocation").text
    browser.post(
        f"/desk/cases/{number}/follow-ups/revocation", data={"csrf_token": token(form), **CLUE}
    )
    practice.complete(number, "investigate")
    practice.run_jobs()
    enterprise = browser.application.test_client()
    sign_in(enterprise, "firm")
    page = enterprise.get(f"/my/cases/{number}").text
    assert "陈述申辩" in page
    assert "拟撤销信用修复告知书" in page
    assert enterprise.post(here, json={"answers": CLUE}).status_code in (400, 401, 403)
