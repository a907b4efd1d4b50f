"""The chain of a case's history: each line is hashed together with the hashes of the one before.

Two chains run side by side, SHA-256 and SM3 (GB/T 32905), over canonical JSON (RFC 8785). Names,
answers and texts are a line's payload: the chains cover a salted commitment of it. When the law
wants it erased, salt and payload go, and the chains still hold. Lines of format 1, written before
there were commitments, are covered whole and by SHA-256 alone.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes

from engine.domain.canonical_json import canonical
from engine.domain.words import Words

FORMAT = 2
SALT = 16  # bytes
#: The kind of the line that says which lines before it were erased: changes["through"].
ERASED = "history_erased"


class Line(Protocol):
    """A line as it is stored. `salt` and `commitment` are empty in format 1; `commitment` also as long
    as what it commits to is there. `sm3` is held by lines of earlier releases alone: it follows from
    the lines up to there, and the case's row and the roots hold where that chain ends."""

    sequence: int
    at: datetime
    actor: str
    actor_name: str
    department: str | None
    kind: str
    element_id: str | None
    title: str
    title_en: str
    detail: str
    changes: dict[str, Any]
    hash: str
    format: int
    salt: bytes | None
    commitment: bytes
    sm3: bytes
    is_erased: bool


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: how many lines, and the hashes of the last."""

    count: int = 0
    sha256: str = ""
    sm3: bytes = b""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that is not as it was written."""

    sequence: int
    words: Words


def chain(previous_hash: str, line: Mapping[str, Any]) -> str:
    """SHA-256, hexadecimal, over the previous hash and the line in canonical JSON (RFC 8785)."""
    return hashlib.sha256(previous_hash.encode() + canonical(dict(line))).hexdigest()


def sm3(content: bytes) -> bytes:
    """32 bytes. Source: GB/T 32905-2016."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    finished: bytes = digest.finalize()
    return finished


def payload_of(line: Line) -> dict[str, Any]:
    """What a line says of people and may once have to be erased."""
    return {"actor_name": line.actor_name, "detail": line.detail, "changes": line.changes}


def commit_to(payload: Mapping[str, Any], salt: bytes) -> bytes:
    """64 bytes, SHA-256 and SM3, that tell nothing of the payload to who has not the salt."""
    content = salt + canonical(dict(payload))
    return hashlib.sha256(content).digest() + sm3(content)


def commitment_of(line: Line) -> bytes:
    """What the chains cover of the payload: as stored, or made anew of what is there."""
    return line.commitment or commit_to(payload_of(line), line.salt or b"")


def hashed_part(number: str, line: Line) -> dict[str, Any]:
    """What the hashes of a line cover; `number` is the case's."""
    told: dict[str, Any] = {
        "case": number,
        "sequence": line.sequence,
        "at": line.at.astimezone(UTC).isoformat(),  # as it comes back from the tables
        "actor": line.actor,
        "kind": line.kind,
        "element": line.element_id,
        "title": line.title,
    }
    if line.format == 1:
        return told | {"detail": line.detail, "changes": line.changes}
    return told | {
        "format": line.format,
        "department": line.department,
        "title_en": line.title_en,
        "payload": commitment_of(line).hex(),
    }


def link(number: str, line: Line, before: Head) -> Head:
    """The end of the chain with this line, whose commitment stands, after `before`."""
    written = canonical(hashed_part(number, line))
    sha256 = hashlib.sha256(before.sha256.encode() + written).hexdigest()
    if line.format == 1:
        return Head(line.sequence, sha256)
    return Head(line.sequence, sha256, sm3(before.sm3.hex().encode() + written))


def seal(number: str, line: Line, before: Head, salt: bytes) -> Head:
    """Write salt and hashes into a new line; the end of the chain with it. `salt`: random."""
    line.format, line.is_erased, line.salt = FORMAT, False, salt
    line.commitment = b""
    head = link(number, line, before)
    line.hash, line.sm3 = head.sha256, b""
    return head


def ends(number: str, lines: Iterable[Line]) -> Iterator[Head]:
    """Where the chains end with each line, as it is told: what a line does not hold is computed."""
    before = Head()
    for line in lines:
        third = line.sm3 or _end(number, line, before).sm3
        before = Head(line.sequence, line.hash, third)
        yield before


def _end(number: str, line: Line, before: Head) -> Head:
    # nothing is left of an erased line of format 1 to compute its hash from
    if line.is_erased and line.format == 1:
        return Head(line.sequence, line.hash)
    return link(number, line, before)


def first_broken(number: str, lines: Sequence[Line], end: Head) -> Broken | None:
    """The first bad or missing line of a case whose row says that its history ends at `end`."""
    head = Head()
    for line in lines:
        made = _end(number, line, head)
        if words := _broken(line, head, made):
            return Broken(head.count + 1, words)
        head = made
    if head != end:
        return Broken(head.count + 1, Words("末尾被截断", "the tail is cut off"))
    return _erased_in_silence(lines)


def _broken(line: Line, before: Head, made: Head) -> Words | None:
    if line.sequence != before.count + 1:
        return Words("缺一行", "a line is missing")
    if made.sha256 != line.hash or line.sm3 not in (b"", made.sm3):
        return Words("内容与哈希不符", "the line does not match its hash")
    if line.is_erased or not line.commitment:
        return None
    if commit_to(payload_of(line), line.salt or b"") != line.commitment:
        return Words("文字与承诺值不符", "the text does not match its commitment")
    return None


def _erased_in_silence(lines: Sequence[Line]) -> Broken | None:
    """A line that was erased though no later line tells of it."""
    told = max((line.changes["through"] for line in lines if line.kind == ERASED), default=0)
    silent = (line.sequence for line in lines if line.is_erased and line.sequence > told)
    if (found := next(silent, None)) is None:
        return None
    return Broken(found, Words("内容被清除而没有记录", "erased, and no line says so"))
