"""A small mail server on loopback that answers as a test tells it, for mail sent over SMTP."""

from __future__ import annotations

import email
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import cast

#: An answer that never comes: the line goes dead instead.
HANG_UP = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it arrived: bytes off the wire, and whether they were encrypted."""

    sender: str
    to: str
    content: bytes
    secure: bool

    def read(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)


@dataclass
class MailServer:
    """`answers`: command (MAIL, RCPT, DATA; "." is the end of the text) -> what to answer instead,
    once each, the first first. `letters`: all texts that came in whole, whatever was answered."""

    port: int = 0
    secured: ssl.SSLContext | None = None
    answers: dict[str, list[str]] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def url(self, query: str = "") -> str:
        return f"smtp://localhost:{self.port}{query}"

    def answer(self, command: str, usual: str) -> str:
        told = self.answers.get(command)
        return told.pop(0) if told else usual


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self) -> None:
        self.mail = cast("_Listener", self.server).mail
        self.secure, self.sender, self.to = False, "", ""
        self._say("220 localhost")
        while line := self.rfile.readline().decode("ascii").strip():
            command = line.split()[0].upper()
            self.mail.asked.append(command)
            if not self._obey(command, line):
                return

    def _obey(self, command: str, line: str) -> bool:
        address = line.partition("<")[2].partition(">")[0]
        if command in ("EHLO", "HELO"):
            offers = self.mail.secured is not None and not self.secure
            return self._say("250-localhost\r\n250 STARTTLS" if offers else "250 localhost")
        if command == "STARTTLS" and self.mail.secured is not None:
            return self._say("220 go ahead") and self._encrypt(self.mail.secured)
        if command == "MAIL":
            self.sender = address
        elif command == "RCPT":
            self.to = address
        elif command == "DATA":
            return self._take()
        elif command == "QUIT":
            self._say("221 bye")
            return False
        return self._say(self.mail.answer(command, "250 ok"))

    def _encrypt(self, context: ssl.SSLContext) -> bool:
        self.rfile.close()
        try:
            self.connection = context.wrap_socket(self.connection, server_side=True)
        except OSError:  # who called does not trust us
            return False
        self.rfile = self.connection.makefile("rb")
        self.secure = True
        return True

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _take(self) -> bool:
        answer = self.mail.answer("DATA", "354 go ahead")
        if not answer.startswith("354"):
            return self._say(answer)
        self._say(answer)
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        self.mail.letters.append(Letter(self.sender, self.to, b"".join(lines), self.secure))
        return self._say(self.mail.answer(".", "250 taken"))

    def _say(self, text: str) -> bool:
        if text == HANG_UP:
            return False
        self.connection.sendall(text.encode() + b"\r\n")
        return True


class _Listener(socketserver.ThreadingTCPServer):
    mail: MailServer
    daemon_threads = True


@contextmanager
def mail_server(secured: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """A server that listens until the block ends."""
    with _Listener(("127.0.0.1", 0), _Talk) as listener:
        held = MailServer(listener.server_address[1], secured)
        listener.mail = held
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield held
        finally:
            listener.shutdown()
            thread.join()
