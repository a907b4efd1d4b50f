"""Columns that are stored smaller than they are read: packed texts and documents, hashes as bytes."""

from typing import Any

import orjson
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from engine.persistence.packing import Unreadable, pack, unpack

#: Stands for what cannot be read any more: the page shows it, and the hash of its line finds it.
DAMAGED = "\ufffd"


class Stored(TypeDecorator[Any]):
    """Bytes in the table; what a row says is not what SQL can look into."""

    impl = LargeBinary
    cache_ok = True

    def stored(self, value: Any) -> bytes:
        raise NotImplementedError

    def told(self, stored: bytes) -> Any:
        raise NotImplementedError

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else self.stored(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else self.told(value)


class PackedText(Stored):
    """A text, see engine/persistence/packing.py."""

    cache_ok = True

    def stored(self, value: str) -> bytes:
        return pack(value)

    def told(self, stored: bytes) -> str:
        try:
            return unpack(stored)
        except Unreadable:
            return DAMAGED + stored.hex()


class PackedDocument(Stored):
    """A JSON document, packed; None is NULL."""

    cache_ok = True

    def stored(self, value: Any) -> bytes:
        return pack(orjson.dumps(value).decode())

    def told(self, stored: bytes) -> Any:
        try:
            return orjson.loads(unpack(stored))
        except (Unreadable, orjson.JSONDecodeError):
            return {DAMAGED: stored.hex()}


class Digest(Stored):
    """A hash, read as lower-case hexadecimal."""

    cache_ok = True

    def stored(self, value: str) -> bytes:
        return bytes.fromhex(value)

    def told(self, stored: bytes) -> str:
        return stored.hex()
