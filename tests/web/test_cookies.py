"""Cookies over TLS are bound to this very host; signing out leaves nothing of anybody's in the browser."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

open_as = sample_pages.open_as
TLS = "https://credit.example"


@pytest.fixture
def office() -> SampleOffice:
    """One that works, not one for training."""
    working = SampleOffice()
    working.is_training = False
    return working


def told(answer: object) -> dict[str, str]:
    """Name of each cookie of an answer -> what is said of it."""
    lines = answer.headers.getlist("Set-Cookie")  # type: ignore[attr-defined]
    return {line.partition("=")[0]: line.partition(";")[2] for line in lines}


@pytest.mark.parametrize("path", ["/language/en", "/login"])
def test_over_tls_every_cookie_is_bound_to_this_very_host(open_as: Browser, path: str) -> None:
    cookies = told(open_as(desk.CLERK).get(path, base_url=TLS))
    assert cookies
    for name, said in cookies.items():
        assert name.startswith("__Host-")
        parts = {part.strip().partition("=")[0].lower() for part in said.split(";")}
        assert {"secure", "httponly", "samesite", "path"} <= parts
        assert "domain" not in parts
        assert "Path=/" in [part.strip() for part in said.split(";")]


def test_on_this_machine_there_may_be_no_tls_and_then_no_prefix(open_as: Browser) -> None:
    cookies = told(open_as(desk.CLERK).get("/language/en"))
    assert list(cookies) == ["kunxin_language"]
    assert "Secure" not in cookies["kunxin_language"]


def test_a_cookie_without_the_prefix_opens_nothing_over_tls(open_as: Browser) -> None:
    """What another host of the city, or somebody in the middle, has set is not looked at."""
    browser = open_as(desk.CLERK)
    browser.set_cookie("kunxin_language", "en", domain="credit.example")
    assert 'lang="zh' in browser.get("/login", base_url=TLS).text
    browser.set_cookie("__Host-kunxin_language", "en", domain="credit.example", secure=True)
    assert '<html lang="en"' in browser.get("/login", base_url=TLS).text


def test_signing_out_asks_the_browser_to_drop_what_it_kept(open_as: Browser) -> None:
    answer = open_as(desk.CLERK).post("/logout")
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.headers["Clear-Site-Data"] == '"cache"'
