"""Signing in and out, languages, forged requests, headers, refusals, and the training clock."""

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.domain.errors import Conflict, Invalid
from engine.exchange.mail import Mail
from engine.services import training
from tests.web import desk_samples as desk
from tests.web import sample_views
from tests.web.sample_views import Sample

CREDENTIALS = {"username": "chengyuan", "password": sample_views.PASSWORD}


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Sample:
    made = Sample()
    sample_views.install(made, monkeypatch.setattr)
    return made


@pytest.fixture
def app(sample: Sample, tmp_path: Path) -> Flask:
    made = sample_views.make_app(sample)
    made.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    sample_views.speak_english(made, tmp_path)
    return made


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def test_an_enterprise_begins_its_day_at_its_cases_and_a_clerk_at_the_inbox(app: Flask) -> None:
    enterprise = app.test_client().post("/login", data=CREDENTIALS)
    clerk = app.test_client().post("/login", data={**CREDENTIALS, "username": "zhoumin"})
    assert enterprise.headers["Location"] == "/my"
    assert clerk.headers["Location"] == "/desk"


def test_a_wrong_password_says_so_without_saying_which_was_wrong(browser: FlaskClient) -> None:
    answer = browser.post("/login", data={**CREDENTIALS, "password": "guess"})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "账号或密码不对" in answer.text
    assert 'value="chengyuan"' in answer.text
    assert "guess" not in answer.text


def test_an_answer_that_changed_nothing_cannot_undo_a_newer_cookie(browser: FlaskClient) -> None:
    """A poll may answer after the form that was sent meanwhile: it must not bring back its copy."""
    browser.post("/login", data=CREDENTIALS)
    browser.get("/my")  # shows what the signing in had to say
    poll = browser.get("/my")
    assert poll.status_code == HTTPStatus.OK
    assert not [
        cookie
        for cookie in poll.headers.getlist("Set-Cookie")
        if cookie.startswith("kunxin_session=")
    ]


def test_whoever_is_not_signed_in_signs_in_and_arrives_where_they_wanted(
    browser: FlaskClient,
) -> None:
    refused = browser.get("/my/records?procedure=credit_repair")
    assert refused.headers["Location"].startswith("/login?next=")
    wanted = {**CREDENTIALS, "next": "/my/records?procedure=credit_repair"}
    assert browser.post("/login", data=wanted).headers["Location"] == wanted["next"]


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(browser: FlaskClient, target: str) -> None:
    answer = browser.post("/login", data={**CREDENTIALS, "next": target})
    assert answer.headers["Location"] == "/my"


def test_signing_out_ends_the_session(browser: FlaskClient) -> None:
    browser.post("/login", data=CREDENTIALS)
    assert browser.get("/my").status_code == HTTPStatus.OK
    browser.post("/logout")
    assert browser.get("/my").status_code == HTTPStatus.FOUND


def test_staff_do_not_enter_an_enterprises_pages(browser: FlaskClient) -> None:
    browser.post("/login", data={**CREDENTIALS, "username": "zhoumin"})
    answer = browser.get("/my")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "这一页只给企业使用" in answer.text


