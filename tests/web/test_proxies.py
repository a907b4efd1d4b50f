"""Behind a proxy: attempts are counted, and figures given out, by the address of who really asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.domain.errors import NotAuthenticated
from engine.domain.sign_in import Place
from engine.services import sign_ins, supervision
from engine.settings import read_settings
from tests.web.api.conftest import NOW
from web.app import create_app
from web.auth import limiter

Opened = Callable[..., FlaskClient]
WRONG = {"username": "chengyuan", "password": "guess"}


@pytest.fixture
def seen() -> list[str]:
    """The addresses under which attempts to sign in are counted."""
    return []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, seen: list[str]) -> Iterator[Opened]:
    """The application under these settings, asked by way of a machine that is not this one."""

    def refuse(*given: object, place: Place, **named: object) -> None:
        seen.append(place.network)
        raise NotAuthenticated("账号或密码不对。", "wrong")

    def open_with(**settings: str) -> FlaskClient:
        given = {f"KUNXIN_{name.upper()}": value for name, value in settings.items()}
        office = SimpleNamespace(now=lambda: NOW, is_training=True)
        read = read_settings({"KUNXIN_SECRET_KEY": "a key for tests", **given})
        app: Flask = create_app(office, read)  # type: ignore[arg-type]
        limiter.reset()
        return app.test_client()

    monkeypatch.setattr(sign_ins, "sign_in", refuse)
    monkeypatch.setattr(supervision, "metrics", lambda office, *, now: {})
    yield open_with
    limiter.reset()


def attempts(client: FlaskClient, forwarded: list[str]) -> list[int]:
    """What each attempt to sign in was answered, told by a proxy to come from these addresses."""
    return [
        client.post(
            "/api/v1/tokens",
            json=WRONG,
            headers={"X-Forwarded-For": address},
            environ_overrides={"REMOTE_ADDR": "10.0.0.1"},
        ).status_code
        for address in forwarded
    ]


def test_attempts_of_different_clients_behind_one_proxy_are_counted_apart(
    opened: Opened, seen: list[str]
) -> None:
    clients = [f"203.0.113.{n}" for n in range(3)]
    assert attempts(opened(trusted_proxies="1"), clients) == [401] * 3
    assert seen == clients


def test_only_what_the_trusted_proxy_added_counts(opened: Opened, seen: list[str]) -> None:
    forged = [f"203.0.113.{n}, 198.51.100.7" for n in range(3)]
    attempts(opened(trusted_proxies="1"), forged)
    assert seen == ["198.51.100.7"] * 3


def test_without_a_proxy_nobody_may_say_where_he_comes_from(
    opened: Opened, seen: list[str]
) -> None:
    attempts(opened(), [f"203.0.113.{n}" for n in range(3)])
    assert seen == ["10.0.0.1"] * 3


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", HTTPStatus.OK),
        ("::1", HTTPStatus.OK),
        ("203.0.113.9", HTTPStatus.FORBIDDEN),
        ("", HTTPStatus.FORBIDDEN),
    ],
)
def test_metrics_are_given_to_this_machine_only(
    opened: Opened, address: str, status: HTTPStatus
) -> None:
    answer = opened().get("/metrics", environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert ("kunxin_requests" in answer.text) == (status == HTTPStatus.OK)


def test_a_client_behind_the_proxy_of_this_machine_is_not_this_machine(opened: Opened) -> None:
    client = opened(trusted_proxies="1")
    told = {"X-Forwarded-For": "203.0.113.9"}
    assert client.get("/metrics", headers=told).status_code == HTTPStatus.FORBIDDEN
    assert client.get("/metrics").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("brought", "status"),
    [
        ("Bearer right", HTTPStatus.OK),
        ("Bearer wrong", HTTPStatus.FORBIDDEN),
        ("Basic right", HTTPStatus.FORBIDDEN),
        ("", HTTPStatus.FORBIDDEN),
    ],
)
def test_a_monitor_elsewhere_brings_the_token(
    opened: Opened, brought: str, status: HTTPStatus
) -> None:
    client = opened(metrics_token="right")
    from_elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    headers = {"Authorization": brought}
    answer = client.get("/metrics", headers=headers, environ_overrides=from_elsewhere)
    assert answer.status_code == status


def test_no_token_opens_metrics_where_none_is_set(opened: Opened) -> None:
    answer = opened().get(
        "/metrics",
        headers={"Authorization": "Bearer "},
        environ_overrides={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert answer.status_code == HTTPStatus.FORBIDDEN
