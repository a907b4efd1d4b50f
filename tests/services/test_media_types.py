"""Which files are taken as papers."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from engine.domain.errors import Invalid
from engine.services.documents import LARGEST, media_type_of


def package(*parts: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return written.getvalue()


def workbook() -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        book.add_worksheet()
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"),
        (
            package("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
    ids=["pdf", "png", "jpeg", "docx", "xlsx"],
)
def test_a_paper_is_known_by_its_content(content: bytes, kind: str) -> None:
    assert media_type_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        "这不是 PDF".encode(),
        b"<html><script>alert(1)</script>",
        b"not at the beginning: %PDF-1.7",
        package("evil.exe"),
        b"PK\x03\x04 and nothing of a package",
        b"%PDF-" + b"0" * LARGEST,
    ],
    ids=["empty", "text", "html", "pdf in the middle", "zip", "broken zip", "too large"],
)
def test_what_only_calls_itself_a_paper_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        media_type_of(content)
    assert "file" in refusal.value.fields
