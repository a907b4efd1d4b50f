"""The port to a virus scanner, and clamd behind it: what is uploaded is scanned before it is kept.

clamd is asked by its own protocol, INSTREAM: lengths of four bytes before each piece, a zero at the
end. Nothing is written to a disk that clamd would have to reach.
"""

import socket
import struct
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from engine.domain.errors import Invalid, Unavailable
from engine.domain.words import Words
from engine.exchange.hanging_up import Watch

#: Seconds for a connection, and until all is said: a paper of 20 MB takes clamd a second or two.
CONNECT_WITHIN, ANSWER_WITHIN = 3.0, 30.0
PIECE = 1 << 16
LONGEST_ANSWER = 4096
CLAMD_PORT = 3310

_log = structlog.get_logger()


class VirusScanner(Protocol):
    def scan(self, content: bytes) -> None:
        """Errors: Invalid when something is found; Unavailable when nobody can say."""
        ...


class NoScanner:
    """An installation that names none."""

    def scan(self, content: bytes) -> None:
        """Nothing is looked for."""


class Clamd:
    """clamd at `tcp://host:port` or `unix:/path/of/socket`."""

    def __init__(self, address: str) -> None:
        self._connect = _way_to(address)

    def scan(self, content: bytes) -> None:
        try:
            answer = self._ask(content)
        except OSError as failure:
            _log.error("the virus scanner does not answer", problem=type(failure).__name__)
            raise _away() from failure
        if answer.endswith("FOUND"):
            name = answer.removeprefix("stream: ").removesuffix(" FOUND")
            _log.warning("an upload was refused by the virus scanner", found=name)
            zh, en = "文件没有通过病毒扫描，没有收下。", "the file did not pass the virus scan"
            raise Invalid(zh, en, fields={"file": Words(zh, en)})
        if answer != "stream: OK":
            _log.error("the virus scanner could not scan", answer=answer)
            raise _away()

    def _ask(self, content: bytes) -> str:
        with Watch(ANSWER_WITHIN) as watch, self._connect() as line:
            watch.over(line)
            line.settimeout(ANSWER_WITHIN)
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            return _answer(line)


def _answer(line: socket.socket) -> str:
    """Until the zero that ends an answer; an empty one is of a scanner that went away."""
    told = b""
    while len(told) < LONGEST_ANSWER and not told.endswith(b"\0"):
        piece = line.recv(LONGEST_ANSWER)
        if not piece:
            break
        told += piece
    return told.rstrip(b"\0\n").decode("utf-8", "replace").strip()


def _way_to(address: str) -> Callable[[], socket.socket]:
    """ValueError for an address that is neither of the two."""
    told = urlsplit(address)
    if told.scheme == "tcp" and told.hostname:
        place = (told.hostname, told.port or CLAMD_PORT)
        return lambda: socket.create_connection(place, CONNECT_WITHIN)
    if told.scheme == "unix" and told.path:
        return lambda: _unix(told.path)
    raise ValueError(f"a virus scanner is at tcp://host:port or unix:/path, not {address!r}")


def _unix(path: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(CONNECT_WITHIN)
    try:
        line.connect(path)
    except OSError:
        line.close()
        raise
    return line


def _away() -> Unavailable:
    return Unavailable(
        "病毒扫描暂时没有应答，文件没有收下，请稍候再传。",
        "the virus scanner does not answer: the file was not taken, please send it again soon",
    )


def open_scanner(address: str | None) -> VirusScanner:
    return Clamd(address) if address else NoScanner()
