"""Timers armed from clocks: a diagram says which clock and what of it; the clock says when.

A timer's `timeDate` calls one of the functions below. What it gets is no moment but a reference: the
instance keeps no copy of an end that may move, so pausing, resuming, extending or re-projecting a
clock moves the rows of the timer table and nothing else (services/clock_moves.py).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

PREFIX = "clock:"
#: Function of a `timeDate` -> the event of the clock at which the timer fires.
EVENTS: Mapping[str, str] = {
    "clock_warning": "warning",  # the light turns yellow
    "clock_due": "breach",  # the promised limit has passed
    "clock_statutory": "unlawful",  # the law's own limit has passed
}


class ClockEvent(NamedTuple):
    """What a timer waits for: an event of the clock of that key."""

    event: str
    key: str

    @property
    def reference(self) -> str:
        return f"{PREFIX}{self.event}:{self.key}"


def parse(value: object) -> ClockEvent | None:
    """The event that a timer's stored value refers to; None for a moment."""
    if not isinstance(value, str) or not value.startswith(PREFIX):
        return None
    event, _, key = value.removeprefix(PREFIX).partition(":")
    return ClockEvent(event, key)


def _referring(event: str) -> Callable[[str], str]:
    return lambda clock: ClockEvent(event, clock).reference


FUNCTIONS: Mapping[str, Callable[[str], str]] = {
    name: _referring(event) for name, event in EVENTS.items()
}
