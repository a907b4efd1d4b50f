"""The clocks of a case: entries in their ledgers, and the due moment projected from them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from engine.domain import clock as rules
from engine.domain.clock import Budget, EntryKind, Unit
from engine.domain.light import warn_at
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Limit, holds
from engine.services.casework import Casework

#: Clocks that operations start and stop; all others run while a wait names them.
LED_BY_OPERATIONS = frozenset({"acceptance", "handling"})


def entries_of(work: Casework, clock: models.Clock) -> tuple[rules.ClockEntry, ...]:
    return tuple(as_entry(row) for row in work.clock_entries if row.clock_id == clock.id)


def as_entry(row: models.ClockEntry) -> rules.ClockEntry:
    return rules.ClockEntry(
        kind=EntryKind(row.kind),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        basis=row.basis,
        document=row.document,
        actor=row.actor,
        reason=row.reason,
        amount=row.amount,
        due_before=row.due_before,
        due_after=row.due_after,
    )


def start(
    work: Casework,
    key: str,
    *,
    reason: str,
    effective_at: datetime | None = None,
    data: Mapping[str, Any] | None = None,
    step_limit: str | None = None,
    document: str = "",
    basis: str | None = None,
) -> models.Clock | None:
    """Start a clock, or begin it afresh when it ran before. None when it has no limit."""
    limit = _limit_of(work, key, step_limit, data or {})
    if limit is None or limit.budget is None:
        return None
    clock = work.clocks.get(key)
    kind = EntryKind.START if clock is None else EntryKind.RESTART
    if clock is None:
        clock = models.Clock(id=uuid4(), case_id=work.case.id, key=key, state="running")
        work.clocks[key] = clock
        work.add(clock)
    clock.amount, clock.unit = limit.budget.amount, limit.budget.unit.value
    clock.basis = limit.basis
    _enter(
        work,
        clock,
        kind,
        reason=reason,
        effective_at=effective_at,
        document=document,
        basis=basis,
    )
    return clock


def _limit_of(
    work: Casework, key: str, step_limit: str | None, data: Mapping[str, Any]
) -> Limit | None:
    kind = work.procedure.clocks.get(key)
    named = (kind.limit if kind else None) or step_limit
    return work.procedure.limit(named, data) if named else None


def carries_step_limits(work: Casework, key: str) -> bool:
    """Whether the clock has no limit of its own, and begins afresh with each step's."""
    kind = work.procedure.clocks.get(key)
    return key not in LED_BY_OPERATIONS and (kind is None or kind.limit is None)


def pause(work: Casework, key: str, *, reason: str, document: str = "", basis: str = "") -> None:
    clock = work.clocks.get(key)
    if clock is not None and clock.state == "running":
        _enter(work, clock, EntryKind.PAUSE, reason=reason, document=document, basis=basis)


def resume(work: Casework, key: str, *, reason: str, document: str = "", basis: str = "") -> None:
    clock = work.clocks.get(key)
    if clock is not None and clock.state == "paused":
        _enter(work, clock, EntryKind.RESUME, reason=reason, document=document, basis=basis)


def stop(work: Casework, key: str, *, reason: str) -> None:
    clock = work.clocks.get(key)
    if clock is not None and clock.state in ("running", "paused"):
        _enter(work, clock, EntryKind.STOP, reason=reason, basis="")


def stop_all(work: Casework, *, reason: str, but: frozenset[str] = frozenset()) -> None:
    for key in work.clocks:
        if key not in but:
            stop(work, key, reason=reason)


def adjust(work: Casework, data: Mapping[str, Any]) -> None:
    """Change the budget of a running clock whose limit has a variant that now holds."""
    variants = [v for v in work.procedure.limits.values() if v.when and holds(v.when, data)]
    if not variants:
        return
    for key in LED_BY_OPERATIONS & work.clocks.keys():
        clock, limit = work.clocks[key], _limit_of(work, key, None, data)
        if clock.state == "stopped" or limit is None or limit.budget is None:
            continue
        if (clock.amount, clock.basis) != (limit.budget.amount, limit.basis):
            before = clock.amount
            clock.amount, clock.unit = limit.budget.amount, limit.budget.unit.value
            clock.basis = limit.basis
            _project(work, clock)
            work.note(
                "clock_changed",
                Words(f"{limit.title.zh}改按 {clock.amount} 日", f"limit now {clock.amount} days"),
                detail=limit.basis,
                changes={"clock": key, "before": before, "after": clock.amount},
            )


def follow_waits(work: Casework, left: Iterable[str], reached: Iterable[tuple[str, str]]) -> None:
    """Start the clocks that waits reached now name, stop those that no wait names any more.

    `left`: clock keys of waits that ended and that no open wait names; `reached`: (clock key,
    step limit) of waits that opened and whose clock was not running.
    """
    for key in left:
        if key not in LED_BY_OPERATIONS:
            stop(work, key, reason="本环节结束")
    for key, step_limit in reached:
        if key not in LED_BY_OPERATIONS:
            start(work, key, reason="本环节开始", step_limit=step_limit)


def _enter(
    work: Casework,
    clock: models.Clock,
    kind: EntryKind,
    *,
    reason: str,
    effective_at: datetime | None = None,
    document: str = "",
    basis: str | None = None,
) -> None:
    row = models.ClockEntry(
        id=uuid4(),
        clock_id=clock.id,
        case_id=work.case.id,
        sequence=len(work.clock_entries) + 1,
        kind=kind.value,
        effective_at=effective_at or work.now_at,
        recorded_at=work.now_at,
        basis=clock.basis if basis is None else basis,
        document=document,
        actor=work.actor.name,
        reason=reason,
        amount=0,
    )
    work.clock_entries.append(row)
    work.add(row)
    _project(work, clock)


def _project(work: Casework, clock: models.Clock) -> None:
    """The stored projection: state and due moment, as the ledger gives them now."""
    budget = Budget(clock.amount, Unit(clock.unit))
    entries = entries_of(work, clock)
    clock.due_at = rules.due_at(budget, entries, work.calendar, now=work.now_at)
    last = next(e.kind for e in reversed(entries) if e.kind is not EntryKind.RECOUNT)
    clock.state = {EntryKind.PAUSE: "paused", EntryKind.STOP: "stopped"}.get(last, "running")
    if clock.key in LED_BY_OPERATIONS:
        show(work, clock if clock.state != "stopped" else None)


def show(work: Casework, clock: models.Clock | None) -> None:
    """Let the case's row show the end of this clock; lists and lights read it there."""
    due_at = clock.due_at if clock else None
    work.case.due_at = due_at
    work.case.warn_at = warn_at(due_at, clock.amount, work.calendar) if clock and due_at else None