def test_a_form_without_its_token_is_refused(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/login", data=CREDENTIALS)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "请回到上一页重新打开" in answer.text


def test_the_browsers_language_is_followed_until_one_is_chosen(browser: FlaskClient) -> None:
    assert 'lang="zh-CN"' in browser.get("/").text
    english = browser.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert '<html lang="en">' in english
    assert "Credit services of Kunshan" in english


def test_the_language_switch_stays_on_the_page(browser: FlaskClient) -> None:
    page = browser.get("/published?q=昆山").text
    assert "/language/en?next=/published?q%3D" in page.replace("%3F", "?")
    answer = browser.get("/language/en?next=/published?q%3D1")
    assert answer.headers["Location"] == "/published?q=1"
    assert '<html lang="en">' in browser.get("/published?q=1").text
    away = browser.get("/language/zh?next=//evil.example")
    assert away.headers["Location"] == "/"


def test_no_page_may_run_a_script_of_its_own_or_be_framed(browser: FlaskClient) -> None:
    answer = browser.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src-attr")[0]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>" not in answer.text
    assert "onclick" not in answer.text


def test_the_session_cookie_travels_by_tls_only_outside_training(sample: Sample) -> None:
    app = sample_views.make_app(sample, is_training=False)
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    for base, is_secure in (("https://credit.example", True), ("http://127.0.0.1:8000", False)):
        answer = app.test_client().post("/login", data=CREDENTIALS, base_url=base)
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is is_secure


def test_a_lost_page_is_a_page_and_for_programs_a_problem(browser: FlaskClient) -> None:
    page = browser.get("/nowhere")
    assert page.status_code == HTTPStatus.NOT_FOUND
    assert "没有找到" in page.text
    problem = browser.get("/api/v1/nowhere")
    assert problem.status_code == HTTPStatus.NOT_FOUND
    assert problem.mimetype == "application/problem+json"


def test_a_refusal_is_told_in_the_readers_language(browser: FlaskClient, sample: Sample) -> None:
    browser.post("/login", data=CREDENTIALS)
    sample.refusal = Conflict("刚刚有人办了。", "somebody has just done it")
    headers = {"Accept-Language": "en"}
    path = f"/my/apply/{sample_views.DRAFT_ID}/discard"
    answer = browser.post(path, headers=headers)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Somebody has just done it" in answer.text


# ---- the training clock


def test_the_drill_banner_stands_on_every_page_of_a_training_office(
    browser: FlaskClient, sample: Sample
) -> None:
    assert "演练环境" in browser.get("/login").text
    real = sample_views.make_app(sample, is_training=False)
    assert "演练环境" not in real.test_client().get("/login").text


def test_the_clock_of_a_real_office_cannot_be_moved(sample: Sample) -> None:
    real = sample_views.make_app(sample, is_training=False)
    real.config["WTF_CSRF_ENABLED"] = False
    assert real.test_client().get("/sandbox/clock").status_code == HTTPStatus.NOT_FOUND
    assert real.test_client().post("/sandbox/clock").status_code == HTTPStatus.NOT_FOUND
    assert sample.calls == []


def test_the_next_working_day_begins_at_nine(browser: FlaskClient, sample: Sample) -> None:
    sample.now = desk.at(3, 6, 16)  # a Friday
    answer = browser.post("/sandbox/clock", data={"by": "working-day", "next": "/desk"})
    assert answer.headers["Location"] == "/desk"
    assert sample.calls == [("set_clock", desk.at(3, 9, 9))]


def test_the_clock_moves_by_an_hour_or_to_a_moment_written_in_shanghai_time(
    browser: FlaskClient, sample: Sample
) -> None:
    browser.post("/sandbox/clock", data={"by": "hour"})
    browser.post("/sandbox/clock", data={"date": "2020-03-10", "time": "08:30"})
    assert [to for _, to in sample.calls] == [
        desk.at(3, 2, 11, 20),
        datetime(2020, 3, 10, 0, 30, tzinfo=UTC),
    ]


def test_what_is_no_moment_or_lies_behind_is_said_on_the_page(
    browser: FlaskClient, sample: Sample
) -> None:
    unreadable = browser.post("/sandbox/clock", data={"date": "soon"})
    assert unreadable.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请填一个日期和时刻" in unreadable.text
    sample.refusal = Invalid("时钟只能往后拨。", "the clock only moves on")
    assert "时钟只能往后拨" in browser.post("/sandbox/clock", data={"by": "hour"}).text


def test_the_mail_of_a_training_office_is_read_in_its_mailbox(
    browser: FlaskClient, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Mail(
        "wang@example.com", "今天：到期 1", "Tue, 03 Mar 2020", "登录查看：http://desk.test/n/1"
    )
    monkeypatch.setattr(training, "mails", lambda office: (told,))
    page = browser.get("/sandbox/mail").text
    assert told.to in page
    assert 'href="http://desk.test/n/1"' in page
    real = sample_views.make_app(sample, is_training=False)
    assert real.test_client().get("/sandbox/mail").status_code == HTTPStatus.NOT_FOUND
