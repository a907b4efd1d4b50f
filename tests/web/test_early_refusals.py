"""What is said at the door: a body that is too large stays unread, and browsers are told what to keep to."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from waitress.server import create_server

from engine.command_line.early_refusal import Channel
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_pages import Browser, sample_app
from web.app import MOST_BYTES

office, open_as = sample_pages.office, sample_pages.open_as


class Unread(io.RawIOBase):
    """A body that nobody may touch."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("path", ["/login", "/verify/1"])
def test_a_body_that_says_it_is_too_large_is_not_read(kind: str, path: str) -> None:
    told = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(MOST_BYTES + 1), "CONTENT_TYPE": kind}
    answer = sample_app().test_client().post(path, environ_overrides=told)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/api/v1/me", "/nowhere"])
def test_every_answer_over_tls_tells_browsers_what_to_keep_to(open_as: Browser, path: str) -> None:
    told = open_as(desk.CLERK).get(path, base_url="https://credit.example").headers
    assert told["Strict-Transport-Security"].startswith("max-age=31536000")
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Referrer-Policy"] == "same-origin"
    assert told["Cache-Control"] == "no-store"
    for words in (
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "script-src 'self'",
    ):
        assert words in told["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "media", "said"),
    [
        ("/my", "text/html", "文件太大，没有收下"),
        ("/api/v1/cases", "application/problem+json", "/problems/request-entity-too-large"),
    ],
)
def test_the_one_process_says_that_a_body_is_too_large_as_the_application_would(
    path: str, media: str, said: str
) -> None:
    with listening() as port:
        caller = HTTPConnection("127.0.0.1", port)
        caller.request("POST", path, body=b"more than ten")
        answer = caller.getresponse()
        assert (answer.status, answer.headers.get_content_type()) == (413, media)
        assert said in answer.read().decode()
        caller.close()


@contextmanager
def listening() -> Iterator[int]:
    """The port of a server that takes bodies of ten bytes.

    It is closed by its own thread: a socket closed under its `select` is an error there.
    """
    server = create_server(sample_app(), host="127.0.0.1", port=0, max_request_body_size=10)
    server.channel_class = Channel
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
        thread.join(timeout=20)
        server.task_dispatcher.shutdown()
    assert not thread.is_alive()
