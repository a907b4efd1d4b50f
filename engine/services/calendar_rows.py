"""Rows that a change of the calendar can move: which are looked at, and how their ledgers are read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, literal, select, true
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.clock import Budget, ClockEntry, EntryKind, Unit
from engine.persistence import models
from engine.persistence.bulk import among


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows can move: those of these cases (all when None) that end on or after a day."""

    since: date
    case_ids: Sequence[UUID] | None = None

    def holds(self, session: Session, column: Any) -> ColumnElement[bool]:
        return true() if self.case_ids is None else among(session, column, self.case_ids)

    def bound(self, calendar: Calendar) -> datetime:
        return datetime.combine(self.since, time(), calendar.zone)


def entries_of(session: Session, chosen: Sequence[ColumnElement[bool]]) -> Mapping[UUID, list[Any]]:
    """The rows of each clock's ledger, in the order in which they were made."""
    entry, clock = models.ClockEntry, models.Clock
    rows = session.execute(
        select(
            entry.clock_id, entry.kind, entry.effective_at, entry.recorded_at, entry.reason,
            entry.amount, entry.names_day, entry.ground, entry.expected_at, entry.sequence,
            entry.voids,
        )
        .join(clock, clock.id == entry.clock_id)
        .where(*chosen)
        .order_by(entry.clock_id, entry.sequence)
    )  # fmt: skip
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def has_only_begun(rows: Sequence[Any]) -> bool:
    """Whether a ledger is the start alone, at a moment: most are, and need no entries made."""
    return len(rows) == 1 and rows[0][1] == EntryKind.START and not rows[0][6]


def as_entries(rows: Sequence[Any]) -> list[ClockEntry]:
    """What `entries_of` found, as the law of clocks reads it."""
    return [
        ClockEntry(
            _KINDS[row[1]],
            row[2],
            row[3],
            reason=row[4],
            amount=row[5],
            names_day=row[6],
            ground=row[7],
            expected_at=row[8],
            sequence=row[9],
            voids=row[10],
        )
        for row in rows
    ]


_KINDS = {kind.value: kind for kind in EntryKind}
_BUDGETS: dict[tuple[int, str], Budget] = {}


def budget(amount: int, unit: str) -> Budget:
    held = _BUDGETS.get((amount, unit))
    if held is None:
        held = _BUDGETS[amount, unit] = Budget(amount, Unit(unit))
    return held


def steps(table: Any, case_id: Any, start: Any) -> Select[Any]:
    """What is asked of tasks, waits and timers alike; the caller joins the case."""
    is_timer = table is models.Timer
    return select(
        table.id.label("id"),
        case_id.label("case_id"),
        start.label("start"),
        table.instance_id.label("instance_id"),
        table.process_id.label("process_id"),
        table.element_id.label("element_id"),
        table.amount.label("amount"),
        table.unit.label("unit"),
        table.due_at.label("due_at"),
        (literal("") if is_timer else table.light).label("light"),
        (false() if is_timer else table.is_paused).label("is_paused"),
        models.Case.definition_id.label("definition_id"),
    )


def printed(
    session: Session, clocks: Iterable[tuple[UUID, UUID, datetime]], calendar: Calendar
) -> set[UUID]:
    """Clocks whose last day stands in a letter that was issued: of (id, case id, end before)."""
    wanted: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for clock_id, case_id, before in clocks:
        wanted[case_id, calendar.local_date(before).isoformat()].append(clock_id)
    letter, found = models.Letter, set[UUID]()
    for part in parts_of({case_id for case_id, _ in wanted}):
        rows = session.execute(
            select(letter.case_id, letter.last_day).where(
                among(session, letter.case_id, part),
                letter.issued_at.is_not(None),
                letter.last_day.is_not(None),
            )
        )
        for case_id, last_day in rows:
            found.update(wanted.get((case_id, str(last_day)), ()))
    return found


def parts_of(ids: Iterable[UUID], size: int = 10_000) -> Iterable[list[UUID]]:
    """So many at a time as one statement takes."""
    listed = list(ids)
    return (listed[start : start + size] for start in range(0, len(listed), size))
