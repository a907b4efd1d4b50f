"""What comes in is looked at before it is kept: bombs, pictures too large to show, viruses."""

from __future__ import annotations

import io
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.domain.errors import Invalid, Unavailable
from engine.exchange import upload_guard
from engine.exchange.upload_guard import check_upload
from engine.exchange.virus_scanner import PIECE, Clamd, NoScanner, open_scanner
from engine.services.documents import media_type_of, named_by_content
from tests.clamd_server import EICAR, running

PDF = "application/pdf"


def package(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def pdf(stream: bytes, told: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"%PDF-1.7\n1 0 obj <<" + told + b">> stream\r\n" + stream + b"\nendstream endobj\n%%EOF"


def png(width: int, height: int) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\0\0\0"
    )


def jpeg(width: int, height: int, frame: int = 0xC0) -> bytes:
    before = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9) + b"\xff\xff"
    told = struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + before + bytes([frame]) + told + b"\xff\xda" + bytes(20)


ZEROS = bytes(60 << 20)
DOCX = {"word/document.xml": b"<w/>"}
BOMBS: dict[str, Callable[[], bytes]] = {
    "docx": lambda: package(DOCX | {"word/media/image1.png": ZEROS}),
    "xlsx": lambda: package({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": ZEROS}),
    "pdf": lambda: pdf(zlib.compress(ZEROS, 9)),
    "pdf packed twice": lambda: pdf(zlib.compress(zlib.compress(ZEROS)), b"/Filter [/FlateDecode /FlateDecode]"),
    "png": lambda: png(60_000, 60_000),
    "jpeg": lambda: jpeg(60_000, 60_000),
    "jpeg, progressive": lambda: jpeg(60_000, 60_000, 0xC2),
    "parts": lambda: package(DOCX | {f"word/{number}": b"" for number in range(2_100)}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_unpacks_to_too_much_is_refused(name: str) -> None:
    content = BOMBS[name]()
    assert len(content) < 400_000
    with pytest.raises(Invalid) as refused:
        media_type_of(content)
    assert "bomb" in refused.value.english or "too much" in refused.value.english
    assert "file" in refused.value.fields


def test_a_bomb_is_never_unpacked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    walk = upload_guard._check_sizes

    def noted(pieces: Iterator[int], packed: int) -> None:
        def each() -> Iterator[int]:
            for size in pieces:
                sizes.append(size)
                yield size

        walk(each(), packed)

    monkeypatch.setattr(upload_guard, "_check_sizes", noted)
    with pytest.raises(Invalid):
        media_type_of(BOMBS["pdf"]())
    assert max(sizes) <= upload_guard.PIECE
    assert sum(sizes) < upload_guard.SMALL + 2 * upload_guard.PIECE


@pytest.mark.parametrize(
    "content",
    [
        package(DOCX | {"word/media/image1.png": bytes(1 << 20)}),
        pdf(zlib.compress(bytes(1 << 20))),
        pdf(b"no zlib at all"),
        pdf(zlib.compress(b"cut off " * 99)[:20]),
        png(4_000, 3_000),
        b"\xff\xd8\xff\xe0..JFIF",
        jpeg(6_000, 4_000),
    ],
)
def test_a_usual_paper_passes(content: bytes) -> None:
    assert media_type_of(content)


def spoilt(content: bytes, place: int, what: bytes) -> bytes:
    return content[:place] + what + content[place + len(what) :]


def test_a_package_that_cannot_be_opened_is_refused_and_no_failure() -> None:
    whole = package(DOCX | {"word/text.xml": b"some text, some more text " * 50})
    first, listed = whole.index(b"PK\x03\x04"), whole.index(b"PK\x01\x02")
    held = whole.index(b"word/text.xml") + len("word/text.xml")
    for damaged in (
        spoilt(whole, listed + 6, b"\x63\0"),  # of a version to come
        spoilt(spoilt(whole, listed + 8, b"\1"), first + 6, b"\1"),  # encrypted
        spoilt(whole, held, b"\xff" * 8),  # packed by nobody
        spoilt(whole, listed + 10, b"\x63\0"),  # in a way that nobody knows
    ):
        with pytest.raises(Invalid):
            media_type_of(damaged)


def test_a_package_that_lies_about_a_size_is_damaged() -> None:
    content = bytearray(package(DOCX | {"word/big.xml": bytes(1 << 20)}))
    told = struct.pack("<I", 1 << 20)
    while (place := content.find(told)) >= 0:
        content[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(Invalid, match="已损坏"):
        check_upload(bytes(content), "application/zip")


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("身份证.PDF", PDF, "身份证.PDF"),
        ("page.html", PDF, "page.html.pdf"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("photo", "image/png", "photo.png"),
    ],
)
def test_a_name_ends_as_its_content_is_opened(name: str, kind: str, kept: str) -> None:
    assert named_by_content(name, kind) == kept


# ── viruses ─────────────────────────────────────────────────────────────────────────────────────


def test_a_clean_file_passes_and_was_sent_whole() -> None:
    content = bytes(range(256)) * (PIECE // 128)
    with running() as (address, seen):
        open_scanner(address).scan(content)
    assert seen == [content]


def test_an_infected_file_is_refused_with_a_sentence() -> None:
    with running() as (address, _), pytest.raises(Invalid, match="病毒扫描") as refused:
        open_scanner(address).scan(b"%PDF-1.7 " + EICAR)
    assert "file" in refused.value.fields


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK but not quite\0"]
)
def test_what_a_scanner_cannot_say_is_no_leave(answer: bytes) -> None:
    with running(answer or b"\0") as (address, _), pytest.raises(Unavailable, match="稍候再传"):
        Clamd(address).scan(b"%PDF-1.7")


def test_a_scanner_that_is_away_lets_nothing_in(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        for address in (nobody, f"unix:{tmp_path}/none"):
            with pytest.raises(Unavailable):
                Clamd(address).scan(b"%PDF-1.7")


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    assert isinstance(open_scanner(None), NoScanner)
    for address in ("127.0.0.1:3310", "http://127.0.0.1:3310", "unix:", "tcp://"):
        with pytest.raises(ValueError, match="virus scanner"):
            open_scanner(address)
