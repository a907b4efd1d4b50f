"""The sentences in which a clock's working is told: one set for each language."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.domain.clock_ledger import Unit
from engine.domain.clock_working import DayReason

#: From so many days in a row on, a list of days is told as a range.
RANGE = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language; each is a constant or a function of what it tells."""

    space: str
    not_started: str
    rolled: str
    provisional: str
    still_paused: str
    unlawful: str
    out_of_hours: Callable[[datetime, date], str]
    start: Callable[[str, date, str], str]
    start_by_hour: Callable[[str, datetime, str], str]
    pause: Callable[[Sequence[date], str, str, date | None], str]
    pause_by_hour: Callable[[datetime, datetime | None, str, str], str]
    holiday: Callable[[DayReason, str, Sequence[date]], str]
    extended: Callable[[int, Unit], str]
    last_day: Callable[[int, Unit, datetime, int], str]
    by_law: Callable[[int, Unit, datetime], str]
    stopped: Callable[[datetime, int, Unit], str]
    over: Callable[[int, Unit], str]


def runs(days: Sequence[date]) -> Iterator[list[date]]:
    """Days in a row, in the order given."""
    run: list[date] = []
    for day in days:
        if run and day - run[-1] != timedelta(1):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def day_unit(unit: Unit) -> Unit:
    """In what a limit of that unit is overrun."""
    if unit.is_office_time:
        return unit
    return Unit.WORKING_DAYS if unit is Unit.WORKING_DAYS else Unit.CALENDAR_DAYS
