"""A root of history: what every case's chain had come to on a day, kept outside the database.

A root names the heads that grew since the one before, and holds its hashes: all roots together
say how many lines each case must have, and which. They are signed, so that who can write the
tables cannot write new roots.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.domain.canonical_json import canonical
from engine.domain.history import Head, sm3
from engine.domain.words import Words

KIND = "kunxin history root"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Root:
    """One root. `heads`: (case number, end of its chain), only those that grew since the last."""

    number: int
    day: date
    made_at: datetime
    previous: str  # SHA-256 of the file before, hexadecimal; empty for the first
    cases: int
    lines: int
    heads: Sequence[tuple[str, Head]]

    def written(self) -> bytes:
        """The bytes of its file, which are hashed and signed."""
        return canonical(
            {
                "kind": KIND,
                "format": FORMAT,
                "number": self.number,
                "day": self.day.isoformat(),
                "made_at": self.made_at.isoformat(),
                "previous": self.previous,
                "cases": self.cases,
                "lines": self.lines,
                "heads": [
                    [case, head.count, head.sha256, head.sm3.hex()] for case, head in self.heads
                ],
            }
        )


def read_root(told: Mapping[str, Any]) -> Root:
    """A root of its document. Errors: KeyError, ValueError, TypeError when it is none."""
    if told["kind"] != KIND or told["format"] != FORMAT:
        raise ValueError("no root of history")
    return Root(
        int(told["number"]),
        date.fromisoformat(told["day"]),
        datetime.fromisoformat(told["made_at"]),
        told["previous"],
        int(told["cases"]),
        int(told["lines"]),
        [
            (case, Head(int(count), sha256, bytes.fromhex(third)))
            for case, count, sha256, third in told["heads"]
        ],
    )


def digests(written: bytes) -> tuple[str, str]:
    """SHA-256 and SM3 of a root's file, hexadecimal."""
    return hashlib.sha256(written).hexdigest(), sm3(written).hex()


@dataclass(frozen=True, slots=True)
class Named:
    """Which root named a head last."""

    root: int
    day: date
    head: Head


@dataclass(slots=True)
class Roll:
    """What all roots together say of each case, read in their order."""

    heads: dict[str, Named] = field(default_factory=dict)
    lines: int = 0

    def take(self, root: Root) -> Iterator[Words]:
        """Add a root; what of it contradicts those before."""
        for case, head in root.heads:
            known = self.heads.get(case)
            before = known.head.count if known else 0
            if head.count <= before:
                yield Words(
                    f"办件 {case} 的历史从 {before} 行变为 {head.count} 行",
                    f"the history of case {case} went from {before} lines to {head.count}",
                )
            self.lines += head.count - before
            self.heads[case] = Named(root.number, root.day, head)
        if (len(self.heads), self.lines) != (root.cases, root.lines):
            yield Words(
                f"应有 {root.cases} 件 {root.lines} 行，各根合计 {len(self.heads)} 件 {self.lines} 行",
                f"it counts {root.cases} cases and {root.lines} lines, the roots together "
                f"{len(self.heads)} and {self.lines}",
            )
