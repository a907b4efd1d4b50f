"""What a change of the calendar leaves on record: a line in each ledger, one in each case's history."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from os import urandom
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.calendar_recount import End
from engine.domain.history import SALT, Head, seal
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import among, insert_rows, update_rows
from engine.persistence.declarative import table_of
from engine.services.calendar_editions import Edition
from engine.services.calendar_moves import Move, Moves

#: The kind of a case's line.
KIND = "calendar_changed"
TITLE = Words("工作日历变更，期限重新计算", "the calendar was changed; limits counted anew")


def pairs(session: Session, asked: Any) -> dict[UUID, Any]:
    return {row[0]: row[1] for row in session.execute(asked)}


def note(session: Session, found: Moves, edition: Edition, now: datetime) -> Mapping[UUID, UUID]:
    """An entry in the ledger of each clock that moved, and a line in the history of each case.

    The entry of each clock, by the clock's id.
    """
    ids = found.case_ids
    entry = models.ClockEntry
    last = select(entry.case_id, func.max(entry.sequence)).where(among(session, entry.case_id, ids))
    sequences = pairs(session, last.group_by(entry.case_id))
    entries = []
    for move in found.clocks:
        sequences[move.case_id] += 1
        entries.append(_entry(move, sequences[move.case_id], edition, now))
    insert_rows(session, table_of(entry), entries)
    by_case: dict[UUID, list[Move]] = {case_id: [] for case_id in found.cases}
    for move in found:
        by_case.setdefault(move.case_id, []).append(move)
    _write_history(session, by_case, found.cases, edition, now)
    return {row["clock_id"]: row["id"] for row in entries}


def _entry(move: Move, sequence: int, edition: Edition, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "clock_id": move.id,
        "case_id": move.case_id,
        "sequence": sequence,
        "kind": "recount",
        "effective_at": now,
        "recorded_at": now,
        "basis": edition.document,
        "document": edition.document,
        "actor": edition.actor_name,
        "reason": edition.reason,
        "amount": 0,
        "due_before": move.before,
        "due_after": move.to,
        "names_day": False,
        "ground": "",
        "voids": 0,
    }


def _write_history(
    session: Session,
    by_case: Mapping[UUID, list[Move]],
    ends: Mapping[UUID, End],
    edition: Edition,
    now: datetime,
) -> None:
    """The line of each case, and what its row shows: written in one go, for each row is wide."""
    events, cases = [], []
    for head in _heads(session, by_case):
        row = _line(head.id, head.event_count + 1, by_case[head.id], edition, now)
        line: Any = SimpleNamespace(**row)
        before = Head(head.event_count, head.event_hash, head.event_sm3)
        sealed = seal(head.number, line, before, urandom(SALT))
        events.append(vars(line))
        end = ends.get(head.id, head)
        cases.append(
            {
                "id": head.id,
                "event_count": head.event_count + 1,
                "event_hash": sealed.sha256,
                "event_sm3": sealed.sm3,
                "due_at": end.due_at,
                "warn_at": end.warn_at,
                "statutory_due_at": end.statutory_due_at,
            }
        )
    insert_rows(session, table_of(models.Event), events)
    update_rows(session, table_of(models.Case), cases)


def _heads(session: Session, case_ids: Collection[UUID]) -> Any:
    """Where the chain of each case ends, and the ends that its row shows."""
    case = models.Case
    return session.execute(
        select(
            case.id,
            case.number,
            case.event_count,
            case.event_hash,
            case.event_sm3,
            case.due_at,
            case.warn_at,
            case.statutory_due_at,
        ).where(among(session, case.id, case_ids))
    )


def _line(
    case_id: UUID, sequence: int, moved: Sequence[Move], edition: Edition, now: datetime
) -> dict[str, Any]:
    by_law = sorted(move.key for move in moved if move.is_by_law)
    return {
        "case_id": case_id,
        "sequence": sequence,
        "at": now.astimezone(UTC),
        "actor": edition.username,
        "actor_name": edition.actor_name,
        "department": None,
        "kind": KIND,
        "element_id": None,
        "title": TITLE.zh,
        "title_en": TITLE.en,
        "detail": f"{edition.document} {edition.reason}".strip(),
        "changes": {
            "edition": edition.number,
            "moved": {
                move.key or move.element[1]: [
                    move.before.isoformat(),
                    move.to.isoformat(),
                ]
                for move in moved
                if move.kind in ("clock", "task")
            },
            **({"by_law": by_law} if by_law else {}),
        },
    }
