"""Contents of papers and letters on local disk, addressed by their SHA-256."""

import hashlib
import os
import tempfile
from pathlib import Path

from engine.domain.errors import NotFound, Unavailable


class FileStore:
    """Each content lies once, under its hash; nothing is ever overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep `content`; its SHA-256 in hexadecimal. Durable before it returns.

        Unavailable when the disk is full or fails: then nothing of it remains.
        """
        key = hashlib.sha256(content).hexdigest()
        place = self._place(key)
        if place.exists():
            return key
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, content)
        except OSError as failure:
            raise Unavailable(
                "文件暂时存不下，请稍候再试。",
                "the file cannot be stored now, please try again soon",
            ) from failure
        return key

    def get(self, key: str) -> bytes:
        """The content of a hash. NotFound when it is missing or no longer matches its hash."""
        try:
            content = self._place(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("文件不存在。", "the file is missing") from None
        if hashlib.sha256(content).hexdigest() != key:
            raise NotFound("文件内容与登记的哈希不符。", "the file does not match its hash")
        return content

    def holds(self, key: str) -> bool:
        """Whether the content of a hash is there and whole."""
        try:
            self.get(key)
        except NotFound:
            return False
        return True

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _write(place: Path, content: bytes) -> None:
    """The whole content under its name and on the disk, or nothing at all."""
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.replace(place)
        except OSError:
            part.unlink(missing_ok=True)
            raise
