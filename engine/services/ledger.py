"""The clocks of a case: entries in their ledgers, and the moments projected from them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from engine.domain import clock as rules
from engine.domain.clock import Budget, EntryKind, Projection, Unit
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.limit import Limit
from engine.runtime.procedure import holds
from engine.services import passed_limits
from engine.services.casework import Casework
from engine.services.clock_entries import Entry

#: Clocks that operations start and stop; all others run while a wait names them.
LED_BY_OPERATIONS = frozenset({"acceptance", "handling"})
BEGINNINGS = (EntryKind.START.value, EntryKind.RESTART.value)
STOPPED = "stopped"


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
        names_day=row.names_day,
        ground=row.ground,
        expected_at=row.expected_at,
        sequence=row.sequence,
        voids=row.voids,
    )


def budget_of(clock: models.Clock) -> Budget:
    return Budget(clock.amount, Unit(clock.unit))


def statutory_of(clock: models.Clock) -> Budget | None:
    if clock.statutory_amount is None or clock.statutory_unit is None:
        return None
    return Budget(clock.statutory_amount, Unit(clock.statutory_unit))


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
    if limit is None or limit.begins_with_step is None:
        return None
    clock = work.clocks.get(key)
    kind = EntryKind.START if clock is None else EntryKind.RESTART
    if clock is None:
        clock = models.Clock(id=uuid4(), case_id=work.case.id, key=key, state="running")
        work.clocks[key] = clock
        work.add(clock)
    elif clock.state != STOPPED:
        passed_limits.end_of_clock(work, clock, late_at=None)
    _set_budget(work, clock, limit, data or {})
    clock.light = "green"
    served = _served_at(work, key)
    entry = Entry(
        kind,
        reason,
        effective_at=effective_at or served,
        names_day=served is not None,
        document=document,
        basis=clock.basis if basis is None else basis,
    )
    enter(work, clock, entry)
    return clock


def _set_budget(work: Casework, clock: models.Clock, limit: Limit, data: Mapping[str, Any]) -> None:
    assert limit.budget is not None  # noqa: S101 - callers looked
    clock.amount, clock.unit = limit.budget.amount, limit.budget.unit.value
    clock.basis = work.citable(limit.basis)
    kind = work.procedure.clocks.get(clock.key)
    by_law = work.limit(kind.statutory, data) if kind and kind.statutory else None
    budget = by_law.budget if by_law else None
    clock.statutory_amount = budget.amount if budget else None
    clock.statutory_unit = budget.unit.value if budget else None
    clock.statutory_basis = work.citable(by_law.basis) if by_law else ""


def _served_at(work: Casework, key: str) -> datetime | None:
    """When the law counts from service: the moment at which the last letter was served."""
    kind = work.procedure.clocks.get(key)
    if kind is None or kind.counts_from != "service":
        return None
    return max((each.served_at for each in work.letters if each.served_at), default=None)


def received_at(work: Casework, key: str) -> datetime | None:
    """When the law counts from receipt: the moment at which the application was there, with all
    that was asked for (国办发〔2025〕22号: 自收到申请之日起)."""
    kind, asked = work.procedure.clocks.get(key), work.clocks.get("acceptance")
    if kind is None or kind.counts_from != "receipt" or asked is None:
        return None
    begun = [e for e in work.clock_entries if e.clock_id == asked.id and e.kind in BEGINNINGS]
    return begun[-1].effective_at if begun else None


def _limit_of(
    work: Casework, key: str, step_limit: str | None, data: Mapping[str, Any]
) -> Limit | None:
    kind = work.procedure.clocks.get(key)
    named = (kind.limit if kind else None) or step_limit
    return work.limit(named, data) if named else None


def carries_step_limits(work: Casework, key: str) -> bool:
    """Whether the clock has no limit of its own, and begins afresh with each step's."""
    kind = work.procedure.clocks.get(key)
    return key not in LED_BY_OPERATIONS and (kind is None or kind.limit is None)


def pause(
    work: Casework,
    key: str,
    *,
    reason: str,
    ground: str = "",
    document: str = "",
    basis: str = "",
    expected_at: datetime | None = None,
) -> None:
    """Pause a clock that has not stopped; pauses may overlap, each with its ground."""
    clock = work.clocks.get(key)
    if clock is not None and clock.state != STOPPED:
        entry = Entry(
            EntryKind.PAUSE,
            reason,
            ground=ground,
            document=document,
            basis=basis,
            expected_at=expected_at,
        )
        enter(work, clock, entry)


def resume(
    work: Casework,
    key: str,
    *,
    reason: str,
    ground: str = "",
    document: str = "",
    basis: str = "",
) -> None:
    """End one pause; the clock runs again once no other is open."""
    clock = work.clocks.get(key)
    if clock is not None and clock.state == "paused":
        entry = Entry(
            EntryKind.RESUME,
            reason,
            ground=ground,
            document=document,
            basis=basis,
        )
        enter(work, clock, entry)


