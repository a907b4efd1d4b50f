"""Ends of limits by one edition of the calendar; what many limits share is counted once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.calendar import Calendar
from engine.domain.clock_ledger import Budget, ClockEntry, EntryKind, Term, begin, last_day, resolve
from engine.domain.light import warn_at

_Shape = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The last moment of a limit, and from when on its light is yellow."""

    due_at: datetime
    warn_at: datetime


class Recount:
    """Counts the ends of many limits, each distinct one once: 100,000 clocks have a few thousand."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._ends: dict[_Shape, End] = {}
        self._begun: dict[tuple[date, bool], date] = {}

    @property
    def counted(self) -> int:
        """How many distinct limits were counted."""
        return len(self._ends)

    def step(self, start: datetime, budget: Budget) -> End:
        """The end of a limit that has run from `start` without a pause."""
        return self._end((self._first_day(start), budget, budget.amount), start, budget)

    def clock(self, budget: Budget, entries: Sequence[ClockEntry]) -> End | None:
        """The end of a clock by its ledger; None before the start.

        While paused, as of the last entry: that is what was stored when it was made.
        """
        real = [entry for entry in entries if entry.kind is not EntryKind.RECOUNT]
        if len(real) == 1 and real[0].kind is EntryKind.START and not real[0].names_day:
            return self.step(real[0].effective_at, budget)
        if not real:
            return None
        now = max(entry.recorded_at for entry in real)
        term = resolve(budget, real, self.calendar, now=now)
        return None if term is None else self._end_of_term(term, budget)

    def _end_of_term(self, term: Term, budget: Budget) -> End:
        paused = tuple((pause.first, pause.last) for pause in term.pauses)
        shape = (term.started_on, budget, term.total, paused)
        if shape not in self._ends:
            self._ends[shape] = self._told(term, budget)
        return self._ends[shape]

    def _end(self, shape: _Shape, start: datetime, budget: Budget) -> End:
        if shape not in self._ends:
            begun = ClockEntry(EntryKind.START, effective_at=start, recorded_at=start)
            self._ends[shape] = self._told(begin(budget, begun, self.calendar), budget)
        return self._ends[shape]

    def _told(self, term: Term, budget: Budget) -> End:
        due_at = self.calendar.closing(last_day(term, self.calendar))
        return End(due_at, warn_at(due_at, budget.amount, self.calendar))

    def _first_day(self, start: datetime) -> date:
        local = self.calendar.local(start)
        on, late = local.date(), local.timetz().replace(tzinfo=None) > self.calendar.closes
        if (on, late) not in self._begun:
            self._begun[on, late] = self.calendar.counted_from(start)
        return self._begun[on, late]
