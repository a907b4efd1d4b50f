"""Ends of limits by one edition of the calendar; what many limits share is counted once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.domain.calendar import Calendar
from engine.domain.clock import USUAL_LIGHTS, LightRule, Projection, project
from engine.domain.clock_ledger import Budget, ClockEntry, EntryKind, open_pauses, resolve


@dataclass(frozen=True, slots=True)
class Limits:
    """A promised limit, the law's own behind it, and when its light turns yellow."""

    budget: Budget
    statutory: Budget | None = None
    rule: LightRule = USUAL_LIGHTS
    _hash: int = field(init=False, repr=False, compare=False)  # asked for by the hundred thousand

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.budget, self.statutory, self.rule)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class End:
    """The last moment of a limit, that of the law behind it, and when its light turns yellow."""

    due_at: datetime
    warn_at: datetime
    statutory_due_at: datetime | None
    is_provisional: bool


class Recount:
    """Counts the ends of many limits, each distinct one once: 100,000 clocks have a few thousand."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._ends: dict[tuple[object, ...], End] = {}
        self._begun: dict[tuple[date, bool], date] = {}

    @property
    def counted(self) -> int:
        """How many distinct limits were counted."""
        return len(self._ends)

    def step(self, start: datetime, limits: Limits) -> End:
        """The end of a limit that has run from `start` without a pause."""
        by_minutes = limits.budget.unit.is_office_time
        shape = (start if by_minutes else self._first_day(start), limits)
        held = self._ends.get(shape)
        if held is None:
            begun = ClockEntry(EntryKind.START, effective_at=start, recorded_at=start)
            held = self._ends[shape] = self._counted(limits, [begun], start)
        return held

    def ledger(self, entries: Sequence[ClockEntry], limits: Limits) -> End | None:
        """The end of a clock by its ledger; None before the start.

        While paused, as of the last entry: that is what was stored when it was made.
        """
        real = [entry for entry in entries if entry.kind is not EntryKind.RECOUNT]
        if len(real) == 1 and real[0].kind is EntryKind.START and not real[0].names_day:
            return self.step(real[0].effective_at, limits)
        if not real:
            return None
        now = max(entry.recorded_at for entry in real)
        term = resolve(limits.budget, real, self.calendar, now=now)
        if term is None:
            return None
        if term.unit.is_office_time:
            return self._counted(limits, real, now)
        paused = tuple((pause.first, pause.last) for pause in term.pauses)
        shape = (term.started_on, limits, term.total, paused)
        held = self._ends.get(shape)
        if held is None:
            held = self._ends[shape] = self._counted(limits, real, now)
        return held

    def told(self, entries: Sequence[ClockEntry], limits: Limits) -> End | None:
        """Of a paused clock: its end as its letter said, as if every pause ended when expected."""
        waiting = open_pauses(entries)
        if not waiting or not all(each.expected_at for each in waiting):
            return self.ledger(entries, limits)
        now = max(entry.recorded_at for entry in entries)
        ends = [
            ClockEntry(
                EntryKind.RESUME, each.expected_at, now, reason=each.reason, ground=each.ground
            )
            for each in waiting
            if each.expected_at
        ]
        return self._counted(limits, [*entries, *ends], now)

    def _counted(self, limits: Limits, entries: Sequence[ClockEntry], now: datetime) -> End:
        found = project(
            limits.budget,
            entries,
            self.calendar,
            now=now,
            rule=limits.rule,
            statutory=limits.statutory,
        )
        assert isinstance(found, Projection)  # noqa: S101 - it has a start
        return End(found.due_at, found.warn_at, found.statutory_due_at, found.is_provisional)

    def _first_day(self, start: datetime) -> date:
        local = self.calendar.local(start)
        on, late = local.date(), local.timetz().replace(tzinfo=None) > self.calendar.closes
        if (on, late) not in self._begun:
            self._begun[on, late] = self.calendar.counted_from(start)
        return self._begun[on, late]
