"""What follows a clock when it moves: the timers armed from it, and the steps that it holds up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, literal, null, select, true, update
from sqlalchemy.orm import Session

from engine.domain import clock as rules
from engine.domain.clock import NEVER, ClockEntry, EntryKind
from engine.persistence import models
from engine.persistence.bulk import among
from engine.persistence.declarative import table_of
from engine.runtime.clock_timers import ClockEvent
from engine.runtime.stepper import Instance, Step
from engine.services import ledger
from engine.services.access import OPEN
from engine.services.casework import Casework

_TIMER = table_of(models.Timer)
_CLOCK = table_of(models.Clock)
_INSTANCE = table_of(models.ProcessInstance)
_NEVER = literal(NEVER, _TIMER.c.due_at.type)
_ARMED = and_(_TIMER.c.fired_at.is_(None), _TIMER.c.clock_key.is_not(None))
_MOVE = (
    update(_TIMER)
    .where(
        _ARMED,
        _TIMER.c.case_id == bindparam("of_case"),
        _TIMER.c.clock_key == bindparam("of_clock"),
        _TIMER.c.clock_event == bindparam("at_event"),
    )
    .values(due_at=bindparam("moved_to"))
)


def moment_of(clock: models.Clock | None, event: str) -> datetime:
    """When a timer armed from the clock is due; NEVER while it rests."""
    if clock is None or clock.state != "running":
        return NEVER
    moments = {
        "warning": clock.warn_at,
        "breach": clock.due_at,
        "unlawful": clock.statutory_due_at or clock.due_at,
    }
    return moments[event] or NEVER


def armed(work: Casework, event: ClockEvent) -> dict[str, Any]:
    """The columns of a timer that was just armed from a clock."""
    return {
        "case_id": work.case.id,
        "clock_key": event.key,
        "clock_event": event.event,
        "due_at": moment_of(work.clocks.get(event.key), event.event),
    }


def follow(work: Casework, row: models.ProcessInstance, live: Instance, step: Step) -> None:
    """After a step: move the timers of the clocks that it moved, say when the next one is due."""
    fresh = {timer.id for timer in step.armed}
    by_clock = [timer for timer in live.timers.values() if timer.clock is not None]
    older = {
        t.clock for t in by_clock if t.clock and t.id not in fresh and t.clock.key in work.moved
    }
    if older or (work.moved and work.case.beside):
        move_timers(work, older | _of_moved(work))
    if work.case.beside and work.moved:
        _others(work, row)
    moments = [t.due_at for t in live.timers.values() if t.clock is None]
    if by_clock and (work.moved or "clocks" in vars(work)):
        events = [t.clock for t in by_clock if t.clock]
        moments += [moment_of(work.clocks.get(each.key), each.event) for each in events]
    elif by_clock and row.next_due_at is not None:
        moments.append(row.next_due_at)  # not later than it may be: see timers.must_have_fired
    row.next_due_at = min(moments, default=None)
    work.moved.clear()


def _of_moved(work: Casework) -> set[ClockEvent]:
    events = ("warning", "breach", "unlawful")
    return {ClockEvent(event, key) for key in work.moved for event in events}


def move_timers(work: Casework, events: Iterable[ClockEvent]) -> None:
    """The rows of the case's timers that wait for these events of its clocks."""
    asked = [
        {
            "of_case": work.case.id,
            "of_clock": each.key,
            "at_event": each.event,
            "moved_to": moment_of(work.clocks.get(each.key), each.event),
        }
        for each in sorted(events)
    ]
    if asked:
        work.session.flush()
        for each in asked:
            work.session.execute(_MOVE, each)


def _others(work: Casework, row: models.ProcessInstance | None) -> None:
    """The next due moment of the case's other open instances."""
    due = select(func.min(_TIMER.c.due_at)).where(
        _TIMER.c.instance_id == _INSTANCE.c.id, _TIMER.c.fired_at.is_(None)
    )
    others = _INSTANCE.c.id != row.id if row is not None else true()
    work.session.execute(
        update(_INSTANCE)
        .where(_INSTANCE.c.case_id == work.case.id, _INSTANCE.c.is_finished.is_(False), others)
        .values(next_due_at=due.scalar_subquery())
    )


def settle(work: Casework) -> None:
    """After entries made outside any step (by hand): timers and next due moments follow."""
    move_timers(work, _of_moved(work))
    if work.moved:
        _others(work, None)
    work.moved.clear()


