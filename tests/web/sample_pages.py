"""A browser at the sample office, signed in as one of its people."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.domain.actor import Actor
from engine.settings import read_settings
from tests.web import board_samples, sample_office
from tests.web.sample_office import SampleOffice
from web.app import create_app
from web.office import place

ANSWERS = {**sample_office.ANSWERS, **board_samples.ANSWERS}
Browser = Callable[..., FlaskClient]


@cache
def sample_app() -> Flask:
    """One application for all tests of a process: templates are compiled once."""
    settings = read_settings({"KUNXIN_SECRET_KEY": "sample", "KUNXIN_SANDBOX": "1"})
    return create_app(SampleOffice(), settings)  # type: ignore[arg-type]


def serve(
    office: SampleOffice,
    put: Callable[[Any, str, Any], None],
    *,
    who: Actor,
    answers: Mapping[str, Any] | None = None,
) -> FlaskClient:
    """A signed-in browser; `put` is monkeypatch.setattr, `answers` are put in place of samples."""
    for name, answer in {**ANSWERS, **(answers or {})}.items():
        module, function = name.split(".")
        put(
            import_module(f"engine.services.{module}"),
            function,
            sample_office.service(name, answer),
        )
    app = sample_app()
    place(app, office)  # type: ignore[arg-type]
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["session"] = str(who.id)
    return browser


@pytest.fixture
def office() -> SampleOffice:
    return SampleOffice()


@pytest.fixture
def open_as(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """`open_as(actor)`: a browser of the sample office in which that person is signed in."""

    def open_(who: Actor, **answers: Any) -> FlaskClient:
        named = {name.replace("__", "."): answer for name, answer in answers.items()}
        return serve(office, monkeypatch.setattr, who=who, answers=named)

    return open_
