"""Clocks that run on records and not in cases: their ledgers, and what is projected from them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain import clock as rules
from engine.domain.actor import SYSTEM
from engine.domain.clock import Budget, ClockReading, EntryKind, Holder, Unit
from engine.domain.clock_narration import narrate
from engine.domain.views import ClockEntryView, ClockView
from engine.domain.words import Words
from engine.persistence import models
from engine.services.clock_entries import Entry
from engine.services.office import Office
from engine.services.writing import Writing

STOPPED = "stopped"
#: Clocks of one transaction when a calendar has changed.
BATCH = 500


def begin(
    by: Writing, record_id: UUID, key: str, budget: Budget, entry: Entry
) -> models.RecordClock:
    """Start a clock; its first line carries the basis of the limit."""
    clock = models.RecordClock(
        id=uuid4(),
        record_id=record_id,
        key=key,
        amount=budget.amount,
        unit=budget.unit.value,
        basis=entry.basis,
        state="running",
        entry_count=0,
    )
    row = _line(by, clock, entry)
    _project(by.office, clock, [as_entry(row)], by.now)
    by.session.add(clock)
    by.session.flush()  # what rests on it is written after it
    by.session.add(row)
    return clock


def enter(by: Writing, clock: models.RecordClock, entry: Entry) -> None:
    """One more line; everything projected follows."""
    before = entries_of(by.session, clock)
    row = _line(by, clock, entry)
    by.session.add(row)
    _project(by.office, clock, [*before, as_entry(row)], by.now)


def pause(by: Writing, clock: models.RecordClock, entry: Entry) -> None:
    """A pause on a ground; a second one on the same ground adds nothing."""
    held = rules.open_pauses(entries_of(by.session, clock))
    if clock.state != STOPPED and all(each.ground != entry.ground for each in held):
        enter(by, clock, entry)


def resume(by: Writing, clock: models.RecordClock, entry: Entry) -> None:
    """End the pause on that ground, when there is one."""
    held = rules.open_pauses(entries_of(by.session, clock))
    if clock.state != STOPPED and any(each.ground == entry.ground for each in held):
        enter(by, clock, entry)


def stop(by: Writing, clock: models.RecordClock, entry: Entry) -> None:
    if clock.state != STOPPED:
        enter(by, clock, entry)


def take_back_stop(by: Writing, clock: models.RecordClock, entry: Entry) -> None:
    """What stopped the clock did not count after all: it runs on as if it had never stopped."""
    stops = [e for e in rules.standing(entries_of(by.session, clock)) if e.kind is EntryKind.STOP]
    if clock.state == STOPPED and stops:
        void = Entry(
            EntryKind.VOID,
            entry.reason,
            basis=entry.basis,
            document=entry.document,
            voids=stops[-1].sequence,
        )
        enter(by, clock, void)


def _line(by: Writing, clock: models.RecordClock, entry: Entry) -> models.RecordClockEntry:
    clock.entry_count += 1
    return models.RecordClockEntry(
        clock_id=clock.id,
        sequence=clock.entry_count,
        kind=entry.kind.value,
        effective_at=entry.effective_at or by.now,
        recorded_at=by.now,
        basis=entry.basis,
        document=entry.document[:200],
        actor=by.actor.name,
        reason=entry.reason[:200],
        names_day=entry.names_day,
        ground=entry.ground,
        expected_at=entry.expected_at,
        due_before=None,
        due_after=None,
        voids=entry.voids,
    )


def _project(
    office: Office, clock: models.RecordClock, entries: Sequence[rules.ClockEntry], now: datetime
) -> None:
    calendar = office.calendar()
    found = rules.project(
        budget_of(clock), entries, calendar, now=now, rule=office.parameters().lights("", "")
    )
    if found is None:  # the first line of every ledger starts it
        raise ValueError("a clock of a record has no start")
    clock.state = found.state.kept
    clock.due_at, clock.warn_at = found.due_at, found.warn_at
    clock.is_provisional, clock.late_at = found.is_provisional, found.late_at
    clock.calendar_edition = calendar.edition


def budget_of(clock: models.RecordClock) -> Budget:
    return Budget(clock.amount, Unit(clock.unit))


def entries_of(session: Session, clock: models.RecordClock) -> list[rules.ClockEntry]:
    """The stored lines, and those of this transaction."""
    row = models.RecordClockEntry
    stored = list(session.scalars(select(row).where(row.clock_id == clock.id)))
    fresh = [e for e in session.new if isinstance(e, row) and e.clock_id == clock.id]
    return [as_entry(each) for each in sorted([*stored, *fresh], key=lambda e: e.sequence)]


def as_entry(row: models.RecordClockEntry) -> rules.ClockEntry:
    return rules.ClockEntry(
        kind=EntryKind(row.kind),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        basis=row.basis,
        document=row.document,
        actor=row.actor,
        reason=row.reason,
        due_before=row.due_before,
        due_after=row.due_after,
        names_day=row.names_day,
        ground=row.ground,
        expected_at=row.expected_at,
        sequence=row.sequence,
        voids=row.voids,
    )


# ── what readers see ────────────────────────────────────────────────────────────────────────────


def read(
    office: Office,
    clock: models.RecordClock,
    entries: Iterable[rules.ClockEntry],
    *,
    now: datetime,
    holders: Iterable[Holder] = (),
) -> ClockReading:
    """Everything the clock says at `now`; see engine/domain/clock.py."""
    return rules.read(
        budget_of(clock),
        entries,
        office.calendar(),
        now=now,
        holders=holders,
        rule=office.parameters().lights("", ""),
    )


def view(
    office: Office,
    session: Session,
    clock: models.RecordClock,
    title: Words,
    *,
    now: datetime,
    holders: Iterable[Holder] = (),
    is_public: bool = False,
) -> ClockView:
    """The clock with its printed working; the public is told no names."""
    entries = entries_of(session, clock)
    reading = read(office, clock, entries, now=now, holders=holders)
    counted = rules.standing(entries)
    return ClockView(
        key=clock.key,
        title=title,
        budget=budget_of(clock),
        basis=clock.basis,
        reading=reading,
        narrative=Words(narrate(reading), narrate(reading, language="en")),
        entries=tuple(
            _entry_view(
                each,
                is_void=each.kind is not EntryKind.VOID and each not in counted,
                is_public=is_public,
            )
            for each in entries
        ),
    )


def _entry_view(entry: rules.ClockEntry, *, is_void: bool, is_public: bool) -> ClockEntryView:
    told: dict[str, Any] = {"ground": entry.ground, "expected_at": entry.expected_at}
    return ClockEntryView(
        kind=entry.kind.value,
        effective_at=entry.effective_at,
        recorded_at=entry.recorded_at,
        basis=entry.basis,
        document=entry.document,
        actor="" if is_public else entry.actor,
        reason=entry.reason,
        due_before=entry.due_before,
        due_after=entry.due_after,
        sequence=entry.sequence,
        is_void=is_void,
        **told,
    )


# ── a changed calendar ──────────────────────────────────────────────────────────────────────────


def recount(office: Office, *, now: datetime) -> int:
    """Bring running clocks to the calendar's edition; a date that moved leaves its line. How many."""
    done = 0
    while brought := _batch(office, now):
        done += brought
    return done


def _batch(office: Office, now: datetime) -> int:
    clock, edition = models.RecordClock, office.calendar().edition
    behind = select(clock).where(clock.state != STOPPED, clock.calendar_edition < edition)
    with office.uow.glance() as connection:
        if not connection.scalar(select(behind.with_only_columns(clock.id).exists())):
            return 0
    with office.uow.begin() as session:
        rows = session.scalars(
            behind.order_by(clock.id).limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            _recount(Writing(office, session, SYSTEM, now), row)
    return len(rows)


def _recount(by: Writing, clock: models.RecordClock) -> None:
    before, entries = clock.due_at, entries_of(by.session, clock)
    _project(by.office, clock, entries, by.now)
    if clock.due_at == before or clock.state == "paused":
        return
    row = _line(by, clock, Entry(EntryKind.RECOUNT, "工作日历变更"))
    row.due_before, row.due_after = before, clock.due_at
    by.session.add(row)
