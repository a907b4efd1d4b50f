"""The file store on local disk: `<folder>/<two digits>/<hash>`."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.domain.errors import NotFound
from engine.persistence.file_store import key_of, missing, no_room, out_of_reach, whole


class FolderStore:
    """A FileStore in a folder that web and workers share.

    `is_given`: somebody made it before. Where it lacks its disk is not mounted, and what would be written
    in its place would be hidden when it is.
    """

    def __init__(self, folder: Path, *, is_given: bool = False) -> None:
        self._folder, self._is_given = folder, is_given

    def make(self) -> None:
        """Make the folder, where there is none."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        key = key_of(content)
        self._must_be_there()
        place = self._place(key)
        if place.exists():
            return key
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, content)
        except OSError as failure:
            raise no_room() from failure
        return key

    def get(self, key: str) -> bytes:
        try:
            content = self._place(key).read_bytes()
        except FileNotFoundError:
            self._must_be_there()
            raise missing() from None
        except OSError as failure:
            raise out_of_reach() from failure
        return whole(content, key)

    def holds(self, key: str) -> bool:
        try:
            self.get(key)
        except NotFound:
            return False
        return True

    def erase(self, key: str) -> None:
        try:
            self._place(key).unlink(missing_ok=True)
        except OSError as failure:
            raise out_of_reach() from failure

    def keys(self) -> Iterator[str]:
        """The hashes of all that lies here, in order; half-written files are none of it."""
        for path in sorted(self._folder.glob("??/*")):
            if len(path.name) == len(key_of(b"")) and path.name.startswith(path.parent.name):
                yield path.name

    def _must_be_there(self) -> None:
        if self._is_given and not self._folder.is_dir():
            raise out_of_reach()

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
            _sync_names(place.parent)
        except OSError:
            part.unlink(missing_ok=True)
            place.unlink(missing_ok=True)
            raise


def _sync_names(folder: Path) -> None:
    """A new name is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
