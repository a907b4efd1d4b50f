"""When a step that begins now is to end: by its own limit, or with the clock that runs for it alone."""

from dataclasses import dataclass
from datetime import datetime

from engine.domain.clock import Budget, warn_at
from engine.domain.clock_ledger import office_minutes
from engine.persistence import models
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Wait
from engine.services import ledger
from engine.services.casework import Casework

_BEGIN = ("start", "restart")


@dataclass(frozen=True, slots=True)
class Tie:
    """A step whose end its clock has a say in: the clock runs for it alone, or it may not outlast it."""

    clock: str
    is_for_it_alone: bool


def tie_of(procedure: Procedure, element: Element) -> Tie | None:
    """What ties the end of a step to its clock; None where the step has its own limit."""
    kind = procedure.clocks.get(element.clock or "")
    if kind is not None and kind.limit == element.due:
        return Tie(kind.key, is_for_it_alone=True)
    limit = procedure.limits.get(element.due or "")
    if element.clock and limit is not None and limit.within_clock:
        return Tie(element.clock, is_for_it_alone=False)
    return None


def end_of(work: Casework, wait: Wait) -> tuple[datetime | None, datetime | None, Budget | None]:
    """When a wait that begins now is to end, from when on its light is yellow, and its limit."""
    name = wait.element.due
    limit = work.limit(name, wait.data) if name else None
    clock = _clock_of_step(work, wait.element) if limit else None
    if (
        limit is not None and clock is not None
    ):  # the step's limit is the clock's own: they end together
        return clock.due_at, clock.warn_at, limit.budget
    due_at = work.end_of(limit) if limit else None
    if limit is None or due_at is None:
        return None, None, None
    over_it = None
    if limit.within_clock and not _ends_with_its_case(work, wait.element, due_at):
        over_it = _clock_above(work, wait.element)
    if over_it is not None and over_it.due_at is not None and over_it.due_at < due_at:
        return over_it.due_at, over_it.warn_at, limit.budget
    if limit.begins_with_step is None:
        return due_at, due_at, None
    unit, amount = limit.begins_with_step.unit, limit.begins_with_step.amount
    total = office_minutes(amount, unit, work.calendar) if unit.is_office_time else amount
    return due_at, warn_at(due_at, total, work.calendar, work.lights, unit), limit.begins_with_step


def _ends_with_its_case(work: Casework, element: Element, due_at: datetime) -> bool:
    """Whether the case's row, which shows the clock, tells already that the step ends before: no ledger
    is read for that."""
    shown = work.case.due_at
    return element.clock in ledger.LED_BY_OPERATIONS and shown is not None and due_at <= shown


def _clock_above(work: Casework, element: Element) -> models.Clock | None:
    """The running clock of the step, unless it has passed: then the step has its own limit."""
    clock = work.clocks.get(element.clock or "")
    if clock is None or clock.state != "running" or clock.due_at is None:
        return None
    return clock if clock.due_at > work.now_at else None


def _clock_of_step(work: Casework, element: Element) -> models.Clock | None:
    """The clock that runs for this step alone, from its own limit."""
    kind = work.procedure.clocks.get(element.clock or "")
    if kind is None or kind.limit != element.due or "clocks" not in vars(work):
        return None
    clock = work.clocks.get(kind.key)
    if clock is None or clock.state != "running":
        return None
    begun = [e for e in work.clock_entries if e.clock_id == clock.id and e.kind in _BEGIN]
    # A step that is done over again has its whole limit again; the clock goes on.
    return clock if begun and begun[-1].recorded_at == work.now_at else None
