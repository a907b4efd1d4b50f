"""Whose time the working days of a case were: shares that sum up to the whole."""

from collections.abc import Iterable
from datetime import date, timedelta

from engine.domain.calendar import Calendar
from engine.domain.clock import Holder, Whose


def shares(
    holders: Iterable[Holder], calendar: Calendar, *, after: date, until: date
) -> tuple[tuple[Whose, int], ...]:
    """Working days after `after`, through `until`, by whose they were.

    As on the clock: the first day is not counted, a day is whose it was at its opening. Before
    anybody held it, it was the first holder's.
    """
    known = sorted(holders, key=lambda holder: holder.since)
    counted = dict.fromkeys(Whose, 0)
    day = after + timedelta(days=1)
    while known and day <= until:
        if calendar.is_open(day):
            opening = calendar.opening(day)
            held = [holder for holder in known if holder.since <= opening] or known[:1]
            counted[held[-1].whose] += 1
        day += timedelta(days=1)
    return tuple((whose, days) for whose, days in counted.items() if days)
