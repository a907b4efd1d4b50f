"""A process of its own that sets one source after another, and may be ended in the middle of any.

Run by its path with nothing but the standard library and the typesetter: begun in a moment, holding nothing
of the office. What a template does with loops and repetitions ends it, and nobody else.
"""

import json
import resource
import signal
import struct
import sys
import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import typst

#: Length of what follows, in bytes; before an answer one byte says what it is.
LENGTH = struct.Struct(">Q")
PDF, FAULT = b"+", b"-"


def read(pipe: BinaryIO) -> bytes:
    """One message; b"" when nobody is there any more."""
    head = pipe.read(LENGTH.size)
    return pipe.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


@lru_cache(maxsize=2)
def _fonts(*folders: str) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[Path(each) for each in folders],
    )


def _compile(asked: dict[str, Any]) -> bytes:
    files = {name: text.encode("latin-1") for name, text in asked["files"].items()}
    # An empty root, because the compiler looks on the disk for what it is not given.
    with tempfile.TemporaryDirectory() as nothing:
        compiler = typst.Compiler(  # type: ignore[type-var]  # taken, though its stub says no
            files,
            root=nothing,
            font_paths=_fonts(*asked["fonts"]),
            sys_inputs={"letter": asked["handed"]},
        )
        # For the archive and for screen readers; both standards refuse a character no font draws.
        pdf = compiler.compile(
            format="pdf",
            timestamp=datetime.fromisoformat(asked["moment"]),
            pdf_standards=["a-2a", "ua-1"],
        )
    if not isinstance(pdf, bytes):
        raise TypeError("the typesetter gave no single file")
    return pdf


def _allow(seconds: int) -> None:
    """So much time of the processor for what comes now; over it, the system ends this process."""
    told = resource.getrusage(resource.RUSAGE_SELF)
    used = int(told.ru_utime + told.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))


def main(most_bytes: int) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):  # it ends with whoever asks it
        signal.signal(each, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while message := read(sys.stdin.buffer):
        asked = json.loads(message)
        _allow(asked["seconds"])
        try:
            mark, told = PDF, _compile(asked)
        except (typst.TypstError, TypeError, ValueError) as wrong:
            mark, told = FAULT, str(getattr(wrong, "message", wrong)).encode()
        sys.stdout.buffer.write(mark + LENGTH.pack(len(told)) + told)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
