"""What a paper must pass before it is kept: nothing in it may burst who opens it.

A file of some kilobytes can unpack to gigabytes. We never open papers, but officers do; so each is
unpacked once, in small pieces and thrown away, and refused as soon as it is too much.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.exchange.broken_zip import BROKEN

MIB = 1 << 20
#: Bytes of a file unpacked; how many times its own size, where it is more than SMALL; parts of a package.
MOST_UNPACKED, MOST_TIMES, SMALL, MOST_PARTS = 300 * MIB, 100, 20 * MIB, 2_000
#: Points of a picture: each takes four bytes where it is shown.
MOST_POINTS = 100_000_000
PIECE = 1 << 16

_STREAM = re.compile(rb"stream\r?\n")
#: A stream packed twice multiplies a thousand by a thousand; no program writes that.
_TWICE = re.compile(rb"/(?:FlateDecode|Fl)\s*/(?:FlateDecode|Fl)\b")


#: Marks of JPEG: frames of every way of packing; what stands without a length; what only fills.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
_START_OF_SCAN, _FILL = 0xDA, 0xFF


def check_upload(content: bytes, media_type: str) -> None:
    """Errors: Invalid, for a file that is damaged or unpacks to too much."""
    if media_type == "application/pdf":
        _check_sizes(_pdf_pieces(content), len(content))
    elif media_type == "image/png":
        _check_picture(content)
    elif media_type == "image/jpeg":
        _check_photograph(content)
    elif content.startswith(b"PK"):
        _check_package(content)


def _check_package(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if len(package.infolist()) > MOST_PARTS:
                raise _too_large()
            _check_sizes(_package_pieces(package), len(content))
    except BROKEN as damage:
        raise _refused("文件已损坏或加了密。", "the file is damaged or encrypted") from damage


def _package_pieces(package: zipfile.ZipFile) -> Iterator[int]:
    """Sizes as they are, whatever the package says of itself: a part that states less is damaged."""
    for info in package.infolist():
        with package.open(info) as part:
            while piece := part.read(PIECE):
                yield len(piece)


def _pdf_pieces(content: bytes) -> Iterator[int]:
    if _TWICE.search(content):
        raise _too_large()
    for found in _STREAM.finditer(content):
        yield from _inflated(content, found.end())


def _inflated(content: bytes, start: int) -> Iterator[int]:
    """Sizes of the pieces to which a packed stream unpacks; none where it is packed otherwise."""
    reader, waiting = zlib.decompressobj(), content[start : start + PIECE]
    place = start + len(waiting)
    while waiting and not reader.eof:
        try:
            piece = reader.decompress(waiting, PIECE)
        except zlib.error:
            return
        yield len(piece)
        waiting = reader.unconsumed_tail
        if not waiting:
            waiting = content[place : place + PIECE]
            place += len(waiting)


def _check_sizes(pieces: Iterator[int], packed: int) -> None:
    total = 0
    for size in pieces:
        total += size
        if total > MOST_UNPACKED or (total > SMALL and total > packed * MOST_TIMES):
            raise _too_large()


def _check_picture(content: bytes) -> None:
    """Source: PNG (ISO/IEC 15948), the first chunk is IHDR with width and height. A picture without
    is shown by nobody."""
    if content[12:16] == b"IHDR" and len(content) >= 24:
        _check_points(*struct.unpack(">II", content[16:24]))


def _check_photograph(content: bytes) -> None:
    for kind, place in _segments(content):
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            _check_points(width, height)


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """The marks before the picture itself, and where each stands.

    Source: JPEG (ISO/IEC 10918-1, B.1 and B.2). Any number of 0xFF fills up before a mark, a segment
    tells its length. What goes on otherwise is shown by nobody.
    """
    place = 2
    while content[place : place + 1] == b"\xff" and place + 9 <= len(content):
        kind = content[place + 1]
        if kind == _START_OF_SCAN:
            return
        if kind == _FILL:
            place += 1
            continue
        yield kind, place
        place += 2
        if kind not in _WITHOUT_LENGTH:
            place += int.from_bytes(content[place : place + 2])


def _check_points(width: int, height: int) -> None:
    if width * height > MOST_POINTS:
        raise _too_large()


def _too_large() -> Invalid:
    return _refused(
        "文件解开后过大，疑为压缩炸弹，没有收下。", "the file unpacks to too much and was not taken"
    )


def _refused(zh: str, en: str) -> Invalid:
    return Invalid(zh, en, fields={"file": Words(zh, en)})
