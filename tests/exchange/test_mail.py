"""Mail over SMTP, spoken with a real server on loopback: what arrives, and what a refusal means."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from os import utime
from pathlib import Path

import pytest

from engine.exchange.mail import MailFolder, NotSent, Refused, SmtpMailer, compose
from tests.conftest import IN_CI
from tests.mail_server import HANG_UP, MailServer, mail_server

AT = datetime(2020, 3, 2, 1, tzinfo=UTC)
SUBJECT = "昆信：办理期限已延长到2020年3月23日，请登录查看《延长办理时限告知书》全文"
TEXT = "您好，\n\n.开头的一行也要原样到达。\n请登录查看：http://example.org/notices/1\n"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as held:
        yield held


def send(
    server: MailServer, query: str = "?tls=no", to: str = "firm@example.org", text: str = TEXT
) -> None:
    SmtpMailer(server.url(query), "office@example.org").send("k1", to, SUBJECT, text, AT)


@pytest.mark.parametrize("text", [TEXT, TEXT + "长" * 900])
def test_chinese_arrives_as_it_was_written_over_a_wire_of_seven_bits(
    server: MailServer, text: str
) -> None:
    send(server, text=text)
    (letter,) = server.letters
    assert letter.content.isascii()
    read = letter.read()
    assert read["Subject"] == SUBJECT
    assert read.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert (letter.sender, letter.to) == ("office@example.org", "firm@example.org")
    assert (read["From"], read["To"]) == (letter.sender, letter.to)
    assert read["Message-ID"] == "<k1@example.org>"
    assert read["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_a_refusal_for_now_may_be_tried_again(server: MailServer, command: str) -> None:
    server.answers[command] = ["451 come again later"]
    with pytest.raises(NotSent) as refusal:
        send(server)
    assert not isinstance(refusal.value, Refused)
    assert "451" in str(refusal.value)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_a_refusal_for_good_is_told_as_one(server: MailServer, command: str) -> None:
    server.answers[command] = ["550 no such person"]
    with pytest.raises(Refused, match="550"):
        send(server)


def test_an_address_that_the_server_cannot_write_is_refused_before_anything_goes_out(
    server: MailServer,
) -> None:
    with pytest.raises(Refused):
        send(server, to="企业@example.org")
    assert server.letters == []


def test_an_answer_lost_after_the_text_is_neither_sent_nor_not_sent(server: MailServer) -> None:
    server.answers["."] = [HANG_UP]
    with pytest.raises(Exception) as lost:  # noqa: PT011 - what it is not is what counts
        send(server)
    assert not isinstance(lost.value, NotSent)
    assert len(server.letters) == 1


def test_nobody_listening_is_not_sent(server: MailServer) -> None:
    with mail_server() as gone:
        pass
    with pytest.raises(NotSent):
        send(gone)


def test_without_encryption_nothing_is_sent_unless_the_address_says_so(server: MailServer) -> None:
    with pytest.raises(NotSent):
        send(server, query="")
    assert "MAIL" not in server.asked


# ── STARTTLS ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that signs itself, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        said = "no openssl to make a certificate with: apt-get install openssl"
        (pytest.fail if IN_CI else pytest.skip)(said)
    held, key = tmp_path / "server.pem", tmp_path / "key.pem"
    asked = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    asked += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(held)]
    subprocess.run([openssl, *asked], check=True, capture_output=True)
    with held.open("ab") as out:
        out.write(key.read_bytes())
    return held


@pytest.fixture
def secured(certificate: Path) -> Iterator[MailServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with mail_server(context) as held:
        yield held


def test_a_server_that_is_trusted_gets_it_encrypted(
    secured: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send(secured, query="")
    (letter,) = secured.letters
    assert letter.secure
    assert letter.read()["Subject"] == SUBJECT


def test_a_server_that_nobody_vouches_for_gets_nothing(secured: MailServer) -> None:
    with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        send(secured, query="")
    assert secured.letters == []


def test_a_folder_of_mail_is_read_the_newest_first(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path, "kunxin@example.org")
    assert folder.newest(5) == ()
    for number, subject in enumerate(("今天：到期 1", "办件已受理", "办件临近到期")):
        folder.send(f"{number:x}", f"p{number}@example.org", subject, "登录查看。", AT)
        utime(tmp_path / f"{number:x}.eml", (number, number))
    assert [(one.to, one.subject, one.text) for one in folder.newest(2)] == [
        ("p2@example.org", "办件临近到期", "登录查看。"),
        ("p1@example.org", "办件已受理", "登录查看。"),
    ]


def test_a_subject_over_several_lines_writes_no_header() -> None:
    made = compose("k", "a@city.example", "b@city.example", "一\r\nBcc: c@d.example\n二", "t", AT)
    assert made["Subject"] == "一 Bcc: c@d.example 二"
    assert made["Bcc"] is None
    with pytest.raises(ValueError, match="Header values"):
        compose("k", "a@city.example", "b@city.example\nBcc: c@d.example", "s", "t", AT)