def follow_all(session: Session, case_ids: Iterable[UUID]) -> None:
    """Set-wise, after clocks of many cases were projected anew (a calendar changed)."""
    ids = list(case_ids)
    # By case and key, by instance: what else is asked is said as a value, or without statistics
    # PostgreSQL walks through all clocks that run and all timers that are armed, for each row anew.
    ends = case(
        (_CLOCK.c.state != "running", null()),
        (_TIMER.c.clock_event == "warning", _CLOCK.c.warn_at),
        (_TIMER.c.clock_event == "breach", _CLOCK.c.due_at),
        else_=func.coalesce(_CLOCK.c.statutory_due_at, _CLOCK.c.due_at),
    )
    moment = select(ends).where(
        _CLOCK.c.case_id == _TIMER.c.case_id, _CLOCK.c.key == _TIMER.c.clock_key
    )
    session.flush()
    session.execute(
        update(_TIMER)
        .where(_ARMED, among(session, _TIMER.c.case_id, ids))
        .values(due_at=func.coalesce(moment.scalar_subquery(), _NEVER))
    )
    armed = case((_TIMER.c.fired_at.is_(None), _TIMER.c.due_at))
    due = select(func.min(armed)).where(_TIMER.c.instance_id == _INSTANCE.c.id)
    session.execute(
        update(_INSTANCE)
        .where(among(session, _INSTANCE.c.case_id, ids), _INSTANCE.c.is_finished.is_(False))
        .values(next_due_at=due.scalar_subquery())
    )


# ── steps under way ─────────────────────────────────────────────────────────────────────────────

Place = models.Task | models.Wait


def hold_steps(work: Casework, key: str) -> None:
    """Bring the steps under way on a clock up to its pauses.

    A step that began before a pause stands still with the clock; its own limit is lengthened by the
    pause, as is told when the pause is expected to end. One that began with the pause (a site check)
    has a limit of its own and keeps it.
    """
    clock = work.clocks.get(key)
    if clock is None:
        return
    work.session.flush()
    entries = ledger.entries_of(work, clock)
    is_paused = clock.state == "paused"
    for place in _under_way(work, key):
        _hold(work, place, clock, entries, is_paused=is_paused)


def hold_all(work: Casework) -> None:
    """The steps under way on every clock that was paused, resumed or extended."""
    for key in sorted(work.held):
        hold_steps(work, key)
    work.held.clear()


def _under_way(work: Casework, key: str) -> list[Place]:
    task, wait = models.Task, models.Wait
    tasks = select(task).where(task.case_id == work.case.id, task.state.in_(OPEN))
    waits = select(wait).where(wait.case_id == work.case.id, wait.ended_at.is_(None))
    places: list[Place] = [*work.session.scalars(tasks), *work.session.scalars(waits)]
    drawn = work.procedure.element
    return [p for p in places if drawn(p.process_id, p.element_id).clock == key]


def _hold(
    work: Casework,
    place: Place,
    clock: models.Clock,
    entries: Iterable[ClockEntry],
    *,
    is_paused: bool,
) -> None:
    element = work.procedure.element(place.process_id, place.element_id)
    limit = work.limit(element.due, {}) if element.due else None
    pauses = within(place.since, entries, work.now_at)
    is_held = bool(pauses) or place.is_paused  # a pause that was corrected holds it no longer
    if limit is None or limit.begins_with_step is None or place.light == "red":
        return
    if not is_held and not limit.within_clock:
        return
    begun = ClockEntry(EntryKind.START, place.since, place.since)
    found = rules.project(
        limit.begins_with_step, [begun, *pauses], work.calendar, now=work.now_at, rule=work.lights
    )
    if found is None:
        return
    due_at, warn_at = found.due_at, found.warn_at
    ends = clock.due_at if limit.within_clock else None
    if ends is not None and work.now_at < ends < due_at and clock.warn_at is not None:
        due_at, warn_at = ends, clock.warn_at
    place.due_at, place.warn_at = due_at, warn_at
    place.is_paused = is_paused
    place.mark_at = None if is_paused else warn_at
    if not is_paused and warn_at > work.now_at:
        place.light = "green"


def within(since: datetime, entries: Iterable[ClockEntry], now: datetime) -> list[ClockEntry]:
    """The pauses that began while a step was under way since then, with what ended them, or will."""
    found: list[ClockEntry] = []
    told: list[ClockEntry] = []
    for entry in rules.standing(entries):
        if entry.kind is EntryKind.PAUSE and entry.effective_at > since:
            found.append(entry)
        elif entry.kind is EntryKind.RESUME and found:
            told.append(entry)
    ended = rules.open_pauses([*found, *told])
    expected = [
        ClockEntry(EntryKind.RESUME, max(e.expected_at, now), now, reason=e.reason, ground=e.ground)
        for e in ended
        if e.expected_at
    ]
    return [*found, *told, *expected]
