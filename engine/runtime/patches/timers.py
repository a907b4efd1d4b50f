"""Timers fire when they are released, and by nothing else: the timer table is the truth.

The library fires a timer as soon as its stored moment has passed, in the middle of anybody's step,
so an answer that comes between the moment and the next poll leaves no trace of the breach. Two
timers on one event-based gateway share one moment. A cycle on an interrupting boundary event never
interrupts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import (
    BoundaryEvent,
    EventBasedGateway,
)
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.clock import NEVER
from engine.runtime import clock_timers
from engine.runtime.clock_timers import ClockEvent

_VALUE, _FIRED, _RELEASED, _MOMENTS = "event_value", "event_fired", "event_released", "moments"
_run_gateway = EventBasedGateway._run_hook


@dataclass(frozen=True, slots=True)
class Armed:
    """An armed timer of a waiting task. `mark` tells several of one task apart; the first of a
    cycle, and the only one of a task, have none. `event`: the event behind a gateway that it is.
    `clock`: what it waits for when a clock says its moment; it is NEVER until the table says when."""

    mark: str
    at: datetime
    event: str | None = None
    clock: ClockEvent | None = None


def install() -> None:
    TimeDateEventDefinition.has_fired = _once
    DurationTimerEventDefinition.has_fired = _once
    CycleTimerEventDefinition.has_fired = _again
    CycleTimerEventDefinition.update_task = _leave_to_has_fired
    CatchingEvent._predict_hook = _predict
    MultipleEventDefinition.has_fired = _any_of_several
    EventBasedGateway._run_hook = _go_the_way_of_the_timer
    BpmnWorkflow.refresh_timers = _leave_to_the_table


def armed(task: Task) -> Iterator[Armed]:
    """The timers that a waiting task has armed, and when each is due."""
    value = task.internal_data.get(_VALUE)
    if isinstance(value, dict):
        if value["cycles"] != 0:
            yield Armed(_mark(value), datetime.fromisoformat(value["next"]))
    elif value:
        yield _armed("", value, _only_event(task))
    for place, moment in task.internal_data.get(_MOMENTS, {}).items():
        yield _armed(f"#{place}", moment, task.children[int(place)].task_spec.bpmn_id)


def _armed(mark: str, told: str, event: str | None) -> Armed:
    clock = clock_timers.parse(told)
    return Armed(mark, NEVER if clock else datetime.fromisoformat(told), event, clock)


def _only_event(task: Task) -> str | None:
    """The event behind a gateway that holds one timer."""
    if not isinstance(task.task_spec, EventBasedGateway):
        return None
    definitions = task.task_spec.event_definition.event_definitions
    places = [n for n, each in enumerate(definitions) if isinstance(each, TimerEventDefinition)]
    return str(task.children[places[0]].task_spec.bpmn_id) if places else None


def timer_id(task_id: UUID, mark: str) -> UUID:
    """What the timer table knows an armed timer by."""
    return uuid5(task_id, mark) if mark else task_id


def retimed(task_id: UUID, held: dict[str, Any], moments: Mapping[UUID, datetime]) -> None:
    """Move the armed timers in a task's internal data to these moments, by their ids."""
    value = held.get(_VALUE)
    if isinstance(value, dict):
        moment = moments.get(timer_id(task_id, _mark(value)))
        value["next"] = moment.isoformat() if moment else value["next"]
    elif value and task_id in moments and clock_timers.parse(value) is None:
        held[_VALUE] = moments[task_id].isoformat()
    for place in held.get(_MOMENTS, ()):
        moment = moments.get(timer_id(task_id, f"#{place}"))
        if moment and clock_timers.parse(held[_MOMENTS][place]) is None:
            held[_MOMENTS][place] = moment.isoformat()


def _mark(cycle: Mapping[str, Any]) -> str:
    return str(cycle.get("fired", 0) or "")


def release(task: Task, mark: str) -> None:
    """Let an armed timer fire."""
    if mark.startswith("#"):
        task.internal_data[_RELEASED] = mark.removeprefix("#")
    elif isinstance(task.internal_data.get(_VALUE), dict):
        task.internal_data[_RELEASED] = True
    else:
        task.internal_data[_FIRED] = True
    task.task_spec._update(task)


def _now(task: Task) -> datetime:
    engine = task.workflow.script_engine
    moment: datetime = engine.now() if hasattr(engine, "now") else datetime.now(UTC)
    return moment


def _moment(definition: TimerEventDefinition, task: Task) -> str:
    """When a timer is due that is armed now."""
    told = task.workflow.script_engine.evaluate(task, definition.expression)
    if isinstance(definition, DurationTimerEventDefinition):
        start = _now(task)
        return _at(start + _length(told, start))
    if isinstance(definition, CycleTimerEventDefinition):
        return str(_cycle(told, _now(task))["next"])
    if clock_timers.parse(told) is None:
        TimerEventDefinition.get_datetime(told)
    return str(told)


