"""A browser keeps a static file for good under an address that changes with what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, url_for

from web import static_files


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    (tmp_path / "a.css").write_text("body { color: black }")
    made = Flask("files", static_folder=str(tmp_path), static_url_path="/static")
    static_files.install(made)
    made.add_url_rule("/page", "page", lambda: "")
    return made


def address(app: Flask, name: str = "a.css") -> str:
    with app.test_request_context():
        return url_for("static", filename=name)


def test_the_address_changes_with_the_content_and_a_page_has_none(
    app: Flask, tmp_path: Path
) -> None:
    before = address(app)
    assert before.startswith("/static/a.css?v=")
    assert address(app) == before
    (tmp_path / "a.css").write_text("body { color: white; margin: 0 }")
    assert address(app) != before
    assert address(app, "nothing.css") == "/static/nothing.css"
    with app.test_request_context():
        assert url_for("page") == "/page"


def test_only_the_content_of_today_is_kept_for_good(app: Flask) -> None:
    assert kept(app, address(app)) == static_files.FOR_GOOD
    assert kept(app, "/static/a.css") == "no-cache"
    assert kept(app, "/static/a.css?v=0123456789ab") == "no-cache"
    assert kept(app, "/static/nothing.css?v=1") is None


def kept(app: Flask, asked: str) -> str | None:
    with app.test_client().get(asked) as answer:
        return answer.headers.get("Cache-Control")
