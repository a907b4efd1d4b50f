"""Where an instance stands: what it waits for, which timers it has armed, what its diagram shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.clock_timers import ClockEvent
from engine.runtime.drawing import Element
from engine.runtime.patches.scopes import is_armed
from engine.runtime.patches.timers import armed, timer_id
from engine.runtime.procedure import Procedure

#: Elements that stand by: the instance rests somewhere else while they are armed.
_STANDING_BY = frozenset({"boundaryEvent", "startEvent"})


@dataclass(frozen=True, slots=True)
class Wait:
    """A place where the instance rests. `kind`: user | message | choice | timer | condition."""

    id: UUID
    element: Element
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """An armed timer; `due_at` is what the diagram asked for when it was armed. One that is armed
    from a `clock` has no moment here (NEVER): the timer table says when, and moves it.

    `limit` is the limit of procedure.toml that it asked for, `data` what held then. `task_id` and
    `mark` say where it hangs: a gateway may hold several; `event` is the one of them that is drawn.
    """

    id: UUID
    element: Element
    due_at: datetime
    task_id: UUID
    mark: str
    limit: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    clock: ClockEvent | None = None
    event: Element | None = None


def survey(
    procedure: Procedure, workflow: BpmnWorkflow
) -> tuple[dict[UUID, Wait], dict[UUID, Timer]]:
    """Where the instance rests and which timers it has armed."""
    waits: dict[UUID, Wait] = {}
    timers: dict[UUID, Timer] = {}
    for part in parts(workflow):
        if part.completed:
            continue
        for task in part.tasks.values():
            if task._state == TaskState.READY and task.task_spec.manual:
                waits[task.id] = Wait(task.id, element_of(procedure, task), "user", task.data)
            elif task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
                _note_event(procedure, task, waits, timers)
    return waits, timers


def parts(workflow: BpmnWorkflow) -> Iterator[Any]:
    """The process and all that it has called."""
    yield workflow
    yield from workflow.subprocesses.values()


def is_finished(workflow: BpmnWorkflow) -> bool:
    # cheaper than the library's own is_completed(), which walks the tree
    unfinished = TaskState.NOT_FINISHED_MASK
    return workflow.completed or not any(t._state & unfinished for t in workflow.tasks.values())


def element_of(procedure: Procedure, task: Task) -> Element:
    return procedure.element(task.workflow.spec.name, task.task_spec.bpmn_id)


def _note_event(
    procedure: Procedure, task: Task, waits: dict[UUID, Wait], timers: dict[UUID, Timer]
) -> None:
    element = element_of(procedure, task)
    if element.kind not in _STANDING_BY:
        waits[task.id] = Wait(task.id, element, _kind(task), task.data)
    for each in armed(task):
        event = element
        if each.event:
            event = procedure.element(task.workflow.spec.name, each.event)
        where = event if each.mark else element
        key, limit = timer_id(task.id, each.mark), procedure.timer_limit(event)
        held = (limit, task.data, each.clock, event)
        timers[key] = Timer(key, where, each.at, task.id, each.mark, *held)


def _kind(task: Task) -> str:
    definition = task.task_spec.event_definition
    if isinstance(definition, MultipleEventDefinition):
        return "choice"
    if isinstance(definition, TimerEventDefinition):
        return "timer"
    return "condition" if isinstance(definition, ConditionalEventDefinition) else "message"


def element_states(procedure: Procedure, workflow: BpmnWorkflow) -> dict[str, dict[str, str]]:
    """Process id -> element or flow id -> done | active | cancelled, for the diagram."""
    states: dict[str, dict[str, str]] = {}
    for part in parts(workflow):
        process_id = procedure.home(part.spec.name)
        flows = procedure.drawings[process_id].flows
        held = states.setdefault(process_id, {})
        for task in part.tasks.values():
            word = _word(task)
            if word is None:
                continue
            held[task.task_spec.bpmn_id] = word
            flow = flows.get((_drawn_parent(task), task.task_spec.bpmn_id))
            if flow:
                held[flow] = "done"
    return states


def _word(task: Task) -> str | None:
    if not task.task_spec.bpmn_id or is_armed(task):
        return None
    stands_by = hasattr(task.task_spec, "cancel_activity") or hasattr(task.task_spec, "interrupts")
    if task._state == TaskState.COMPLETED:
        return "done"
    if task._state in (TaskState.READY, TaskState.WAITING, TaskState.STARTED):
        return None if stands_by else "active"
    return "cancelled" if task._state == TaskState.CANCELLED and not stands_by else None


def _drawn_parent(task: Task) -> str:
    parent = task.parent
    while parent is not None and not parent.task_spec.bpmn_id:
        parent = parent.parent
    return parent.task_spec.bpmn_id if parent is not None else ""