def _length(told: str, start: datetime) -> timedelta:
    parsed = TimerEventDefinition.parse_iso_duration(told)
    length: timedelta = TimerEventDefinition.get_timedelta_from_start(parsed, start)
    return length


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _once(self: TimerEventDefinition, my_task: Task) -> bool:
    if my_task.internal_data.get(_VALUE) is None:
        my_task.internal_data[_VALUE] = _moment(self, my_task)
    return bool(my_task.internal_data.get(_FIRED))


# ── cycles ──────────────────────────────────────────────────────────────────────────────────────


def _cycle(told: str, now: datetime) -> dict[str, Any]:
    parts = told.upper().split("/")
    if len(parts) == 2:
        length = _length(parts[1], now)
        cycles, start = int(parts[0].strip("R") or -1), now + length
    else:
        cycles, start, length = TimerEventDefinition.parse_iso_recurring_interval(told)
    return {"cycles": cycles, "next": _at(start), "duration": length.total_seconds(), "fired": 0}


def _again(self: CycleTimerEventDefinition, my_task: Task) -> bool:
    held = my_task.internal_data
    value = held.get(_VALUE)
    if value is None:
        told = my_task.workflow.script_engine.evaluate(my_task, self.expression)
        value = held[_VALUE] = _cycle(told, _now(my_task))
    if held.pop(_RELEASED, False) and value["cycles"] != 0:
        if not _repeats(my_task):
            held[_FIRED] = True
        else:
            _go_on_beside(my_task)
            value["cycles"] -= 1
            value["fired"] = value.get("fired", 0) + 1
            following = datetime.fromisoformat(value["next"]) + timedelta(seconds=value["duration"])
            value["next"] = _at(following)
    return bool(held.get(_FIRED))


def _repeats(task: Task) -> bool:
    spec = task.task_spec
    return isinstance(spec, BoundaryEvent) and not spec.cancel_activity


def _go_on_beside(task: Task) -> None:
    for output in task.task_spec.outputs:
        child = task._add_child(output, TaskState.FUTURE)
        child.task_spec._predict(child, mask=TaskState.NOT_FINISHED_MASK)
        child.task_spec._update(child)


# The library foresees nothing behind any cycle, so an interrupting one leads nowhere.
def _predict(self: CatchingEvent, my_task: Task) -> None:
    is_cycle = isinstance(self.event_definition, CycleTimerEventDefinition)
    if not (is_cycle and _repeats(my_task)):
        super(CatchingEvent, self)._predict_hook(my_task)


def _leave_to_has_fired(self: CycleTimerEventDefinition, my_task: Task) -> None:
    """A repetition has begun already when the timer was released."""


def _leave_to_the_table(self: BpmnWorkflow) -> None:
    """No timer fires by itself, so there is nothing to be looked at after a step."""


# ── several events in one place ─────────────────────────────────────────────────────────────────


def _any_of_several(self: MultipleEventDefinition, my_task: Task) -> bool:
    held = my_task.internal_data
    seen = held.setdefault("seen_events", [])
    timers = {
        str(place): each
        for place, each in enumerate(self.event_definitions)
        if isinstance(each, TimerEventDefinition)
    }
    fired = _fired(timers, my_task)
    if fired is not None and not any(event.event_definition is fired for event in seen):
        seen.append(BpmnEvent(fired))
    if self.parallel:
        return len(seen) >= len(self.event_definitions)
    return bool(seen)


def _fired(timers: dict[str, TimerEventDefinition], my_task: Task) -> TimerEventDefinition | None:
    held = my_task.internal_data
    if len(timers) == 1:
        (only,) = timers.values()
        return only if _once(only, my_task) else None
    if timers and _MOMENTS not in held:
        held[_MOMENTS] = {place: _moment(each, my_task) for place, each in timers.items()}
    released = held.pop(_RELEASED, None)
    return None if released is None else timers[released]


# The library takes two timers of one name for the same, and goes the way of the first.
def _go_the_way_of_the_timer(self: EventBasedGateway, my_task: Task) -> object:
    definitions = self.event_definition.event_definitions
    for event in my_task.internal_data.get("seen_events", ()):
        for place, each in enumerate(definitions):
            if each is event.event_definition and isinstance(each, TimerEventDefinition):
                way = my_task.children[place].task_spec
                my_task._sync_children([way], TaskState.FUTURE)
                for child in my_task.children:
                    mask = TaskState.FUTURE | TaskState.PREDICTED_MASK
                    child.task_spec._predict(child, mask=mask)
                return True
    return _run_gateway(self, my_task)
