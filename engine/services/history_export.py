"""The history as lines of JSON that somebody without Kunxin can check: deploy/verify_history.py."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from engine.domain.errors import NotFound
from engine.domain.history import Head, ends, hashed_part, payload_of
from engine.persistence import models
from engine.services.history_check import histories
from engine.services.office import Office

KIND = "kunxin history export"
FORMAT = 1


def export(office: Office, number: str | None = None) -> Iterator[dict[str, Any]]:
    """A document that says what this is, then each case followed by its lines in order.

    `line` is what the hashes cover; `payload` and `salt` are what its commitment covers.

    Errors: NotFound for a number that no case has, before anything is written.
    """
    if number is not None:
        _must_exist(office, number)
    return _lines(office, number)


def _lines(office: Office, number: str | None) -> Iterator[dict[str, Any]]:
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


def _must_exist(office: Office, number: str) -> None:
    """NotFound: a file without a line would say that the case has no history."""
    case = models.Case
    with office.uow.read() as session:
        if session.scalar(select(case.id).where(case.number == number)) is None:
            raise NotFound("没有这个办件。", "there is no such case")


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
