"""The list of breached passwords kept at the office: looked up where it lies, nothing is asked outside."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: `SHA1:COUNT`, as the list is downloaded whole, ordered by hash; some tools end lines as Windows does.
_LINE = re.compile(rb"([0-9A-Fa-f]{40}):\d{1,12}\r?")
#: Bytes that hold any line whole, wherever within the one before it is begun.
_BLOCK = 128
#: Places looked at when the office is opened: each must hold a line, each a later hash than the one before.
LOOKED_AT = 1000
#: Bytes read at once when the whole list is gone through.
_STRIDE = 1 << 24


class ListBroken(ValueError):
    """The file is not the list that it should be; the message says where."""


@dataclass(frozen=True, slots=True)
class BreachedPasswords:
    """A file, opened for each question: a newer one may be put in its place while the office works."""

    path: Path

    def check(self) -> None:
        """A look at so many places of it. Errors: OSError, ListBroken."""
        with _opened(self.path) as (file, size):
            before = b""
            for step in range(LOOKED_AT + 1):
                at = _tail(size) if step == LOOKED_AT else size * step // LOOKED_AT
                found = _line_after(file, at)
                if found is None:
                    break
                if found < before:
                    raise ListBroken(f"not ordered by hash at byte {at}")
                before = found

    def holds(self, password: str) -> bool:
        """Whether it has been breached somewhere. Errors: OSError, ListBroken where it is met."""
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        with _opened(self.path) as (file, size):
            low, high = 0, size
            while low < high:
                middle = (low + high) // 2
                found = _line_after(file, middle)
                if found is None or found >= wanted:
                    high = middle
                else:
                    low = middle + 1
            return _line_after(file, low) == wanted

    def read_whole(self) -> int:
        """How many passwords it holds, every line looked at. Errors: OSError, ListBroken."""
        count, before = 0, b""
        for count, line in enumerate(self._lines(), 1):
            if (found := _hash_of(line, f"line {count}")) <= before:
                raise ListBroken(f"not ordered by hash at line {count}")
            before = found
        return count

    def _lines(self) -> Iterator[bytes]:
        with _opened(self.path) as (file, _):
            rest, at = b"", 0
            while block := os.pread(file, _STRIDE, at):
                *lines, rest = (rest + block).split(b"\n")
                if len(rest) > _BLOCK:
                    raise ListBroken(f"no line ends near byte {at}")
                yield from lines
                at += len(block)
            if rest:
                yield rest


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, int]]:
    """The file and its size in bytes."""
    file = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(file).st_size
        if _line_after(file, 0) is None:
            raise ListBroken("it is empty")
        yield file, size
    finally:
        os.close(file)


def _tail(size: int) -> int:
    """Where the last line surely begins later: half a block before the end."""
    return max(size - _BLOCK // 2, 0)


def _line_after(file: int, at: int) -> bytes | None:
    """Hash of the first line that begins at `at` or later; None after the last."""
    begun = max(at - 1, 0)
    block = os.pread(file, _BLOCK, begun)
    if at > 0:
        before, found, block = block.partition(b"\n")
        if not found:
            if len(before) == _BLOCK:
                raise ListBroken(f"no line ends near byte {at}")
            return None
    line, _, _ = block.partition(b"\n")
    return _hash_of(line, f"byte {at}") if line else None


def _hash_of(line: bytes, where: str) -> bytes:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ListBroken(f"no SHA-1 hash and count at {where}")
    return found[1].upper()
