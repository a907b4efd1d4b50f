"""Browsers at the doors of a real office that has people and nothing else."""

import re
from functools import cache
from http import HTTPStatus

from flask import Flask
from flask.testing import FlaskClient

from engine.settings import read_settings
from tests.doors import PASSWORD
from web.app import create_app

#: What is shown once on a page.
SECRET = re.compile(r'<p class="secret"><code[^>]*>([^<]+)</code>')


@cache
def one_app() -> Flask:
    """One application for the tests of this module; each puts its own office there."""
    settings = read_settings({"KUNXIN_SECRET_KEY": "for tests", "KUNXIN_SANDBOX": "1"})
    made = create_app(None, settings)  # type: ignore[arg-type]
    made.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    return made


def sign_in(app: Flask, username: str, password: str = PASSWORD) -> FlaskClient:
    browser = app.test_client()
    answer = browser.post("/login", data={"username": username, "password": password})
    assert answer.status_code == HTTPStatus.FOUND, answer.text
    return browser
