"""Interruptions take effect at once: before any other automatic step of what they interrupt.

The library runs the innermost process first, so what is interrupted goes on by itself until it
waits: its operations are performed although the drawing has left it.
"""

from collections.abc import Callable

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.simple import (
    CancelEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.end_event import EndEvent
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.events.start_event import StartEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.patches import scopes

_on_ready = CatchingEvent._on_ready_hook


def install() -> None:
    CatchingEvent._on_ready_hook = _note_urgent
    EndEvent._on_complete_hook = _end


def _note_urgent(self: CatchingEvent, my_task: Task) -> None:
    _on_ready(self, my_task)
    if is_interrupting(my_task):
        top = my_task.workflow.top_workflow
        top.__dict__.setdefault("urgent", []).append(my_task)


def is_interrupting(task: Task) -> bool:
    spec = task.task_spec
    if isinstance(spec, BoundaryEvent):
        return bool(spec.cancel_activity)
    if not isinstance(spec, StartEvent):
        return False
    return scopes.interrupts(spec) and scopes.host_of(task) is not None


def settle(top: BpmnWorkflow, run: Callable[[Task], object]) -> int:
    """Run the interruptions that have come in, the outermost first; says how many were run."""
    urgent: list[Task] | None = top.__dict__.get("urgent")
    ran = 0
    while urgent:
        task = min(urgent, key=lambda each: each.workflow.depth)
        urgent.remove(task)
        if task._state == TaskState.READY and task.id in task.workflow.tasks:
            run(task)
            ran += 1
    return ran


# The library's terminate event sees nothing deeper than 1,000 tasks.
def _end(self: EndEvent, my_task: Task) -> None:
    super(EndEvent, self)._on_complete_hook(my_task)
    if isinstance(self.event_definition, TerminateEventDefinition):
        scopes.cancel(my_task.workflow)
        my_task.workflow._mark_complete(my_task)
    elif isinstance(self.event_definition, CancelEventDefinition):
        my_task.workflow.cancel()
