"""Signing in by the city's identity provider, against a real one on loopback."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from engine.bootstrap import real_now
from engine.domain.errors import Conflict, Invalid, NotAuthenticated, Unavailable
from engine.domain.single_sign_on import Identity, RoleMap, SecondStep, SignOnRefused
from engine.exchange.identity_provider import IdentityProvider, Registration
from engine.exchange.outgoing import Outgoing
from engine.persistence import models
from engine.services import accounts, notices, sessions, single_sign_on
from engine.settings import SettingMissing, read_settings
from tests import identity_provider
from tests.doors import HERE, PASSWORD, events, hire
from tests.identity_provider import Provider
from tests.offices import Practice
from web.app import create_app
from web.office import place

#: The test provider still uses what Authlib will move.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
BACK = "http://127.0.0.1:8000/login/provider/back"
ROLES = RoleMap.read(
    """
    claim = "roles"
    [roles.kunxin-clerk]
    groups = ["credit_clerk"]
    department = "credit_office"
    [roles.kunxin-admin]
    groups = ["administrator"]
    """
)


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with identity_provider.served() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    running.is_away = False
    running.verified.clear()
    yield running
    running.is_away = False


@pytest.fixture
def database_url(sqlite_empty_template: Path, tmp_path: Path) -> str:
    """One kind of database: nothing here is about SQL."""
    return f"sqlite:///{shutil.copyfile(sqlite_empty_template, tmp_path / 'kunxin.sqlite3')}"


@pytest.fixture
def practice(doors: Practice, provider: Provider) -> Practice:
    doors.office.real_now = real_now  # the provider lives in real time
    registration = Registration(provider.issuer, "kunxin", "a secret")
    doors.office.identity_provider = IdentityProvider(registration, Outgoing())
    return doors


_APPS: dict[str, Flask] = {}


@pytest.fixture
def app(practice: Practice, provider: Provider) -> Flask:
    if provider.issuer not in _APPS:
        told = {
            "KUNXIN_SECRET_KEY": "for tests",
            "KUNXIN_SANDBOX": "1",
            "KUNXIN_OIDC_ISSUER": provider.issuer,
            "KUNXIN_OIDC_CLIENT_ID": "kunxin",
            "KUNXIN_OIDC_CLIENT_SECRET": "a secret",
        }
        made = create_app(practice.office, read_settings(told))
        made.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        _APPS[provider.issuer] = made
    place(_APPS[provider.issuer], practice.office)
    return _APPS[provider.issuer]


def sign_in(browser: FlaskClient, provider: Provider, subject: str, wanted: str = "") -> object:
    """All the way there and back; the last answer."""
    asked = browser.get("/login/provider", query_string={"next": wanted} if wanted else {})
    return browser.get(
        "/login/provider/back", query_string=provider.approve(asked.location, subject)
    )


def test_an_account_is_entered_by_the_provider_and_linked_for_ever(
    app: Flask, provider: Provider, practice: Practice
) -> None:
    provider.know("s-1", preferred_username="wang", name="王芳")
    browser = app.test_client()
    answer = sign_in(browser, provider, "s-1", "/account/tokens")
    assert answer.location == "/account/tokens"  # type: ignore[attr-defined]
    assert "wang" in browser.get("/account").text
    assert events(practice, "wang") == ["linked", "signed_in_by_provider"]
    assert len(provider.verified) == 1  # by PKCE
    provider.know("s-1", preferred_username="lin")  # renamed there: still the same person here
    other = app.test_client()
    sign_in(other, provider, "s-1")
    assert "wang" in other.get("/account").text


def test_the_question_carries_state_nonce_and_challenge_and_they_change_each_time(
    app: Flask, provider: Provider
) -> None:
    asked = [
        parse_qs(urlsplit(app.test_client().get("/login/provider").location).query)
        for _ in range(2)
    ]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["redirect_uri"] == [BACK]


def test_another_site_signs_nobody_in_unasked(app: Flask) -> None:
    for sent_by, status in (
        ("cross-site", 200),
        ("same-site", 200),
        ("same-origin", 302),
        ("none", 302),
    ):
        browser = app.test_client()
        told = {"Sec-Fetch-Site": sent_by}
        answer = browser.get("/login/provider?next=/account", headers=told)
        assert answer.status_code == status
        if status == HTTPStatus.OK:
            assert 'href="/login/provider?next=' in answer.text


def test_what_another_browser_began_ends_in_nobodys_session(app: Flask, provider: Provider) -> None:
    provider.know("s-2", preferred_username="lin")
    attacker, victim = app.test_client(), app.test_client()
    told = provider.approve(attacker.get("/login/provider").location, "s-2")
    refused = victim.get("/login/provider/back", query_string=told)
    assert refused.status_code == HTTPStatus.BAD_REQUEST  # it had begun nothing
    victim.get("/login/provider")
    mixed = victim.get("/login/provider/back", query_string=told)
    assert mixed.status_code == HTTPStatus.UNAUTHORIZED  # it had begun something else
    assert victim.get("/account").status_code == HTTPStatus.FOUND


def test_an_answer_is_used_once(app: Flask, provider: Provider) -> None:
    provider.know("s-2", preferred_username="lin")
    browser = app.test_client()
    told = provider.approve(browser.get("/login/provider").location, "s-2")
    assert browser.get("/login/provider/back", query_string=told).status_code == HTTPStatus.FOUND
    again = browser.get("/login/provider/back", query_string=told)
    assert again.status_code == HTTPStatus.BAD_REQUEST


def test_who_says_no_there_is_not_in_here(app: Flask, provider: Provider) -> None:
    browser = app.test_client()
    told = provider.deny(browser.get("/login/provider").location)
    answer = browser.get("/login/provider/back", query_string=told)
    assert answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)
    assert "单点登录" in answer.text
    assert browser.get("/account").status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("changed", ["verifier", "nonce", "state", None])
def test_only_what_fits_together_opens(
    practice: Practice, provider: Provider, changed: str | None
) -> None:
    provider.know("s-2", preferred_username="lin")
    address, started = single_sign_on.begin(practice.office, BACK)
    told = provider.approve(address, "s-2")
    if changed is None:  # as it should be
        actor, _ = single_sign_on.finish(practice.office, told, started, BACK, place=HERE)
        assert actor.username == "lin"
        return
    other = replace(started, **{changed: "another one, of the same length as before"})
    with pytest.raises(NotAuthenticated):
        single_sign_on.finish(practice.office, told, other, BACK, place=HERE)


def test_a_token_for_another_client_is_refused_though_its_signature_is_good(
    practice: Practice, provider: Provider
) -> None:
    held = practice.office.identity_provider
    assert held is not None
    provider.know("s-2", preferred_username="lin")
    address, started = held.begin(BACK, now=real_now())
    code = provider.approve(address, "s-2")["code"]
    tokens = held._exchange(code, started, BACK, real_now())
    assert held._claims(tokens["id_token"], tokens, started, real_now())["sub"] == "s-2"
    held.registration = replace(held.registration, client_id="somebody else")
    with pytest.raises(NotAuthenticated, match="单点登录"):
        held._claims(tokens["id_token"], tokens, started, real_now())


def test_a_token_that_was_altered_or_has_expired_is_refused(
    practice: Practice, provider: Provider
) -> None:
    held = practice.office.identity_provider
    assert held is not None
    provider.know("s-2", preferred_username="lin")
    address, started = held.begin(BACK, now=real_now())
    code = provider.approve(address, "s-2")["code"]
    tokens = held._exchange(code, started, BACK, real_now())
    head, body, signature = tokens["id_token"].split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for forged in (f"{head}.{body}.{signature[:-6]}AAAAAA", f"{unsigned}.{body}."):
        with pytest.raises(NotAuthenticated):
            held._claims(forged, tokens, started, real_now())
    with pytest.raises(NotAuthenticated):
        held._claims(tokens["id_token"], tokens, started, real_now() + timedelta(hours=3))


def test_an_answer_of_another_provider_is_refused(practice: Practice, provider: Provider) -> None:
    provider.know("s-2", preferred_username="lin")
    address, started = single_sign_on.begin(practice.office, BACK)
    told = {**provider.approve(address, "s-2"), "iss": "https://another.example"}
    with pytest.raises(NotAuthenticated):
        single_sign_on.finish(practice.office, told, started, BACK, place=HERE)


def test_a_provider_that_says_it_is_another_is_not_asked(provider: Provider) -> None:
    aside = provider.issuer.replace("127.0.0.1", "localhost")
    pretending = IdentityProvider(Registration(f"{aside}/", "kunxin"), Outgoing())
    with pytest.raises(Unavailable):
        pretending.begin(BACK, now=real_now())


def test_while_the_provider_is_away_the_page_says_so_and_passwords_still_open(
    app: Flask, provider: Provider
) -> None:
    provider.is_away = True
    browser = app.test_client()
    answer = browser.get("/login/provider")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "请用账号密码登录" in answer.text
    assert 'name="password"' in answer.text


def test_nobody_is_let_in_who_has_no_account_here(
    app: Flask, provider: Provider, practice: Practice
) -> None:
    provider.know("s-3", preferred_username="stranger")
    browser = app.test_client()
    answer = sign_in(browser, provider, "s-3")
    assert answer.status_code == HTTPStatus.FORBIDDEN  # type: ignore[attr-defined]
    assert "没有您的账号" in answer.text  # type: ignore[attr-defined]
    assert practice.all(select(models.Person).where(models.Person.username == "stranger")) == []


def test_signing_out_here_signs_out_there(app: Flask, provider: Provider) -> None:
    provider.know("s-2", preferred_username="lin")
    browser = app.test_client()
    sign_in(browser, provider, "s-2")
    answer = browser.post("/logout")
    assert answer.location.startswith(f"{provider.issuer}/oauth2/end_session?")
    asked = parse_qs(urlsplit(answer.location).query)
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1:8000/"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert browser.get("/account").status_code == HTTPStatus.FOUND
    policy = answer.headers["Content-Security-Policy"]
    assert f"form-action 'self' {provider.issuer};" in policy


def test_who_signed_in_by_password_is_not_sent_to_the_provider(app: Flask) -> None:
    from tests.web.door_pages import sign_in as by_password

    assert by_password(app, "wang").post("/logout").location == "/"


# ── whose account: without a provider ───────────────────────────────────────────────────────────


def vouched(subject: str, **claims: object) -> Identity:
    return Identity("https://id.example", subject, claims)


def test_an_account_is_one_persons_only(practice: Practice) -> None:
    single_sign_on.enter(practice.office, vouched("a", preferred_username="wang"), place=HERE)
    with pytest.raises(SignOnRefused):
        single_sign_on.enter(practice.office, vouched("b", preferred_username="wang"), place=HERE)
    accounts.unlink(practice.office, practice["feng"], "wang", place=HERE)
    entered = single_sign_on.enter(
        practice.office, vouched("b", preferred_username="wang"), place=HERE
    )
    assert entered.username == "wang"


@pytest.mark.parametrize(
    "claims",
    [{}, {"preferred_username": ""}, {"preferred_username": 7}, {"preferred_username": "court"}],
)
def test_without_a_name_or_as_a_program_nobody_enters(
    practice: Practice, claims: dict[str, object]
) -> None:
    with pytest.raises(SignOnRefused):
        single_sign_on.enter(practice.office, vouched("a", **claims), place=HERE)


def test_a_disabled_account_is_not_opened_by_the_provider_either(practice: Practice) -> None:
    who = vouched("a", preferred_username="wang")
    single_sign_on.enter(practice.office, who, place=HERE)
    accounts.disable(practice.office, practice["feng"], "wang", place=HERE)
    with pytest.raises(SignOnRefused):
        single_sign_on.enter(practice.office, who, place=HERE)


def test_an_address_counts_only_when_it_is_verified(practice: Practice) -> None:
    practice.office.sign_on_claim = "email"
    row = models.Person
    with practice.office.uow.begin() as session:
        session.execute(update(row).where(row.username == "wang").values(email="w@city.example"))
    told = {"email": "w@city.example", "email_verified": False}
    with pytest.raises(SignOnRefused):
        single_sign_on.enter(practice.office, vouched("a", **told), place=HERE)
    told["email_verified"] = True
    entered = single_sign_on.enter(practice.office, vouched("a", **told), place=HERE)
    assert entered.username == "wang"


def test_of_whom_a_second_step_is_demanded_the_provider_must_have_asked_for_it(
    practice: Practice,
) -> None:
    office = practice.office
    office.second_factor_for = frozenset({"administrator"})
    office.second_step = SecondStep.read(["amr=mfa", "amr=otp", "acr=two"])
    for told in ({}, {"amr": ["pwd"]}, {"amr": "mfa"}, {"acr": "one"}, {"acr": ["two"]}):
        with pytest.raises(SignOnRefused, match="两步验证"):
            single_sign_on.enter(
                office, vouched("f", preferred_username="feng", **told), place=HERE
            )
    assert practice.all(select(models.LinkedIdentity.subject)) == []
    for told in ({"amr": ["pwd", "otp"]}, {"acr": "two"}):
        entered = single_sign_on.enter(
            office, vouched("f", preferred_username="feng", **told), place=HERE
        )
        assert entered.username == "feng"
    entered = single_sign_on.enter(office, vouched("w", preferred_username="wang"), place=HERE)
    assert entered.username == "wang"  # of whom none is demanded
    office.second_step = SecondStep()
    assert single_sign_on.enter(office, vouched("f"), place=HERE).username == "feng"
    with pytest.raises(ValueError, match="acr=VALUE"):
        SecondStep.read(["mfa"])


def test_what_the_provider_says_of_the_second_step_decides_at_the_page(
    app: Flask, provider: Provider, practice: Practice
) -> None:
    practice.office.second_factor_for = frozenset({"administrator"})
    practice.office.second_step = SecondStep.read(["amr=mfa"])
    for methods, status in ((["pwd"], HTTPStatus.FORBIDDEN), (["pwd", "mfa"], HTTPStatus.FOUND)):
        provider.know("s-feng", preferred_username="feng", amr=methods)
        answer: Any = sign_in(app.test_client(), provider, "s-feng")
        assert answer.status_code == status
        assert ("两步验证" in answer.text) == (status == HTTPStatus.FORBIDDEN)


def test_with_a_role_map_an_account_is_made_and_follows_its_roles(practice: Practice) -> None:
    practice.office.sign_on_roles = ROLES
    made = single_sign_on.enter(
        practice.office,
        vouched("n", preferred_username="mei", name="李梅", roles=["kunxin-clerk", "other"]),
        place=HERE,
    )
    assert (made.name, made.groups, made.department) == (
        "李梅",
        frozenset({"credit_clerk"}),
        "credit_office",
    )
    both = vouched("n", preferred_username="mei", roles=["kunxin-clerk", "kunxin-admin"])
    raised = single_sign_on.enter(practice.office, both, place=HERE)
    assert raised.groups == {"credit_clerk", "administrator"}


def test_who_has_no_role_any_more_is_signed_out_everywhere_until_there_is_one_again(
    practice: Practice,
) -> None:
    office = practice.office
    office.sign_on_roles = ROLES
    before = vouched("n", preferred_username="mei", roles=["kunxin-clerk"])
    mei = single_sign_on.enter(office, before, place=HERE)
    held = sessions.begin(office, mei, place=HERE, by_provider=True)
    assert sessions.open_session(office, held, now=office.now()).actor.username == "mei"
    with pytest.raises(SignOnRefused):
        single_sign_on.enter(
            office, vouched("n", preferred_username="mei", roles=[]), place=HERE
        )  # fmt: skip
    with pytest.raises(NotAuthenticated):
        sessions.open_session(office, held, now=office.now())
    assert single_sign_on.enter(office, before, place=HERE).groups == {"credit_clerk"}


def test_who_follows_roles_gets_no_password_that_would_outlast_them(practice: Practice) -> None:
    office, feng = practice.office, practice["feng"]
    office.sign_on_roles = ROLES
    clerk = vouched("n", preferred_username="mei", roles=["kunxin-clerk"])
    single_sign_on.enter(office, clerk, place=HERE)
    with pytest.raises(Conflict):
        accounts.set_temporary_password(office, feng, "mei", place=HERE)
    with pytest.raises(SignOnRefused):  # the role is gone there, and here with it
        single_sign_on.enter(
            office, vouched("n", preferred_username="mei", roles=[]), place=HERE
        )  # fmt: skip
    assert practice.all(select(models.Person.groups).where(models.Person.username == "mei")) == [[]]
    accounts.unlink(office, feng, "mei", place=HERE)  # made an account of this office, on record
    accounts.set_temporary_password(office, feng, "mei", place=HERE)
    assert events(practice, "mei")[-2:] == ["unlinked", "password_set"]


def test_no_account_is_made_by_a_name_that_cannot_be_told_from_another(practice: Practice) -> None:
    practice.office.sign_on_roles = ROLES
    for name in (
        "mei\0",
        "me\u202ei",
        "m i",
        "m" * 101,
        "ｍei",
        "me\ni",
        "Wang",
        "<m>",
        "-m",
        "m\u200b",
    ):
        who = vouched("n", preferred_username=name, roles="kunxin-clerk")
        with pytest.raises(SignOnRefused):
            single_sign_on.enter(practice.office, who, place=HERE)


@pytest.mark.parametrize(
    "roles", [7, {"kunxin-clerk": 1}, [{"a": 1}], None, True, [["kunxin-clerk"]]]
)
def test_roles_of_another_shape_open_nothing(roles: object) -> None:
    assert ROLES.opened({"roles": roles}) is None


def test_where_an_address_opens_an_account_it_changes_with_the_password(practice: Practice) -> None:
    office, wang = practice.office, practice["wang"]

    def choose(email: str, password: str = "") -> None:
        kept = {"phone": "", "language": "zh", "old_password": password}
        notices.choose(office, wang, email=email, channels=["email"], place=HERE, **kept)

    choose("a@city.example")  # it is only written to
    office.sign_on_claim = "email"
    choose("a@city.example")  # the same
    with pytest.raises(Invalid):
        choose("thief@city.example")
    choose("b@city.example", PASSWORD)
    assert notices.choices(office, wang).email == "b@city.example"


def test_the_role_map_changes_nothing_of_accounts_that_were_made_here(practice: Practice) -> None:
    practice.office.sign_on_roles = ROLES
    hire(practice, "old", "window")
    entered = single_sign_on.enter(
        practice.office, vouched("o", preferred_username="old", roles=["kunxin-admin"]), place=HERE
    )
    assert entered.groups == {"window"}


def test_a_provider_that_could_be_listened_to_is_refused_at_start() -> None:
    told = {"KUNXIN_SECRET_KEY": "x", "KUNXIN_OIDC_ISSUER": "http://id.example"}
    with pytest.raises(SettingMissing, match="https"):
        read_settings({**told, "KUNXIN_OIDC_CLIENT_ID": "kunxin"})
    with pytest.raises(SettingMissing, match="CLIENT_ID"):
        read_settings({**told, "KUNXIN_OIDC_ISSUER": "https://id.example"})
    assert read_settings({"KUNXIN_SECRET_KEY": "x"}).sign_on is None


def test_without_a_provider_there_is_no_button_and_no_way(practice: Practice) -> None:
    from tests.web.door_pages import one_app

    practice.office.identity_provider = None
    place(one_app(), practice.office)
    browser = one_app().test_client()
    assert "/login/provider" not in browser.get("/login").text
    assert browser.get("/login/provider").status_code == HTTPStatus.NOT_FOUND
