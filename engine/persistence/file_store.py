"""Contents of papers and letters, addressed by their SHA-256: what every store of them keeps to."""

import hashlib
from typing import Protocol

from engine.domain.errors import NotFound, Unavailable


class FileStore(Protocol):
    """Each content lies once, under its hash; nothing is ever overwritten, or taken away but by `erase`.

    Every method: Unavailable while the store does not answer, so that "gone" is never said of what
    is only out of reach.
    """

    def put(self, content: bytes) -> str:
        """Keep `content`; its SHA-256 in hexadecimal. Durable before it returns.

        Unavailable when there is no room: then nothing of it remains.
        """
        ...

    def get(self, key: str) -> bytes:
        """The content of a hash. NotFound when it is missing or no longer matches its hash."""
        ...

    def holds(self, key: str) -> bool:
        """Whether the content of a hash is there and whole."""
        ...

    def erase(self, key: str) -> None:
        """Take a content away that no row names any more; what is gone already is not missed."""
        ...


def key_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def whole(content: bytes, key: str) -> bytes:
    """The content, when it is what its key says. NotFound when it was changed."""
    if key_of(content) != key:
        raise NotFound("文件内容与登记的哈希不符。", "the file does not match its hash")
    return content


def missing() -> NotFound:
    return NotFound("文件不存在。", "the file is missing")


def no_room() -> Unavailable:
    return Unavailable(
        "文件暂时存不下，请稍候再试。", "the file cannot be stored now, please try again soon"
    )


def out_of_reach() -> Unavailable:
    return Unavailable(
        "文件库暂时没有应答，请稍候再试。",
        "the store of files does not answer now, please try again soon",
    )
