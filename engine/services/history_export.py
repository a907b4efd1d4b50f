"""The history as lines of JSON that somebody without Kunxin can check: deploy/verify_history.py."""

from collections.abc import Iterator
from typing import Any

from engine.domain.history import Head, ends, hashed_part, payload_of
from engine.persistence import models
from engine.services.history_check import histories
from engine.services.office import Office

KIND = "kunxin history export"
FORMAT = 1


def export(office: Office, number: str | None = None) -> Iterator[dict[str, Any]]:
    """A document that says what this is, then each case followed by its lines in order.

    `line` is what the hashes cover; `payload` and `salt` are what its commitment covers.
    """
    yield {"kind": KIND, "format": FORMAT, "made_at": office.real_now().isoformat(), "only": number}
    for case, lines in histories(office, number):
        yield {
            "case": case.number,
            "count": case.event_count,
            "sha256": case.event_hash,
            "sm3": case.event_sm3.hex(),
        }
        for line, end in zip(lines, ends(case.number, lines), strict=True):
            yield _told(case.number, line, end)


def _told(number: str, line: models.Event, end: Head) -> dict[str, Any]:
    told: dict[str, Any] = {
        "line": hashed_part(number, line),
        "sha256": line.hash,
        "sm3": end.sm3.hex(),
        "erased": line.is_erased,
    }
    if line.format > 1 and not line.is_erased:
        told["payload"] = payload_of(line)
        told["salt"] = (line.salt or b"").hex()
    return told
