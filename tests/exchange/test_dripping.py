"""Who answers a byte at a time is hung up on, whatever was asked and however far the conversation is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from engine.domain.errors import Unavailable
from engine.exchange import mail, virus_scanner
from engine.exchange.mail import NotSent, SmtpMailer
from engine.exchange.outgoing import Allowed, CallFailed, Outgoing
from engine.exchange.virus_scanner import Clamd


@contextmanager
def dripping(beginning: bytes, drop: bytes) -> Iterator[tuple[int, Callable[[], bool]]]:
    """A server that never ends its first answer; its port, and whether it was hung up on."""
    was_left, over = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            line, _ = listening.accept()
            with line:
                try:
                    line.sendall(beginning)
                    while not over.wait(0.01):
                        line.sendall(drop)
                except OSError:
                    was_left.set()

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield listening.getsockname()[1], lambda: was_left.wait(20)
        finally:
            over.set()
            thread.join()


#: A record of TLS of 16 kB, as a handshake begins.
RECORD = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb"


@pytest.mark.parametrize(
    ("scheme", "beginning"),
    [("https", RECORD), ("http", b"HTTP/1.1 200 OK\r\nX-Long: "), ("http", b"HTTP/1.1 200 OK\r\n\r\n")],
    ids=["the handshake", "the headers", "the body"],
)  # fmt: skip
def test_a_receiver_of_calls(scheme: str, beginning: bytes) -> None:
    outgoing = Outgoing(Allowed.read(["receiver.example"]), lambda host, port: ["127.0.0.1"])
    with dripping(beginning, b"\0" if scheme == "https" else b"a") as (port, was_left):
        with pytest.raises(CallFailed):
            outgoing.send("GET", f"{scheme}://receiver.example:{port}/", in_all=0.2)
        assert was_left()


@pytest.mark.parametrize(
    ("scheme", "beginning", "drop"),
    [("smtps", RECORD, b"\0"), ("smtp", b"", b"220-welcome\r\n"), ("smtp", b"220 ", b"a")],
)
def test_a_mail_server(
    scheme: str, beginning: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "IN_ALL", 0.2)
    with dripping(beginning, drop) as (port, was_left):
        mailer = SmtpMailer(f"{scheme}://127.0.0.1:{port}", "office@example")
        with pytest.raises(NotSent):
            mailer.send("1", "clerk@example", "标题", "内容", datetime(2026, 11, 26, tzinfo=UTC))
        assert was_left()


def test_a_virus_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virus_scanner, "ANSWER_WITHIN", 0.2)
    monkeypatch.setattr(virus_scanner, "LONGEST_ANSWER", 1 << 30)
    with dripping(b"stream: ", b"a") as (port, was_left):
        with pytest.raises(Unavailable):
            Clamd(f"tcp://127.0.0.1:{port}").scan(b"a paper")
        assert was_left()
