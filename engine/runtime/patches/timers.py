"""Timers fire when they are released, and by nothing else: the timer table is the truth.

The library fires a timer as soon as its stored moment has passed, in the middle of anybody's step,
so an answer that comes between the moment and the next poll leaves no trace of the breach. Two
timers on one event-based gateway share one moment. A cycle on an interrupting boundary event never
interrupts, and one that does not interrupt takes away what it has begun when its task is done.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
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
_LENGTH = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_ROUNDS = re.compile(r"R([1-9]\d{0,3})?")
#: What comes of reading as a time what is none.
_NO_TIME = (ValueError, TypeError, AttributeError, OverflowError)
_run_gateway = EventBasedGateway._run_hook


@dataclass(frozen=True, slots=True)
class Armed:
    """An armed timer of a waiting task. `mark` tells several of one task apart; the only one
    has none. `event`: the event behind a gateway that it is. `clock`: what it waits for when a
    clock says its moment; it is NEVER until the table says when."""

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
    if value:
        moment = value["next"] if isinstance(value, dict) else value
        yield _armed("", moment, _only_event(task))
    for place, moment in task.internal_data.get(_MOMENTS, {}).items():
        yield _armed(f"#{place}", moment, task.task_spec.outputs[int(place)].bpmn_id)


def _armed(mark: str, told: str, event: str | None) -> Armed:
    clock = clock_timers.parse(told)
    return Armed(mark, NEVER if clock else datetime.fromisoformat(told), event, clock)


def _only_event(task: Task) -> str | None:
    """The event behind a gateway that holds one timer."""
    if not isinstance(task.task_spec, EventBasedGateway):
        return None
    definitions = task.task_spec.event_definition.event_definitions
    places = [n for n, each in enumerate(definitions) if isinstance(each, TimerEventDefinition)]
    return str(task.task_spec.outputs[places[0]].bpmn_id) if places else None


def timer_id(task_id: UUID, mark: str) -> UUID:
    """What the timer table knows an armed timer by."""
    return uuid5(task_id, mark) if mark else task_id


def retimed(task_id: UUID, held: dict[str, Any], moments: Mapping[UUID, datetime]) -> None:
    """Move the armed timers in a task's internal data to these moments, by their ids."""
    value, moment = held.get(_VALUE), moments.get(task_id)
    if value and moment and not _is_of_a_clock(value):
        told = moment.isoformat()
        held[_VALUE] = {**value, "next": told} if isinstance(value, dict) else told
    for place in held.get(_MOMENTS, ()):
        moment = moments.get(timer_id(task_id, f"#{place}"))
        if moment and not _is_of_a_clock(held[_MOMENTS][place]):
            held[_MOMENTS][place] = moment.isoformat()


def _is_of_a_clock(value: object) -> bool:
    return clock_timers.parse(value) is not None


def rearmed(task: Task, moments: Mapping[int, str | None]) -> bool:
    """Give a choice that waits the moments of its timers, by their places; whether it has all."""
    held = task.internal_data
    held.pop(_VALUE, None)
    held.pop(_MOMENTS, None)
    known = {place: moment for place, moment in moments.items() if moment}
    if len(moments) == 1 and known:
        (held[_VALUE],) = known.values()
    elif known:
        held[_MOMENTS] = {str(place): moment for place, moment in known.items()}
    return len(known) == len(moments)


def release(task: Task, mark: str) -> None:
    """Let an armed timer fire."""
    if mark.startswith("#"):
        task.internal_data[_RELEASED] = mark.removeprefix("#")
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
    try:
        if isinstance(definition, DurationTimerEventDefinition):
            start = _now(task)
            return _at(start + _length(told, start))
        if isinstance(definition, CycleTimerEventDefinition):
            return str(_cycle(told, _now(task))["next"])  # a gateway waits for one round
        return str(told) if _is_of_a_clock(told) else _aware(told).isoformat()
    except _NO_TIME as problem:
        raise _no_time(told, task, problem) from problem


def _no_time(told: object, task: Task, problem: Exception) -> WorkflowTaskException:
    return WorkflowTaskException(f"{told!r:.60} is no time ({problem})", task=task)


