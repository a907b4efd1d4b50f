"""E-mail: SMTP in production, a folder of .eml files where there is no server."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, default
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from engine.exchange.hanging_up import Watch

#: Seconds for one answer of the server, and for the whole conversation about a message.
SECONDS, IN_ALL = 20.0, 60.0


class NotSent(Exception):
    """The message has certainly not gone out; it may be tried again."""


class Refused(NotSent):
    """The server will not have this message, however often it is asked (RFC 5321 §4.2.1: 5yz)."""


class Mailer(Protocol):
    #: Whether sending the same message twice leaves one.
    is_repeatable: bool

    def send(self, key: str, to: str, subject: str, text: str, at: datetime) -> None:
        """Send one message. NotSent when it has certainly not gone, Refused when trying again is of
        no use; any other error: not known."""
        ...


#: Not every server on the way carries eight bits.
SEVEN_BITS = SMTP.clone(cte_type="7bit")
PERMANENT = 500


def compose(
    key: str,
    sender: str,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    *,
    policy: "EmailPolicy[EmailMessage]" = default,
) -> EmailMessage:
    """The message; its Message-ID is made from the key, so a second copy is known as such."""
    message = EmailMessage(policy)
    message["From"], message["To"] = sender, to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2] or 'kunxin'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as its receiver would open it."""

    to: str
    subject: str
    sent: str  # as its Date says
    text: str


class MailFolder:
    """One .eml file for each message, named by its key: the same again replaces itself."""

    is_repeatable = True

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    def send(self, key: str, to: str, subject: str, text: str, at: datetime) -> None:
        message = compose(key, self._sender, to, subject, text, at)
        put_whole(self._folder / f"{key}.eml", bytes(message))

    def newest(self, limit: int) -> tuple[Mail, ...]:
        """What was sent last, the newest first."""
        found = [(path.stat().st_mtime_ns, path) for path in self._folder.glob("*.eml")]
        return tuple(_opened(path) for _, path in sorted(found, reverse=True)[:limit])


def put_whole(place: Path, content: bytes) -> None:
    """The file with all it holds, or none: NotSent, on a disk that is full or may only be read."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.stem}.part")
        part.write_bytes(content)
        part.replace(place)
    except OSError as failure:
        raise NotSent(f"{place.parent.name}: {failure.strerror}") from failure


def _opened(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    return Mail(message["To"], message["Subject"], message["Date"], message.get_content().strip())


class SmtpMailer:
    """A server named by a URL: smtps://user:password@host:465, smtp://host:587 (STARTTLS asked for).

    `smtp://host:25?tls=no` sends in the clear, for a relay on the same machine only.
    """

    is_repeatable = False

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._sender = sender
        self._host = parts.hostname or "localhost"
        self._implicit = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._implicit else 587)
        self._plain = parts.query == "tls=no"
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def send(self, key: str, to: str, subject: str, text: str, at: datetime) -> None:
        message = compose(key, self._sender, to, subject, text, at, policy=SEVEN_BITS)
        with Watch(IN_ALL) as watch:
            self._send(message, watch)

    def _send(self, message: EmailMessage, watch: Watch) -> None:
        try:
            server = self._connected(watch)
        except (OSError, smtplib.SMTPException) as problem:
            raise NotSent(_told(problem)) from problem
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            raise _refusal(refused, min(codes, default=0)) from refused
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            raise _refusal(refused, refused.smtp_code) from refused
        except smtplib.SMTPNotSupportedError as problem:  # an address that the server cannot write
            raise Refused(_told(problem)) from problem
        finally:
            server.close()

    def _connected(self, watch: Watch) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        server: smtplib.SMTP
        if self._implicit:
            server = _WatchedTLS(watch, self._host, self._port, secure)
        else:
            server = _Watched(watch, self._host, self._port)
        try:
            if not self._implicit and not self._plain:
                server.starttls(context=secure)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


class _Watched(smtplib.SMTP):
    """A conversation that is watched from its first byte on."""

    def __init__(self, watch: Watch, host: str, port: int) -> None:
        self._watch = watch
        super().__init__(host, port, timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._watch.over(line)
        return line


class _WatchedTLS(smtplib.SMTP_SSL, _Watched):
    """The same with TLS, which the library puts around the connection that the other made."""

    def __init__(self, watch: Watch, host: str, port: int, context: ssl.SSLContext) -> None:
        self._watch = watch
        smtplib.SMTP_SSL.__init__(self, host, port, timeout=SECONDS, context=context)


def _refusal(refused: smtplib.SMTPException, code: int) -> NotSent:
    return (Refused if code >= PERMANENT else NotSent)(_told(refused))


def _told(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"
