"""The folder of signed roots of history: outside the database, best on a disk that only takes more.

`000001.json` is a root, `000001.json.sig` its Ed25519 signature with the public key it was made by,
`keys/` the public keys of this installation. An auditor keeps a copy of the keys elsewhere.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.domain.errors import Unavailable

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass(frozen=True, slots=True)
class Kept:
    """A root's file as it lies in the folder."""

    number: int
    content: bytes
    is_signed: bool  # by one of the trusted keys


class RootFolder:
    """Roots are added, never replaced; whoever is second with a number is refused."""

    def __init__(self, folder: Path, key: Path) -> None:
        self._folder, self._key_file = folder, key

    def newest(self) -> int:
        """The highest number; 0 when there is no root yet."""
        return max(self._numbers(), default=0)

    def read(self, number: int) -> bytes:
        return self._place(number).read_bytes()

    def add(self, number: int, content: bytes) -> None:
        """Keep and sign a root. Unavailable when the folder cannot be written or has that number."""
        try:
            key = self._key()
            self._publish(key.public_key())
            told = {
                "algorithm": "Ed25519",
                "key": _hex(key.public_key()),
                "signature": key.sign(content).hex(),
            }
            place = self._place(number)
            _write_new(place.with_name(place.name + ".sig"), json.dumps(told).encode() + b"\n")
            _write_new(place, content)
        except OSError as failure:
            raise Unavailable(
                f"历史根写不进文件夹：{failure.strerror}",
                f"the root of history cannot be written: {failure.strerror}",
            ) from failure

    def public_key(self) -> str:
        """The public key in use, hexadecimal: what an auditor writes down."""
        return _hex(self._key().public_key())

    def kept(self, trusted: frozenset[str] | None = None) -> Iterator[Kept]:
        """Every root in order. Trusted are the keys given; else those of this installation."""
        keys = self._published() if trusted is None else trusted
        for number in sorted(self._numbers()):
            content = self.read(number)
            yield Kept(number, content, _is_signed(self._signature(number), content, keys))

    def one(self, number: int) -> Kept | None:
        """A root as it lies in the folder; None when its file is not there."""
        try:
            content = self.read(number)
        except FileNotFoundError:
            return None
        return Kept(
            number, content, _is_signed(self._signature(number), content, self._published())
        )

    def _numbers(self) -> Iterator[int]:
        for path in self._folder.glob("*.json"):
            if path.stem.isdecimal():
                yield int(path.stem)

    def _place(self, number: int) -> Path:
        return self._folder / f"{number:06d}.json"

    def _signature(self, number: int) -> Any:
        place = self._place(number)
        try:
            return json.loads(place.with_name(place.name + ".sig").read_bytes())
        except (FileNotFoundError, ValueError):
            return {}

    def _key(self) -> Ed25519PrivateKey:
        """The private key of the settings; without one, a key made once beside the data."""
        if not self._key_file.exists():
            made = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            _write_new(self._key_file, made)
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{self._key_file} holds no Ed25519 key")
        return key

    def _publish(self, key: Ed25519PublicKey) -> None:
        place = self._folder / "keys" / f"{_hex(key)[:16]}.txt"
        if not place.exists():
            _write_new(place, _hex(key).encode() + b"\n")

    def _published(self) -> frozenset[str]:
        held = (self._folder / "keys").glob("*.txt")
        return frozenset(path.read_text("ascii").strip() for path in held)


def _hex(key: Ed25519PublicKey) -> str:
    told: bytes = key.public_bytes(*RAW)
    return told.hex()


def _is_signed(told: Any, content: bytes, keys: frozenset[str]) -> bool:
    if not isinstance(told, dict) or told.get("key") not in keys:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["key"]))
        key.verify(bytes.fromhex(told["signature"]), content)
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


def _write_new(place: Path, content: bytes) -> None:
    """The whole file under a name that nobody had, on the disk, for its owner alone; else FileExistsError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, place)
    finally:
        part.unlink(missing_ok=True)