def _length(told: str, start: datetime) -> timedelta:
    if not _LENGTH.fullmatch(told.upper()):
        raise ValueError("not a length of time as PT1H or P3D")
    parsed = TimerEventDefinition.parse_iso_duration(told)
    length: timedelta = TimerEventDefinition.get_timedelta_from_start(parsed, start)
    return length


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


# The library reads a moment without a zone in the zone of the server, frozen when it started.
def _aware(told: str) -> datetime:
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError("names no time zone")
    return moment


def _once(self: TimerEventDefinition, my_task: Task) -> bool:
    if my_task.internal_data.get(_VALUE) is None:
        my_task.internal_data[_VALUE] = _moment(self, my_task)
    return bool(my_task.internal_data.get(_FIRED))


# ── cycles ──────────────────────────────────────────────────────────────────────────────────────


def _cycle(told: str, now: datetime) -> dict[str, Any]:
    """`R3/P1D` from now, or `R3/2020-05-01T00:00:00+08:00/P1D`; without a number, for ever."""
    rounds, *rest = told.upper().split("/")
    if not _ROUNDS.fullmatch(rounds) or len(rest) not in (1, 2):
        raise ValueError("not a cycle as R3/P1D")
    start = now + _length(rest[-1], now) if len(rest) == 1 else _aware(rest[0])
    _length(rest[-1], start)
    return {"cycles": int(rounds[1:] or -1), "next": start.isoformat(), "length": rest[-1]}


def _again(self: CycleTimerEventDefinition, my_task: Task) -> bool:
    held = my_task.internal_data
    if held.get(_VALUE) is None:
        told = my_task.workflow.script_engine.evaluate(my_task, self.expression)
        try:
            held[_VALUE] = _cycle(told, _now(my_task))
        except _NO_TIME as problem:
            raise _no_time(told, my_task, problem) from problem
    has_fired = bool(held.get(_FIRED))
    if has_fired and held[_VALUE]["cycles"] not in (0, 1) and _repeats(my_task):
        _arm_following(my_task, held[_VALUE])
        held[_VALUE] = {**held[_VALUE], "cycles": 0}
    return has_fired


def _repeats(task: Task) -> bool:
    spec = task.task_spec
    return isinstance(spec, BoundaryEvent) and not spec.cancel_activity


def _arm_following(task: Task, value: dict[str, Any]) -> None:
    """The next round stands beside the one that has come, as if it had been drawn twice."""
    following = task.parent._add_child(task.task_spec, TaskState.MAYBE)
    following.triggered = True
    task.task_spec._predict(following)
    due = datetime.fromisoformat(value["next"])
    following.internal_data[_VALUE] = {
        **value,
        "cycles": value["cycles"] - 1 if value["cycles"] > 0 else value["cycles"],
        "next": (due + _length(value["length"], due)).isoformat(),
    }
    following._set_state(TaskState.WAITING)
    task.task_spec._update(following)


# The library foresees nothing behind a cycle, and hangs each round below the one waiting task:
# when that is cancelled at the end, what the rounds have begun is thrown away with it.
def _predict(self: CatchingEvent, my_task: Task) -> None:
    super(CatchingEvent, self)._predict_hook(my_task)


def _leave_to_has_fired(self: CycleTimerEventDefinition, my_task: Task) -> None:
    """The next round has been armed when this one was released."""


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
    moments = held.setdefault(_MOMENTS, {}) if timers else {}
    for place in timers.keys() - moments.keys():
        moments[place] = _moment(timers[place], my_task)
    released = held.pop(_RELEASED, None)
    return None if released is None else timers[released]


# The library takes two timers of one name for the same, and goes the way of the first.
def _go_the_way_of_the_timer(self: EventBasedGateway, my_task: Task) -> object:
    definitions = self.event_definition.event_definitions
    for event in my_task.internal_data.get("seen_events", ()):
        for place, each in enumerate(definitions):
            if each is event.event_definition and isinstance(each, TimerEventDefinition):
                way = self.outputs[place]
                my_task._sync_children([way], TaskState.FUTURE)
                for child in my_task.children:
                    mask = TaskState.FUTURE | TaskState.PREDICTED_MASK
                    child.task_spec._predict(child, mask=mask)
                return True
    return _run_gateway(self, my_task)
