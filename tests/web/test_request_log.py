"""The log of a server: one line a request, with its id and its case, and nothing that somebody typed."""

from __future__ import annotations

import io
import json
import logging
import runpy
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask, abort, g
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from engine import logs
from engine.domain.actor import Actor
from engine.persistence.unit_of_work import connect
from engine.settings import ROOT
from web import request_log

NAME, PHONE = "王小明", "13812345678"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    return sys.stderr  # type: ignore[return-value]


@pytest.fixture
def app(written: io.StringIO) -> Iterator[Flask]:
    made = Flask("a server")
    request_log.install(made)
    request_log.write(made)

    @made.get("/desk/cases/<number>")
    def case(number: str) -> str:
        structlog.get_logger().info("looked at")
        return str(g.request_id)

    @made.get("/letters/<number>")
    def other(number: str) -> str:
        abort(404)

    @made.get("/refused/<int:status>")
    def refused(status: int) -> str:
        g.actor = Actor(None, "wang", "王芳")
        abort(status)

    @made.get("/broken")
    def broken() -> str:
        raise ValueError(f"cannot call {PHONE}")

    logs.configure()
    yield made
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    """What was written since the last time."""
    said = [json.loads(line) for line in written.getvalue().splitlines()]
    written.seek(0)
    written.truncate()
    return said


def test_a_request_is_one_line_with_its_id_route_and_case_and_not_with_what_was_asked(
    app: Flask, written: io.StringIO
) -> None:
    client = app.test_client()
    answer = client.get(f"/desk/cases/KSXY-1?q={NAME}", headers={"X-Request-Id": "of-the-proxy-1"})
    assert answer.text == answer.headers["X-Request-Id"] == "of-the-proxy-1"
    within, told = lines(written)
    assert (within["event"], within["request"], within["case"]) == (
        "looked at",
        "of-the-proxy-1",
        "KSXY-1",
    )
    assert told | {"ms": 0, "timestamp": ""} == {
        "event": "request",
        "level": "info",
        "timestamp": "",
        "request": "of-the-proxy-1",
        "case": "KSXY-1",
        "method": "GET",
        "route": "/desk/cases/<number>",
        "status": 200,
        "ms": 0,
    }
    client.get(f"/letters/{NAME}?q={NAME}")
    (other,) = lines(written)
    assert (other["status"], other["route"]) == (404, "/letters/<number>")
    assert NAME not in str(other)


def test_whose_account_tries_what_is_not_theirs_is_told(app: Flask, written: io.StringIO) -> None:
    for status in (403, 404, 400):
        app.test_client().get(f"/refused/{status}")
    told = [(each["status"], each.get("account")) for each in lines(written)]
    assert told == [(403, "wang"), (404, "wang"), (400, None)]


def test_a_request_is_not_named_as_somebody_likes(app: Flask) -> None:
    for wrong in ("short", "with spaces in it", "x" * 65, NAME * 4):
        sent = {"X-Request-Id": wrong.encode().decode("latin-1")}
        given = app.test_client().get("/desk/cases/1", headers=sent).headers["X-Request-Id"]
        assert given != wrong
        assert len(given) == 32


def test_a_failure_is_one_line_with_the_place_and_without_the_number_of_a_person(
    app: Flask, written: io.StringIO
) -> None:
    answer = app.test_client().get(f"/broken?phone={PHONE}")
    failed, told = lines(written)
    assert (answer.status_code, told["status"], failed["event"]) == (500, 500, "failed")
    assert failed["request"] == told["request"] == answer.headers["X-Request-Id"]
    assert "in broken" in failed["exception"]
    assert "ValueError" in failed["exception"]
    assert PHONE not in str(failed)


def test_a_statement_that_fails_does_not_tell_what_it_was_given() -> None:
    asked = text("SELECT * FROM nothing WHERE name = :name")
    engine = connect("sqlite://")
    with engine.connect() as connection, pytest.raises(OperationalError) as told:
        connection.execute(asked, {"name": NAME})
    engine.dispose()
    assert NAME not in str(told.value)
    talkative = create_engine("sqlite://")
    with talkative.connect() as connection, pytest.raises(OperationalError, match=NAME):
        connection.execute(asked, {"name": NAME})
    talkative.dispose()


def test_gunicorn_logs_the_address_of_a_failed_request_without_its_query() -> None:
    kept = runpy.run_path(str(ROOT / "deploy/gunicorn.conf.py"))
    assert kept["accesslog"] is None
    record = logging.LogRecord(
        "gunicorn.error", logging.ERROR, "", 1, "Error handling request %s %s",
        ("GET", f"/desk/cases?q={NAME}"), None,
    )  # fmt: skip
    assert kept["WithoutQueries"]().filter(record)
    assert record.getMessage() == "Error handling request GET /desk/cases"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("output", [io.StringIO, Terminal])
def test_a_library_writes_as_we_do_and_on_a_terminal_in_words(
    output: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = output()
    monkeypatch.setattr("sys.stderr", written)
    library = logging.getLogger("some.library")
    handler = logs.ToStandardError()
    library.addHandler(handler)
    monkeypatch.setattr(library, "propagate", False)
    try:
        with structlog.contextvars.bound_contextvars(message="m-1"):
            library.warning("call %s back", PHONE)
    finally:
        library.removeHandler(handler)
    told = written.getvalue()
    assert PHONE not in told
    if output is Terminal:
        assert not told.startswith("{")
        assert "call 138" in told
        return
    line = json.loads(told)
    assert line.pop("timestamp")
    assert line == {
        "event": "call 138******78 back",
        "level": "warning",
        "logger": "some.library",
        "message": "m-1",
    }
