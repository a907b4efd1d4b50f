"""To where calls may go, and what they do not wait for."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from engine.exchange.outgoing import MOST, Allowed, CallFailed, CallRefused, Outgoing


def outgoing(*allowed: str, **resolved: str) -> Outgoing:
    """`resolved`: what each host (dots as _) resolves to, comma between several."""
    names = {name.replace("_", "."): found.split(",") for name, found in resolved.items()}
    return Outgoing(Allowed.read(allowed), lambda host, port: names.get(host, [host]))


@contextmanager
def server(answer: Any) -> Iterator[str]:
    """A real server on loopback; `answer(handler)` writes what it says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: Any) -> None:
            return None

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def say(status: int, body: bytes = b"", **headers: str) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


LOOPBACK = "127.0.0.0/8"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_this_machine_or_into_private_networks(address: str) -> None:
    with pytest.raises(CallRefused) as refused:
        outgoing(evil_example=address).check("https://evil.example/hook")
    assert "url" in refused.value.fields


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
        "https://localhost/", "https://LOCALHOST./",
    ],
)  # fmt: skip
def test_however_it_is_written_this_machine_is_this_machine(url: str) -> None:
    with pytest.raises(CallRefused):
        Outgoing().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://good.example/", "file:///etc/passwd", "https://", "https://user:pass@good.example/",
        "https://good.example:70000/", "https://good.example/ x", "https://good.example/\r\nHost: x",
        "http://good.example/", "https://good.example:25/", "javascript:alert(1)", "https://例子.测试/",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_called(url: str) -> None:
    with pytest.raises(CallRefused):
        outgoing(good_example="93.184.216.34").check(url)


def test_a_public_address_may_be_called() -> None:
    outgoing(good_example="93.184.216.34,2606:2800:220:1::1").check("https://good.example/hook?a=1")


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(CallRefused):
        outgoing(evil_example="93.184.216.34,10.0.0.1").check("https://evil.example/")


def test_what_the_operator_has_named_may_be_private_and_without_tls() -> None:
    named = outgoing("erp.city.example", "10.1.0.0/16", erp_city_example="10.9.9.9")
    named.check("http://erp.city.example:8080/hook")
    named.check("http://10.1.2.3/hook")
    for other in ("http://10.2.0.1/hook", "http://other.city.example/hook"):
        with pytest.raises(CallRefused):
            named.check(other)


def test_what_is_neither_a_host_nor_a_network_is_not_understood() -> None:
    with pytest.raises(ValueError, match="neither"):
        Allowed.read(["10.0.0.0/99"])


def test_the_call_goes_to_the_address_that_was_looked_at_not_to_what_the_name_says_next() -> None:
    with server(say(200, b"here")) as url:
        port = int(url.rpartition(":")[2])
        asked: list[str] = []

        def rebinding(host: str, _: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.255.255.1"]

        calling = Outgoing(Allowed.read([LOOPBACK]), rebinding)
        answer = calling.send("POST", f"http://rebinds.example:{port}/", body=b"x")
    assert (answer.body, asked) == (b"here", ["rebinds.example"])


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    heard: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        heard.append(handler.path)
        say(302, Location="/elsewhere")(handler)

    with server(answer) as url:
        told = outgoing(LOOPBACK).send("POST", f"{url}/hook", body=b"{}")
    assert (told.status, told.is_good, heard) == (302, False, ["/hook"])


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with (
        server(say(200, b"x" * (MOST + 1))) as url,
        pytest.raises(CallFailed),
    ):
        outgoing(LOOPBACK).send("GET", url)


def test_a_server_that_trickles_is_hung_up_on() -> None:
    release = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"a")
        handler.wfile.flush()
        release.wait(30)

    with server(trickle) as url:
        try:
            with pytest.raises(CallFailed):
                outgoing(LOOPBACK).send("GET", url, in_all=0.3)
        finally:
            release.set()


def test_nobody_there_is_a_failure_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        with pytest.raises(CallFailed):
            outgoing(LOOPBACK).send("GET", f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_tls_is_asked_for_the_name_and_refused_without_a_good_certificate() -> None:
    with server(say(200)) as url:  # speaks no TLS at all
        port = url.rpartition(":")[2]
        with pytest.raises(CallFailed):
            outgoing(LOOPBACK).send("GET", f"https://127.0.0.1:{port}/", in_all=2)
    context = Outgoing().context
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
