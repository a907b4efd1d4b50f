"""What a change of the calendar moves: open clocks, tasks, waits, timers, and what rows show of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, true
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.calendar_recount import End, Recount
from engine.domain.clock import Budget, ClockEntry, EntryKind, Unit
from engine.persistence import models
from engine.services.access import OPEN
from engine.services.office import Office


@dataclass(frozen=True, slots=True)
class Move:
    """One stored end that the new calendar puts elsewhere.

    key: of a clock; element: where a task, wait or timer stands (process id, element id).
    """

    id: UUID
    case_id: UUID
    kind: str  # clock | task | wait | timer
    before: datetime
    after: End
    key: str = ""
    element: tuple[str, str] = ("", "")
    instance_id: UUID | None = None


@dataclass
class Moves:
    """All that moves of some cases, and how many open clocks were looked at."""

    clocks: list[Move] = field(default_factory=list)
    tasks: list[Move] = field(default_factory=list)
    waits: list[Move] = field(default_factory=list)
    timers: list[Move] = field(default_factory=list)
    #: the end that the row of each case is to show
    cases: dict[UUID, End] = field(default_factory=dict)
    #: open clocks within the scope that keep their end: (case id, key)
    staying: set[tuple[UUID, str]] = field(default_factory=set)
    looked_at: int = 0

    def __iter__(self) -> Iterator[Move]:
        yield from (*self.clocks, *self.tasks, *self.waits, *self.timers)

    @property
    def case_ids(self) -> set[UUID]:
        return {move.case_id for move in self}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows can move: those of these cases (all when None) that end on or after a day."""

    since: date
    case_ids: Sequence[UUID] | None = None

    def holds(self, column: Any) -> ColumnElement[bool]:
        return true() if self.case_ids is None else column.in_(self.case_ids)

    def bound(self, calendar: Calendar) -> datetime:
        return datetime.combine(self.since, time(), calendar.zone)


def moves(office: Office, session: Session, recount: Recount, scope: Scope) -> Moves:
    """What the calendar of `recount` moves within the scope. Nothing is written.

    An end before the first changed day cannot move, so it is not read.
    """
    found = Moves()
    bound = scope.bound(recount.calendar)
    _clocks(session, recount, scope, bound, found)
    for kind, rows, moved in (
        ("task", _open_tasks(scope, bound), found.tasks),
        ("wait", _open_waits(scope, bound), found.waits),
        ("timer", _armed_timers(scope, bound), found.timers),
    ):
        for row in session.execute(rows):
            move = _moved_step(kind, row, recount)
            if move is not None:
                moved.append(move)
    _cases(office, session, scope, bound, found)
    return found


def _clocks(
    session: Session,
    recount: Recount,
    scope: Scope,
    bound: datetime,
    found: Moves,
) -> None:
    clock = models.Clock
    open_clocks = (
        scope.holds(clock.case_id),
        clock.state.in_(("running", "paused")),
        clock.due_at >= bound,
    )
    entries = _ledgers(session, open_clocks)
    rows = session.execute(
        select(clock.id, clock.case_id, clock.key, clock.amount, clock.unit, clock.due_at).where(
            *open_clocks
        )
    )
    for clock_id, case_id, key, amount, unit, due_at in rows:
        found.looked_at += 1
        end = recount.clock(_budget(amount, unit), entries.get(clock_id, ()))
        if end is None or due_at is None or end.due_at == due_at:
            found.staying.add((case_id, key))
        else:
            found.clocks.append(Move(clock_id, case_id, "clock", due_at, end, key))


def _ledgers(
    session: Session, open_clocks: Sequence[ColumnElement[bool]]
) -> Mapping[UUID, list[ClockEntry]]:
    """The entries of each clock, in the order in which they were made."""
    entry, clock = models.ClockEntry, models.Clock
    rows = session.execute(
        select(
            entry.clock_id, entry.kind, entry.effective_at, entry.recorded_at, entry.reason,
            entry.amount,
        )
        .join(clock, clock.id == entry.clock_id)
        .where(*open_clocks)
        .order_by(entry.clock_id, entry.sequence)
    )  # fmt: skip
    ledgers: dict[UUID, list[ClockEntry]] = defaultdict(list)
    for clock_id, kind, effective_at, recorded_at, reason, amount in rows:
        ledgers[clock_id].append(
            ClockEntry(_KINDS[kind], effective_at, recorded_at, reason=reason, amount=amount)
        )
    return ledgers


_KINDS = {kind.value: kind for kind in EntryKind}
_BUDGETS: dict[tuple[int, str], Budget] = {}


def _budget(amount: int, unit: str) -> Budget:
    held = _BUDGETS.get((amount, unit))
    if held is None:
        held = _BUDGETS[amount, unit] = Budget(amount, Unit(unit))
    return held


def _open_tasks(scope: Scope, bound: datetime) -> Select[Any]:
    task = models.Task
    return _steps(task, task.case_id, task.created_at).where(
        scope.holds(task.case_id), task.state.in_(OPEN), task.due_at >= bound
    )


def _open_waits(scope: Scope, bound: datetime) -> Select[Any]:
    wait = models.Wait
    return _steps(wait, wait.case_id, wait.begun_at).where(
        scope.holds(wait.case_id), wait.ended_at.is_(None), wait.due_at >= bound
    )


def _armed_timers(scope: Scope, bound: datetime) -> Select[Any]:
    timer, instance = models.Timer, models.ProcessInstance
    return (
        _steps(timer, instance.case_id, timer.armed_at)
        .join(instance, instance.id == timer.instance_id)
        .where(scope.holds(instance.case_id), timer.fired_at.is_(None), timer.due_at >= bound)
    )


def _steps(table: Any, case_id: Any, start: Any) -> Select[Any]:
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
    )


def _moved_step(kind: str, row: Row[Any], recount: Recount) -> Move | None:
    """A date of the matter (the end of a publication) has no amount, and stays."""
    if row.amount is None or row.start is None:
        return None
    end = recount.step(row.start, _budget(row.amount, row.unit))
    if end.due_at == row.due_at:
        return None
    element = (row.process_id, row.element_id)
    return Move(row.id, row.case_id, kind, row.due_at, end, "", element, row.instance_id)


def _cases(office: Office, session: Session, scope: Scope, bound: datetime, found: Moves) -> None:
    """The end that a case's row shows is that of its clock or of its wait: it moves with it."""
    by_case: dict[UUID, list[Move]] = defaultdict(list)
    for move in (*found.clocks, *found.tasks, *found.waits):
        by_case[move.case_id].append(move)
    if not by_case:
        return
    case = models.Case
    rows = session.execute(
        select(case.id, case.definition_id, case.step, case.due_at).where(
            scope.holds(case.id), case.due_at >= bound
        )
    )
    for case_id, definition_id, step, due_at in rows:
        fitting = [move for move in by_case.get(case_id, ()) if move.before == due_at]
        if not fitting:
            continue
        shown = _clock_at(office, session, definition_id, step)
        if (case_id, shown) in found.staying:
            continue
        fitting.sort(key=lambda move: (move.key != shown, move.kind != "clock"))
        found.cases[case_id] = fitting[0].after


def _clock_at(office: Office, session: Session, definition_id: UUID, step: str | None) -> str:
    """The clock that runs while a case rests at a step; "" where it is none."""
    process_id, _, element_id = (step or "").partition(":")
    drawing = office.procedure(session, definition_id).drawings.get(process_id)
    element = drawing.elements.get(element_id) if drawing else None
    return (element.clock or "") if element else ""
