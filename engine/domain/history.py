"""The chain of a case's history: each line is hashed together with the hash of the one before."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def chain(previous_hash: str, line: Mapping[str, Any]) -> str:
    """SHA-256, hexadecimal, over the previous hash and the line in canonical JSON (RFC 8785)."""
    return hashlib.sha256(previous_hash.encode() + rfc8785.dumps(dict(line))).hexdigest()
