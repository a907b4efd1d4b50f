"""Single sign-on against a certified provider that shares no code with ours: all the way and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.bootstrap import real_now
from engine.domain.errors import NotAuthenticated
from engine.exchange.identity_provider import IdentityProvider, Registration
from engine.exchange.outgoing import Outgoing
from engine.services import single_sign_on
from engine.settings import read_settings
from tests import independent_provider
from tests.doors import HERE, events
from tests.independent_provider import Visitor, brought_back
from tests.offices import Practice
from web.app import create_app
from web.office import place

HOME = "http://127.0.0.1:8000"
BACK = f"{HOME}/login/provider/back"
SECRET = "a secret with : and % in it"
PEOPLE = {
    "s-1": {"preferred_username": "wang", "name": "王芳"},
    "s-2": {"preferred_username": "lin", "name": "林清"},
    "s-3": {"preferred_username": "stranger", "name": "路人"},
}


def client(name: str, **told: Any) -> dict[str, Any]:
    return {
        "client_id": name,
        "redirect_uris": [BACK],
        "post_logout_redirect_uris": [f"{HOME}/"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        **told,
    }


CLIENTS = [
    client("kunxin", client_secret=SECRET),
    client("public", token_endpoint_auth_method="none", id_token_signed_response_alg="ES256"),
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with independent_provider.served(PEOPLE, CLIENTS) as found:
        yield found


@pytest.fixture
def database_url(sqlite_empty_template: Path, tmp_path: Path) -> str:
    """One kind of database: nothing here is about SQL."""
    return f"sqlite:///{shutil.copyfile(sqlite_empty_template, tmp_path / 'kunxin.sqlite3')}"


@pytest.fixture
def practice(doors: Practice, issuer: str) -> Practice:
    doors.office.real_now = real_now  # the provider lives in real time
    register(doors, Registration(issuer, "kunxin", SECRET))
    return doors


def register(practice: Practice, registration: Registration) -> None:
    practice.office.identity_provider = IdentityProvider(registration, Outgoing())


_APPS: dict[str, Flask] = {}


@pytest.fixture
def app(practice: Practice, issuer: str) -> Flask:
    if issuer not in _APPS:
        told = {
            "KUNXIN_SECRET_KEY": "for tests",
            "KUNXIN_SANDBOX": "1",
            "KUNXIN_OIDC_ISSUER": issuer,
            "KUNXIN_OIDC_CLIENT_ID": "kunxin",
            "KUNXIN_OIDC_CLIENT_SECRET": SECRET,
        }
        made = create_app(practice.office, read_settings(told))
        made.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        _APPS[issuer] = made
    place(_APPS[issuer], practice.office)
    return _APPS[issuer]


def there_and_back(app: Flask, visitor: Visitor, subject: str, **typed: str) -> TestResponse:
    """A new browser here, this one there: the answer that ends the way."""
    browser = app.test_client()
    asked = browser.get("/login/provider").location
    told = brought_back(visitor.follow(asked, BACK, login=subject, password="x", **typed))
    return browser.get("/login/provider/back", query_string=told)


def test_somebody_signs_in_there_agrees_and_is_in_here(
    app: Flask, practice: Practice, issuer: str
) -> None:
    visitor = Visitor()
    answer = there_and_back(app, visitor, "s-1")
    assert answer.status_code == HTTPStatus.FOUND, answer.text
    assert visitor.was_asked == ["login", "consent"]
    assert events(practice, "wang") == ["linked", "signed_in_by_provider"]
    again = there_and_back(app, visitor, "s-1")
    assert again.status_code == HTTPStatus.FOUND
    assert visitor.was_asked == ["login", "consent"], "the session there is asked, not the person"


def test_a_public_client_signs_in_by_its_verifier_alone_with_another_kind_of_key(
    practice: Practice, issuer: str
) -> None:
    register(practice, Registration(issuer, "public"))
    address, started = single_sign_on.begin(practice.office, BACK)
    told = brought_back(Visitor().follow(address, BACK, login="s-2", password="x"))
    actor, id_token = single_sign_on.finish(practice.office, told, started, BACK, place=HERE)
    assert actor.username == "lin"
    assert id_token.count(".") == 2


def test_the_provider_itself_refuses_another_verifier_secret_or_second_use(
    practice: Practice, issuer: str
) -> None:
    visitor = Visitor()

    def answered() -> tuple[dict[str, str], Any]:
        address, started = single_sign_on.begin(practice.office, BACK)
        return brought_back(visitor.follow(address, BACK, login="s-2", password="x")), started

    told, started = answered()
    other = replace(started, verifier="another one, of the same length as the first one")
    with pytest.raises(NotAuthenticated, match="单点登录"):
        single_sign_on.finish(practice.office, told, other, BACK, place=HERE)

    told, started = answered()
    single_sign_on.finish(practice.office, told, started, BACK, place=HERE)
    with pytest.raises(NotAuthenticated, match="单点登录"):
        single_sign_on.finish(practice.office, told, started, BACK, place=HERE)

    told, started = answered()
    register(practice, Registration(issuer, "kunxin", "not the secret"))
    with pytest.raises(NotAuthenticated, match="单点登录"):
        single_sign_on.finish(practice.office, told, started, BACK, place=HERE)


def test_its_answer_names_itself_and_only_its_own_name_is_taken(
    practice: Practice, issuer: str
) -> None:
    address, started = single_sign_on.begin(practice.office, BACK)
    told = brought_back(Visitor().follow(address, BACK, login="s-2", password="x"))
    assert told["iss"] == issuer
    mixed_up = {**told, "iss": "https://another.example"}
    with pytest.raises(NotAuthenticated):
        single_sign_on.finish(practice.office, mixed_up, started, BACK, place=HERE)


def test_who_cancels_there_or_is_unknown_here_is_not_in(app: Flask, practice: Practice) -> None:
    cancelled = there_and_back(app, Visitor(), "s-2", cancel="yes")
    assert cancelled.status_code == HTTPStatus.UNAUTHORIZED
    assert "单点登录没有成功" in cancelled.text
    unknown = there_and_back(app, Visitor(), "s-3")
    assert unknown.status_code == HTTPStatus.FORBIDDEN
    assert "没有您的账号" in unknown.text
    assert events(practice, "lin") == []


def test_signing_out_here_ends_the_session_there(app: Flask) -> None:
    visitor, browser = Visitor(), app.test_client()
    asked = browser.get("/login/provider").location
    told = brought_back(visitor.follow(asked, BACK, login="s-2", password="x"))
    browser.get("/login/provider/back", query_string=told)
    there = browser.post("/logout").location
    assert visitor.follow(there, HOME) == f"{HOME}/"
    assert visitor.was_asked == ["login", "consent", "logout"]
    there_and_back(app, visitor, "s-2")
    assert visitor.was_asked[3:4] == ["login"], "it asks who it is again"
