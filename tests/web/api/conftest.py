"""The application with services that answer what a test tells them to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.domain.actor import Actor
from engine.domain.errors import NotAuthenticated
from engine.services import tokens
from engine.settings import read_settings
from web.app import create_app
from web.auth import limiter

NOW = datetime(2020, 3, 2, 1, tzinfo=UTC)
WANG = Actor(UUID(int=1), "wang", "王芳", "credit_office", frozenset({"window", "supervisor"}))
SHOP = Actor(
    UUID(int=2), "shop", "李四", None, frozenset({"applicant"}), subject="91469001MA5T4XXX0K"
)
TOKENS = {"wang-token": WANG, "shop-token": SHOP}


@dataclass
class QuietOffice:
    """An office that nobody asks anything but the time."""

    is_training: bool = True
    second_factor_for: frozenset[str] = frozenset()

    def now(self) -> datetime:
        return NOW


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("api")
    settings = read_settings({"KUNXIN_SECRET_KEY": "for tests", "KUNXIN_DATA_DIR": str(folder)})
    app = create_app(QuietOffice(), settings)  # type: ignore[arg-type]
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.fixture
def client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Calls with Wang's token unless the test says otherwise."""

    def actor_of(office: Any, token: str, *, now: datetime) -> Actor:
        if token not in TOKENS:
            raise NotAuthenticated("令牌无效。", "this token is not valid")
        return TOKENS[token]

    monkeypatch.setattr(tokens, "actor_of", actor_of)
    limiter.reset()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer wang-token"
    return client


@pytest.fixture
def anonymous(client: FlaskClient) -> FlaskClient:
    del client.environ_base["HTTP_AUTHORIZATION"]
    return client


@dataclass
class Asked:
    """How a service was asked."""

    args: tuple[Any, ...] = ()
    kwargs: Any = None
    times: int = 0


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Asked]:
    """`answering("tasks.claim", value)`: the service answers that, or raises it; tells how it was asked."""

    def answer(service: str, value: Any = None) -> Asked:
        module, _, name = service.partition(".")
        asked = Asked()

        def fake(*args: Any, **kwargs: Any) -> Any:
            asked.args, asked.kwargs, asked.times = args, kwargs, asked.times + 1
            if isinstance(value, Exception):
                raise value
            return value

        monkeypatch.setattr(import_module(f"engine.services.{module}"), name, fake)
        return asked

    return answer
