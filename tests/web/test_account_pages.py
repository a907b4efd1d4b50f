"""The doors as people and programs meet them: sign-in, account, tokens, the administrator's pages."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.domain.scope import Scope
from engine.services import accounts, tokens
from tests.doors import HERE, PASSWORD, hire
from tests.offices import Practice
from tests.web.door_pages import SECRET, one_app, sign_in
from web.api.scopes import FREE, needed
from web.office import place

NEW = "another quiet harbour wall"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(doors: Practice) -> Practice:
    return doors


@pytest.fixture
def app(practice: Practice) -> Flask:
    place(one_app(), practice.office)
    return one_app()


def cookie(browser: FlaskClient, name: str = "kunxin_session") -> str:
    held = browser.get_cookie(name)
    assert held is not None
    return held.value


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == HTTPStatus.OK


def test_a_copied_cookie_is_dead_after_signing_out(app: Flask) -> None:
    browser, thief = sign_in(app, "wang"), app.test_client()
    thief.set_cookie("kunxin_session", cookie(browser))
    assert is_signed_in(thief)
    browser.post("/logout")
    assert not is_signed_in(thief)


def test_signing_in_begins_a_session_that_nobody_could_have_planted(app: Flask) -> None:
    attacker = sign_in(app, "lin")
    victim = app.test_client()
    victim.set_cookie("kunxin_session", cookie(attacker))
    victim.post("/login", data={"username": "wang", "password": PASSWORD})
    victim.get("/login")
    assert cookie(victim) != cookie(attacker)
    assert "wang" not in attacker.get("/account").text


def test_wrong_passwords_are_slowed_and_the_page_says_for_how_long(app: Flask) -> None:
    browser, wrong = app.test_client(), {"username": "wang", "password": "guess"}
    assert [browser.post("/login", data=wrong).status_code for _ in range(5)] == [401] * 5
    slowed = browser.post("/login", data={**wrong, "password": PASSWORD})
    assert slowed.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert slowed.headers["Retry-After"] == "5"
    assert "请过 5 秒再试" in slowed.text
    program = app.test_client().post("/api/v1/tokens", json=wrong)
    assert (program.status_code, program.headers["Retry-After"]) == (429, "5")


def test_a_browser_is_known_again_by_a_cookie_that_no_script_reads(app: Flask) -> None:
    answer = app.test_client().post("/login", data={"username": "wang", "password": PASSWORD})
    (device,) = [each for each in answer.headers.getlist("Set-Cookie") if "device" in each]
    assert "HttpOnly" in device
    assert "SameSite=Lax" in device


def test_a_temporary_password_leads_to_the_page_that_changes_it_and_nowhere_else(
    app: Flask, practice: Practice
) -> None:
    given, _ = accounts.set_temporary_password(
        practice.office, practice["feng"], "wang", place=HERE
    )
    browser = sign_in(app, "wang", given)
    for path in ("/desk", "/account", "/"):
        assert browser.get(path).headers["Location"] == "/account/password"
    assert browser.get("/api/v1/me").get_json()["type"] == "/problems/password-must-change"
    page = browser.get("/account/password")
    assert "临时密码" in page.text
    differ = {"old_password": given, "new_password": NEW, "again": "another"}
    assert "两次填的新密码不一样" in browser.post("/account/password", data=differ).text
    before = cookie(browser)
    changed = browser.post("/account/password", data={**differ, "again": NEW})
    assert changed.status_code == HTTPStatus.FOUND
    assert is_signed_in(browser)
    assert cookie(browser) != before
    sign_in(app, "wang", NEW)


def test_ending_other_sessions_asks_for_the_password(app: Flask) -> None:
    browser, other = sign_in(app, "wang"), sign_in(app, "wang")
    row = re.findall(r'formaction="(/account/sessions/[^"]+/end)"', browser.get("/account").text)
    for path in ("/account/sessions/end", row[0]):
        page = browser.post(path, data={"old_password": "guessed"})
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert 'id="old_password-error"' in page.text
        assert is_signed_in(other)
    assert browser.post(row[0], data={"old_password": PASSWORD}).status_code == HTTPStatus.FOUND
    assert not is_signed_in(other)
    another = sign_in(app, "wang")
    browser.post("/account/sessions/end", data={"old_password": PASSWORD})
    assert (is_signed_in(another), is_signed_in(browser)) == (False, True)


def test_a_bad_new_password_is_refused_beside_its_field(app: Flask) -> None:
    browser = sign_in(app, "wang")
    sent = {"old_password": PASSWORD, "new_password": "12345678901", "again": "12345678901"}
    page = browser.post("/account/password", data=sent)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="new_password-error"' in page.text
    assert "12345678901" not in page.text


def test_an_administrator_disables_an_account_and_it_is_out_in_its_next_request(
    app: Flask,
) -> None:
    browser, administrator = sign_in(app, "wang"), sign_in(app, "feng")
    assert is_signed_in(browser)
    administrator.post("/admin/people/wang/disable")
    assert not is_signed_in(browser)
    page = administrator.get("/admin/people/wang").text
    assert "停用" in page
    assert 'action="/admin/people/wang/enable"' in page
    refused = administrator.post("/admin/people/feng/disable")
    assert refused.status_code == HTTPStatus.CONFLICT


def test_a_new_account_is_told_its_temporary_password_once(app: Flask) -> None:
    administrator = sign_in(app, "feng")
    sent = {"username": "mei", "name": "李梅", "groups": "administrator", "kind": "person"}
    page = administrator.post("/admin/accounts/new", data=sent)
    found = SECRET.search(page.text)
    assert found
    assert found.group(1) not in administrator.get("/admin/people/mei").text
    assert (
        sign_in(app, "mei", found.group(1)).get("/desk").headers["Location"] == "/account/password"
    )
    wrong = administrator.post("/admin/accounts/new", data={**sent, "username": "Mei Li"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "小写字母开头" in wrong.text


def test_a_token_is_shown_once_works_and_is_revoked(app: Flask) -> None:
    browser = sign_in(app, "wang")
    sent = {"title": "月报", "scopes": ["cases:read"], "days": "30"}
    page = browser.post("/account/tokens", data=sent).text
    found = SECRET.search(page)
    assert found
    token = found.group(1)
    assert token not in browser.get("/account/tokens").text
    program = app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    me = program.get("/api/v1/me", headers=headers).get_json()
    assert (me["username"], me["scopes"]) == ("wang", ["cases:read"])
    assert program.get("/api/v1/cases", headers=headers).status_code == HTTPStatus.OK
    refused = program.get("/api/v1/tasks", headers=headers)
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.get_json()["scope"] == "tasks:read"
    (listed,) = program.get("/api/v1/tokens", headers=headers).get_json()["items"]
    assert token.startswith(listed["prefix"])
    browser.post(f"/account/tokens/{listed['id']}/revoke")
    assert program.get("/api/v1/me", headers=headers).status_code == HTTPStatus.UNAUTHORIZED


def calls(app: Flask) -> list[tuple[str, str, Scope]]:
    """Every call of the API that needs a scope: method, path, scope."""
    found = []
    for rule in app.url_map.iter_rules():
        noun, _, view = rule.endpoint.partition(".")
        if not noun.startswith("api_") or noun == "api_guide":
            continue
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        path = re.sub(r"<uuid:\w+>", "11111111-2222-4333-8444-555555555555", rule.rule)
        path = re.sub(r"<\w+>", "x", re.sub(r"<int[^:]*:\w+>", "2020", path))
        scope = needed(noun.removeprefix("api_"), view, method)
        if scope is not None:
            found.append((method, path, scope))
    return found


def test_no_call_of_the_api_is_open_to_a_token_without_its_scope(
    app: Flask, practice: Practice
) -> None:
    administrator, client = practice["feng"], app.test_client()
    given = {}
    for scope in Scope:
        others = [each.value for each in Scope if each is not scope]
        given[scope], _ = tokens.make(
            practice.office, administrator, f"all but {scope}", others, 1, place=HERE
        )
    asked = calls(app)
    assert len(asked) > 80
    assert {scope for _, _, scope in asked} == set(Scope)
    for method, path, scope in asked:
        headers = {"Authorization": f"Bearer {given[scope]}"}
        answer = client.open(path, method=method, headers=headers)
        assert answer.status_code == HTTPStatus.FORBIDDEN, (method, path, answer.text)
        assert answer.get_json()["scope"] == scope.value, (method, path)


def test_every_scope_stands_in_the_document_of_the_api(app: Flask) -> None:
    paths = app.test_client().get("/api/v1/openapi.json").get_json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    for operation in operations:
        if not isinstance(operation, dict) or not operation.get("security"):
            continue
        noun, _, view = operation["operationId"].partition(".")
        named = [each["token"] for each in operation["security"] if "token" in each]
        assert bool(named[0]) is (f"{noun}.{view}" not in FREE), operation["operationId"]


def test_a_service_account_is_made_given_a_token_and_signs_in_nowhere(app: Flask) -> None:
    administrator = sign_in(app, "feng")
    sent = {"username": "platform", "name": "上级平台", "groups": "platform", "kind": "service"}
    made = administrator.post("/admin/accounts/new", data=sent)
    assert made.headers["Location"] == "/admin/people/platform"
    asked = {"title": "回执", "scopes": "messages:write", "days": "90"}
    found = SECRET.search(administrator.post("/admin/people/platform/tokens", data=asked).text)
    assert found
    headers = {"Authorization": f"Bearer {found.group(1)}"}
    program = app.test_client()
    assert program.get("/api/v1/me", headers=headers).get_json()["is_service"] is True
    path = "/api/v1/cases/KSXY-XF-20200302-000001/messages"
    of_court = program.post(f"{path}/court_notice", json={}, headers=headers)
    assert of_court.status_code == HTTPStatus.FORBIDDEN  # it is not the court
    unknown = program.post(f"{path}/takedown_acknowledged", json={}, headers=headers)
    assert unknown.status_code == HTTPStatus.NOT_FOUND  # its own message, of no such case
    for password in ("", "none"):
        refused = program.post("/login", data={"username": "platform", "password": password})
        assert refused.status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    "path",
    ["/admin/people/wang", "/admin/accounts/new", "/admin/accounts/tokens", "/admin/accounts/log"],
)
def test_accounts_are_for_administrators(app: Flask, practice: Practice, path: str) -> None:
    hire(practice, "firm", "applicant")
    assert sign_in(app, "feng").get(path).status_code == HTTPStatus.OK
    for other in ("wang", "firm"):
        assert sign_in(app, other).get(path).status_code == HTTPStatus.FORBIDDEN
    assert "/login" in app.test_client().get(path).headers["Location"]


@pytest.mark.parametrize("act", ["disable", "enable", "password", "sessions/end", "unlink"])
def test_only_administrators_act_on_accounts(app: Flask, practice: Practice, act: str) -> None:
    before = practice.everything()["person"]
    browser = sign_in(app, "wang")
    assert browser.post(f"/admin/people/lin/{act}").status_code == HTTPStatus.FORBIDDEN
    assert practice.everything()["person"] == before