def extend(
    work: Casework, key: str, *, amount: int, reason: str, document: str = "", basis: str = ""
) -> None:
    """Lengthen the limit, in its unit; the law's own limit behind it lengthens alike
    (行政许可法 art. 42: 可以延长十日)."""
    clock = work.clocks.get(key)
    if clock is not None and clock.state != STOPPED:
        entry = Entry(
            EntryKind.EXTEND,
            reason,
            amount=amount,
            document=document,
            basis=basis,
        )
        enter(work, clock, entry)


def stop(work: Casework, key: str, *, reason: str) -> None:
    clock = work.clocks.get(key)
    if clock is not None and clock.state in ("running", "paused"):
        enter(work, clock, Entry(EntryKind.STOP, reason))


def stop_all(work: Casework, *, reason: str, but: frozenset[str] = frozenset()) -> None:
    for key in work.clocks:
        if key not in but:
            stop(work, key, reason=reason)


def open_pauses(work: Casework, key: str) -> list[rules.ClockEntry]:
    """The pauses of a clock that nothing has ended, the oldest first."""
    clock = work.clocks.get(key)
    return rules.open_pauses(entries_of(work, clock)) if clock else []


def adjust(work: Casework, data: Mapping[str, Any]) -> None:
    """Change the budget of a running clock whose limit has a variant that now holds."""
    variants = [v for v in work.procedure.limits.values() if v.when and holds(v.when, data)]
    if not variants:
        return
    for key in LED_BY_OPERATIONS & work.clocks.keys():
        clock, limit = work.clocks[key], _limit_of(work, key, None, data)
        if clock.state == STOPPED or limit is None or limit.budget is None:
            continue
        if (clock.amount, clock.basis) != (limit.budget.amount, work.citable(limit.basis)):
            before = clock.amount
            _set_budget(work, clock, limit, data)
            project(work, clock)
            work.note(
                "clock_changed",
                Words(f"{limit.title.zh}改按 {clock.amount} 日", f"limit now {clock.amount} days"),
                detail=clock.basis,
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


def enter(work: Casework, clock: models.Clock, entry: Entry) -> models.ClockEntry:
    """One more line of a clock's ledger; everything projected from it is projected anew."""
    row = models.ClockEntry(
        id=uuid4(),
        clock_id=clock.id,
        case_id=work.case.id,
        sequence=len(work.clock_entries) + 1,
        kind=entry.kind.value,
        effective_at=entry.effective_at or work.now_at,
        recorded_at=work.now_at,
        basis=entry.basis,
        document=entry.document,
        actor=work.actor.name,
        reason=entry.reason,
        amount=entry.amount,
        names_day=entry.names_day,
        ground=entry.ground,
        expected_at=entry.expected_at,
        voids=entry.voids,
    )
    work.clock_entries.append(row)
    work.add(row)
    project(work, clock)
    return row


def projected(
    work: Casework, clock: models.Clock, entries: Iterable[rules.ClockEntry] | None = None
) -> Projection | None:
    """What the ledger amounts to now, or these entries in its place."""
    return rules.project(
        budget_of(clock),
        entries_of(work, clock) if entries is None else entries,
        work.calendar,
        now=work.now_at,
        rule=work.lights,
        statutory=statutory_of(clock),
    )


def project(work: Casework, clock: models.Clock) -> None:
    """Store what the ledger amounts to now; timers, lights and the case's row follow."""
    found = projected(work, clock)
    if found is None:
        return
    was_stopped = clock.state == STOPPED
    clock.state = found.state.kept
    passed_limits.move(work, clock, found)
    clock.due_at, clock.warn_at = found.due_at, found.warn_at
    clock.statutory_due_at, clock.is_provisional = found.statutory_due_at, found.is_provisional
    if clock.state == STOPPED:
        if not was_stopped:
            passed_limits.end_of_clock(work, clock, late_at=found.late_at)
        clock.mark_at = None
    else:
        clock.mark_at = passed_limits.next_mark(clock)
    work.moved.add(clock.key)
    if clock.key in LED_BY_OPERATIONS:
        show(work, clock if clock.state != STOPPED else None)


def show(work: Casework, clock: models.Clock | None) -> None:
    """Let the case's row show the end of this clock; lists and lights read it there."""
    case = work.case
    case.due_at = clock.due_at if clock else None
    case.warn_at = clock.warn_at if clock else None
    case.statutory_due_at = clock.statutory_due_at if clock else None
    case.is_paused = clock is not None and clock.state == "paused"
    if clock is not None and case.is_paused:
        _show_as_told(work, clock)


def _show_as_told(work: Casework, clock: models.Clock) -> None:
    """A paused clock ends as its letter said: as if every pause ended when it is expected to."""
    entries = entries_of(work, clock)
    waiting = rules.open_pauses(entries)
    if not rules.all_told(waiting):
        return
    ends = (
        rules.ClockEntry(
            EntryKind.RESUME, each.expected_at, work.now_at, reason=each.reason, ground=each.ground
        )
        for each in waiting
        if each.expected_at
    )
    told = projected(work, clock, [*entries, *ends])
    if told is not None:
        work.case.due_at, work.case.warn_at = told.due_at, told.warn_at
