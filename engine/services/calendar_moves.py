"""What a change of the calendar moves: open clocks, tasks, waits, timers, and what rows show of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from engine.domain.calendar_recount import End, Limits, Recount
from engine.domain.clock import ClockEntry, EntryKind, LightRule
from engine.persistence import models
from engine.persistence.bulk import among, many_rows
from engine.services import ledger
from engine.services.access import is_open
from engine.services.calendar_rows import (
    Scope,
    as_entries,
    budget,
    entries_of,
    has_only_begun,
    steps,
)
from engine.services.calendar_ties import Ties
from engine.services.clock_moves import within
from engine.services.office import Office


@dataclass(frozen=True, slots=True)
class Move:
    """One stored end that the new calendar puts elsewhere.

    key: of a clock; element: where a task, wait or timer stands (process id, element id)."""

    id: UUID
    case_id: UUID
    kind: str  # clock | task | wait | timer
    before: datetime
    after: End
    key: str = ""
    element: tuple[str, str] = ("", "")
    instance_id: UUID | None = None
    light: str = ""
    is_paused: bool = False
    is_by_law: bool = False  # only the law's own end moves: `before` is that

    @property
    def to(self) -> datetime:
        """Where it moves."""
        by_law = self.after.statutory_due_at if self.is_by_law else None
        return by_law or self.after.due_at

    @property
    def has_last_day(self) -> bool:
        """Whether a letter can name the new last day: of a stopped clock the resumption will."""
        return not self.is_paused and not self.is_by_law


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

    def last_days(self) -> list[tuple[UUID, UUID, datetime]]:
        """Ends so far that an issued letter may have named: (clock id, case id, end)."""
        return [(each.id, each.case_id, each.before) for each in self.clocks if each.has_last_day]

    @cached_property
    def case_ids(self) -> set[UUID]:
        return {move.case_id for move in self}


def moves(office: Office, session: Session, recount: Recount, scope: Scope) -> Moves:
    """What the calendar of `recount` moves within the scope. Nothing is written.

    An end before the first changed day cannot move, so it is not read. Timers that were armed from
    a clock follow it and are not among the moves.
    """
    with many_rows():
        return _Search(office, session, recount, scope).run()


def clock_moves_of(office: Office, session: Session, recount: Recount, scope: Scope) -> Moves:
    """The clocks alone."""
    search = _Search(office, session, recount, scope)
    with many_rows():
        search.clocks()
    return search.found


class _Search:
    """One look at all rows of a scope."""

    def __init__(self, office: Office, session: Session, recount: Recount, scope: Scope) -> None:
        self.office, self.session = office, session
        self.recount, self.scope = recount, scope
        self.bound = scope.bound(recount.calendar)
        self.found = Moves()
        self._ledgers: Mapping[UUID, list[Any]] = {}
        self._told: dict[tuple[UUID, str], End] = {}
        self._ties = Ties(office, session)
        self._rules: dict[UUID, LightRule] = {}
        self._limits: dict[tuple[object, ...], Limits] = {}
        self._resting: set[tuple[UUID, datetime]] = set()  # ends of steps that stay

    def run(self) -> Moves:
        self.clocks()
        for kind, asked, moved in (
            ("task", self._open_tasks(), self.found.tasks),
            ("wait", self._open_waits(), self.found.waits),
            ("timer", self._armed_timers(), self.found.timers),
        ):
            rows = self.session.execute(asked).all()
            held_up = self._pauses(rows) if kind != "timer" else {}
            for row in rows:
                move = self._step(kind, row, held_up)
                if move is not None:
                    moved.append(move)
        self._cases()
        return self.found

    def _rule(self, definition_id: UUID) -> LightRule:
        held = self._rules.get(definition_id)
        if held is None:
            procedure = self.office.procedure(self.session, definition_id)
            held = self.office.parameters().lights(procedure.key, procedure.edition)
            self._rules[definition_id] = held
        return held

    # ── clocks ──────────────────────────────────────────────────────────────────────────────────

    def clocks(self) -> None:
        clock, held = models.Clock, models.Case
        chosen = (
            self.scope.holds(self.session, clock.case_id),
            clock.state.in_(("running", "paused")),
            or_(
                clock.due_at >= self.bound,
                clock.statutory_due_at >= self.bound,
                clock.state == "paused",
            ),
        )
        self._ledgers = entries_of(self.session, chosen)
        asked = select(
            clock.id, clock.case_id, clock.key, clock.amount, clock.unit, clock.due_at,
            clock.statutory_amount, clock.statutory_unit, clock.statutory_due_at, clock.state, clock.light,
            held.definition_id,
        )  # fmt: skip
        for row in self.session.execute(asked.join(held, held.id == clock.case_id).where(*chosen)):
            self._clock(row)

    def _clock(self, row: Any) -> None:
        self.found.looked_at += 1
        rows = self._ledgers.get(row.id, [])
        limits = self._limits_of(row)
        end = self._end(rows, limits)
        if row.state == "paused" and (told := self.recount.told(as_entries(rows), limits)):
            self._told[row.case_id, row.key] = told
        if end is None or row.due_at is None:
            return
        if row.state == "running":
            self._ties.counted(row.case_id, row.key, before=row.due_at, after=end)
        if end.due_at == row.due_at:
            self.found.staying.add((row.case_id, row.key))
            if end.statutory_due_at == row.statutory_due_at:
                return
        is_by_law = end.due_at == row.due_at
        self.found.clocks.append(
            Move(
                row.id,
                row.case_id,
                "clock",
                row.statutory_due_at if is_by_law else row.due_at,
                end,
                row.key,
                light=row.light,
                is_paused=row.state == "paused",
                is_by_law=is_by_law,
            )
        )

    def _limits_of(self, row: Any) -> Limits:
        by_law = (row.statutory_amount, row.statutory_unit)
        shape = (row.amount, row.unit, *by_law, row.definition_id)
        held = self._limits.get(shape)
        if held is None:
            statutory = budget(*by_law) if row.statutory_amount is not None else None
            promised = budget(row.amount, row.unit)
            held = Limits(promised, statutory, self._rule(row.definition_id))
            self._limits[shape] = held
        return held

    def _end(self, rows: Sequence[Any], limits: Limits) -> End | None:
        if has_only_begun(rows):
            return self.recount.step(rows[0].effective_at, limits)
        return self.recount.ledger(as_entries(rows), limits)

    # ── steps and timers ────────────────────────────────────────────────────────────────────────

    def _open_tasks(self) -> Select[Any]:
        task = models.Task
        asked = steps(task, task.case_id, task.created_at)
        return asked.join(models.Case, models.Case.id == task.case_id).where(
            self.scope.holds(self.session, task.case_id),
            is_open(),
            task.due_at >= self.bound,
        )

    def _open_waits(self) -> Select[Any]:
        wait = models.Wait
        asked = steps(wait, wait.case_id, wait.begun_at)
        return asked.join(models.Case, models.Case.id == wait.case_id).where(
            self.scope.holds(self.session, wait.case_id),
            wait.ended_at.is_(None),
            wait.due_at >= self.bound,
        )

    def _armed_timers(self) -> Select[Any]:
        timer, instance, held = models.Timer, models.ProcessInstance, models.Case
        asked = steps(timer, instance.case_id, timer.armed_at).select_from(timer)
        asked = asked.join(instance, instance.id == timer.instance_id)
        return asked.join(held, held.id == instance.case_id).where(
            self.scope.holds(self.session, instance.case_id),
            timer.fired_at.is_(None),
            timer.clock_key.is_(None),
            timer.due_at >= self.bound,
        )

    def _pauses(self, rows: Sequence[Row[Any]]) -> Mapping[tuple[UUID, str], list[ClockEntry]]:
        """The ledgers of the cases in which a clock was paused: their steps were held up with it."""
        entry, clock = models.ClockEntry, models.Clock
        ids = {row.case_id for row in rows}
        paused = select(entry.case_id).where(entry.kind == EntryKind.PAUSE.value)
        if self.scope.case_ids is not None:
            paused = paused.where(among(self.session, entry.case_id, ids))
        wanted = set(self.session.scalars(paused)) & ids
        ledgers: dict[tuple[UUID, str], list[ClockEntry]] = defaultdict(list)
        if wanted:
            held = self.session.execute(
                select(entry, clock.key)
                .join(clock, clock.id == entry.clock_id)
                .where(entry.case_id.in_(wanted))
                .order_by(entry.sequence)
            )
            for row, key in held:
                ledgers[row.case_id, key].append(ledger.as_entry(row))
        return ledgers

    def _step(
        self,
        kind: str,
        row: Row[Any],
        held_up: Mapping[tuple[UUID, str], list[ClockEntry]],
    ) -> Move | None:
        """A date of the matter (the end of a publication) has no amount, and stays."""
        if row.amount is None or row.start is None:
            return None
        limits = Limits(budget(row.amount, row.unit), None, self._rule(row.definition_id))
        end = self.recount.step(row.start, limits)
        if held_up:
            clock = self._clock_of(row.definition_id, row.process_id, row.element_id)
            entries = held_up.get((row.case_id, clock), ())
            stored_at = max((each.recorded_at for each in entries), default=row.start)
            if pauses := within(row.start, entries, stored_at):
                begun = ClockEntry(EntryKind.START, row.start, row.start)
                end = self.recount.ledger([begun, *pauses], limits) or end
        if kind != "timer":
            end = self._ties.end_of(row, end)
        if end.due_at == row.due_at:
            self._resting.add((row.case_id, row.due_at))
            return None
        return Move(
            row.id,
            row.case_id,
            kind,
            row.due_at,
            end,
            "",
            (row.process_id, row.element_id),
            row.instance_id,
            row.light or "",
            bool(row.is_paused),
        )

    def _clock_of(self, definition_id: UUID, process_id: str, element_id: str) -> str:
        """The clock that runs while a case rests at a step; "" where it is none."""
        procedure = self.office.procedure(self.session, definition_id)
        drawing = procedure.drawings.get(process_id)
        element = drawing.elements.get(element_id) if drawing else None
        return (element.clock or "") if element else ""

    # ── what the rows of cases show ─────────────────────────────────────────────────────────────

    def _cases(self) -> None:
        """The end that a case's row shows is that of its clock or of its wait: it moves with it."""
        by_case: dict[UUID, list[Move]] = defaultdict(list)
        for move in (*self.found.clocks, *self.found.tasks, *self.found.waits):
            by_case[move.case_id].append(move)
        if not by_case and not self._told:
            return
        held = models.Case
        asked = select(held.id, held.definition_id, held.step, held.due_at, held.is_paused)
        ends = or_(held.due_at >= self.bound, held.statutory_due_at >= self.bound)
        rows = self.session.execute(asked.where(self.scope.holds(self.session, held.id), ends))
        for case_id, definition_id, step, due_at, is_paused in rows:
            process_id, _, element_id = (step or "").partition(":")
            shown = self._clock_of(definition_id, process_id, element_id)
            moved = by_case.get(case_id, [])
            by_law = next((m.after for m in moved if m.is_by_law and m.key == shown), None)
            promised = [move for move in moved if not move.is_by_law]
            end = self._shown(case_id, shown, due_at, promised, paused=is_paused)
            if end is not None and end.due_at != due_at:
                self.found.cases[case_id] = end
            elif by_law is not None and by_law.due_at == due_at:
                self.found.cases[case_id] = by_law

    def _shown(
        self,
        case_id: UUID,
        shown: str,
        due_at: datetime | None,
        moved: Sequence[Move],
        *,
        paused: bool,
    ) -> End | None:
        fitting = [move for move in moved if move.before == due_at]
        if not fitting:
            resting = (case_id, due_at) in self._resting
            keys = (shown, *sorted(ledger.LED_BY_OPERATIONS)) if paused and not resting else ()
            return next((self._told[case_id, k] for k in keys if (case_id, k) in self._told), None)
        if (case_id, shown) in self.found.staying:
            return None
        fitting.sort(key=lambda move: (move.key != shown, move.kind != "clock"))
        return fitting[0].after
