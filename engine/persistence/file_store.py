"""Contents of papers and letters on local disk, addressed by their SHA-256."""

import hashlib
import os
import tempfile
from pathlib import Path

from engine.domain.errors import NotFound


class FileStore:
    """Each content lies once, under its hash; nothing is ever overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep `content`; its SHA-256 in hexadecimal. Durable before it returns."""
        key = hashlib.sha256(content).hexdigest()
        place = self._place(key)
        if place.exists():
            return key
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(place)
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
