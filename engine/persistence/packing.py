"""How texts and documents of a row are packed: deflated with a dictionary of what such rows say.

A title, a legal basis or a letter's data is too short for a compressor that begins with nothing, and
every case says them again. Empty is empty; else the first byte tells how the rest is to be read:
PLAIN, or the number of the dictionary it was packed with. A dictionary is part of what is stored: it
is never edited, a new one gets the next number.
"""

import zlib
from functools import lru_cache
from importlib.resources import files

PLAIN = b"="
#: What was ever packed can be read; the last one packs.
_KNOWN = {
    number: files(__package__).joinpath(f"packing_dictionary_{number}.txt").read_bytes()
    for number in (1, 2)
}
_PRESENT = max(_KNOWN)
#: Raw deflate: a checksum and a header would be half of what is left of a title.
_WINDOW = -15
#: Copied for each text: to read the dictionary anew takes six times as long. With a small table of
#: hashes, for it is copied too.
_PREPARED = zlib.compressobj(9, zlib.DEFLATED, _WINDOW, 5, zdict=_KNOWN[_PRESENT])
#: Titles, bases and sentences return all the time: up to this length they are packed and read once.
_SHORT = 300


class Unreadable(ValueError):
    """Bytes that nobody packed: cut, changed, or of a later release."""


def pack(text: str) -> bytes:
    if not text:
        return b""
    return _pack_once(text) if len(text) < _SHORT else _pack(text)


def unpack(packed: bytes) -> str:
    """The text that was packed. Errors: Unreadable."""
    if not packed:
        return ""
    return _unpack_once(packed) if len(packed) < _SHORT else _unpack(packed)


def _pack(text: str) -> bytes:
    raw, packer = text.encode(), _PREPARED.copy()
    packed = packer.compress(raw) + packer.flush()
    return bytes((_PRESENT,)) + packed if len(packed) < len(raw) else PLAIN + raw


def _unpack(packed: bytes) -> str:
    try:
        if packed[:1] == PLAIN:
            return packed[1:].decode()
        unpacker = zlib.decompressobj(_WINDOW, zdict=_KNOWN[packed[0]])
        raw = unpacker.decompress(packed[1:])
        if not unpacker.eof or unpacker.unused_data:
            raise Unreadable("not whole")
        return raw.decode()
    except (KeyError, zlib.error, UnicodeDecodeError) as problem:
        raise Unreadable(str(problem)) from problem


_pack_once = lru_cache(maxsize=4096)(_pack)
_unpack_once = lru_cache(maxsize=4096)(_unpack)
