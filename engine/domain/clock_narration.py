"""A clock's working as one paragraph, for pages and letters, in Chinese and English."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from engine.domain.calendar import SHANGHAI
from engine.domain.clock_chinese import CHINESE
from engine.domain.clock_english import ENGLISH
from engine.domain.clock_ledger import Pause, Unit
from engine.domain.clock_reading import ClockReading, ClockState
from engine.domain.clock_wording import Wording
from engine.domain.clock_working import DayOfWorking, DayReason


def narrate(
    reading: ClockReading, *, language: Literal["zh", "en"] = "zh", zone: ZoneInfo = SHANGHAI
) -> str:
    """Which days do not count and why, and the last day: told from the reading's own working."""
    wording = CHINESE if language == "zh" else ENGLISH
    if reading.start is None or reading.due_at is None or reading.started_on is None:
        return wording.not_started
    by_minutes = reading.budget.unit.is_office_time
    pauses = _long_pauses if by_minutes else _pauses
    sentences = [
        *_start(reading, wording, zone),
        *_holidays(reading, wording),
        *pauses(reading, wording, zone),
        *_end(reading, wording, reading.due_at.astimezone(zone)),
        *_outcome(reading, wording, zone),
    ]
    return wording.space.join(sentences)


def _start(reading: ClockReading, wording: Wording, zone: ZoneInfo) -> Iterator[str]:
    if reading.start is None or reading.started_on is None:
        return
    arrived = reading.start.effective_at.astimezone(zone)
    if reading.budget.unit.is_office_time:
        yield wording.start_by_hour(reading.start.reason, arrived, reading.start.basis)
        return
    if arrived.date() != reading.started_on:
        yield wording.out_of_hours(arrived, reading.started_on)
    yield wording.start(reading.start.reason, reading.started_on, reading.start.basis)


def _pauses(reading: ClockReading, wording: Wording, zone: ZoneInfo) -> Iterator[str]:
    paused = [day for day in reading.working if day.reason is DayReason.PAUSED]
    for pause, days in groupby(paused, lambda day: _pause_of(day, reading.pauses)):
        if pause is None:
            continue
        listed = [day.on for day in days]
        resumed = None if pause.is_open else pause.until.astimezone(zone).date()
        yield wording.pause(listed, pause.reason, pause.document, resumed)


def _long_pauses(reading: ClockReading, wording: Wording, zone: ZoneInfo) -> Iterator[str]:
    for pause in reading.pauses:
        until = None if pause.is_open else pause.until.astimezone(zone)
        yield wording.pause_by_hour(
            pause.since.astimezone(zone), until, pause.reason, pause.document
        )


def _pause_of(day: DayOfWorking, pauses: Sequence[Pause]) -> Pause | None:
    return next((pause for pause in pauses if pause.first <= day.on <= pause.last), None)


def _holidays(reading: ClockReading, wording: Wording) -> Iterator[str]:
    if reading.budget.unit is Unit.WORKING_DAYS or reading.budget.unit.is_office_time:
        for reason in (DayReason.HOLIDAY, DayReason.MAKEUP):
            days = [day for day in reading.working if day.reason is reason]
            for name, named in groupby(days, lambda day: day.name):
                yield wording.holiday(reason, name, [day.on for day in named])
    elif any(day.reason in (DayReason.WEEKEND, DayReason.HOLIDAY) for day in reading.working):
        yield wording.rolled


def _end(reading: ClockReading, wording: Wording, due_at: datetime) -> Iterator[str]:
    if reading.extended:
        yield wording.extended(reading.extended, reading.budget.unit)
    amount = reading.budget.amount + reading.extended
    yield wording.last_day(amount, reading.budget.unit, due_at, _first_year(reading))
    if reading.statutory and reading.statutory_due_at:
        by_law = reading.statutory_due_at.astimezone(due_at.tzinfo)
        yield wording.by_law(reading.statutory.amount, reading.statutory.unit, by_law)
    if reading.provisional:
        yield wording.provisional


def _first_year(reading: ClockReading) -> int:
    return reading.started_on.year if reading.started_on else date.min.year


def _outcome(reading: ClockReading, wording: Wording, zone: ZoneInfo) -> Iterator[str]:
    if reading.stopped_at:
        at = reading.stopped_at.astimezone(zone)
        yield wording.stopped(at, reading.used, reading.budget.unit)
    elif reading.state is ClockState.PAUSED and reading.left >= 0:
        yield wording.still_paused
    if reading.left < 0:
        yield wording.over(-reading.left, reading.budget.unit)
    if reading.is_unlawful:
        yield wording.unlawful
