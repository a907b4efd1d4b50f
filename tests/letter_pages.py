"""Letters as pages: what a reader would be ashamed of, and the code that a telephone reads."""

from __future__ import annotations

import re
import struct
from typing import Any
from zlib import compress, crc32

import pypdfium2
import zxingcpp

#: Longer than this no letter here is.
MOST_PAGES = 4
#: Points from the edge of the sheet within which nothing is printed.
MARGIN = 28
#: What is left of a sentence whose datum was missing, and what no reader should see.
GAPS = re.compile(
    r"〓|\bnone\b|\bNone\b|undefined|\{\w*\}|未编号|（）|《》|“”|，，|。。|、。|，。|；。|：。|自起|于前|编号，|案号）"
)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without white space."""
    document: Any = pypdfium2.PdfDocument(pdf)
    try:
        return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def flaws(pdf: bytes) -> list[str]:
    """Gaps in sentences, text at the edge of the sheet, pages too many or without a text."""
    told = pages(pdf)
    found = [
        f"{match[0]!r} in …{text[max(match.start() - 12, 0) : match.end() + 6]}…"
        for text in told
        for match in GAPS.finditer(text)
    ]
    if len(told) > MOST_PAGES:
        found.append(f"{len(told)} pages")
    found += [f"page {n} says next to nothing" for n, text in enumerate(told, 1) if len(text) < 60]
    return found + _at_the_edge(pdf)


def _at_the_edge(pdf: bytes) -> list[str]:
    document: Any = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for number, page in enumerate(document, 1):
            width, height = page.get_size()
            text = page.get_textpage()
            for place in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(place)
                inside = left >= MARGIN and right <= width - MARGIN
                inside = inside and bottom >= MARGIN / 2 and top <= height - MARGIN / 2
                if right > left and not inside:
                    found.append(f"page {number}: text at {left:.0f}–{right:.0f}, {bottom:.0f}")
                    break
        return found
    finally:
        document.close()


def drawn(pdf: bytes, *, scale: float) -> list[memoryview]:
    """Each page in shades of grey: rows of bytes."""
    document: Any = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for page in document:
            image = page.render(scale=scale, grayscale=True)
            rows = bytes(image.buffer)
            kept = b"".join(
                rows[row * image.stride : row * image.stride + image.width]
                for row in range(image.height)
            )
            found.append(memoryview(kept).cast("B", (image.height, image.width)))
        return found
    finally:
        document.close()


def code_on(pdf: bytes) -> str:
    """The address in the QR code of the first page, as a telephone reads it off the print."""
    (found,) = zxingcpp.read_barcodes(drawn(pdf, scale=3.0)[0])
    return str(found.text)


def png(page: memoryview) -> bytes:
    """A page as a PNG file."""
    height, width = page.shape or (0, 0)
    flat = page.tobytes()
    lines = b"".join(b"\0" + flat[row * width : (row + 1) * width] for row in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", compress(lines)) + chunk(b"IEND", b"")
