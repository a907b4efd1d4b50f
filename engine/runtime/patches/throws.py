"""Errors and escalations go outwards, to the nearest that catches them.

The library hands them to everybody in the instance, so a boundary event of a process side by side
catches the error of its neighbour; and an error that nobody catches passes in silence.
"""

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.events.start_event import StartEvent
from SpiffWorkflow.spiff.specs.event_definitions import (
    ErrorEventDefinition,
    EscalationEventDefinition,
)
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.patches import scopes


def install() -> None:
    ErrorEventDefinition.throw = _throw
    EscalationEventDefinition.throw = _throw


def _throw(self: Any, my_task: Task) -> None:
    payload = None
    if self.expression is not None:
        payload = my_task.workflow.script_engine.evaluate(my_task, self.expression)
    event = BpmnEvent(self, payload=payload)
    for catchers in _outwards(my_task):
        found = [task for task in catchers if task.task_spec.catches(task, event)]
        if found:
            # whoever names the code is meant before whoever catches all
            catcher = max(found, key=lambda t: t.task_spec.event_definition.code is not None)
            catcher.task_spec.catch(catcher, event)
            catcher.task_spec._update(catcher)
            return
    if isinstance(self, ErrorEventDefinition):
        told = self.code or self.name
        raise WorkflowTaskException(f"nothing catches the error {told}", task=my_task)


def _outwards(task: Task) -> Iterator[list[Task]]:
    """Who may catch what the task throws: of each scope first those inside, then its boundary."""
    scope, top = task.workflow, task.workflow.top_workflow
    waiting = [t for t in top.event_manager.tasks.values() if t._state == TaskState.WAITING]
    while True:
        yield [t for t in waiting if _starts_in(t, scope)]
        if scope is top:
            return
        caller = top.get_task_from_id(scope.parent_task_id)
        yield [t for t in waiting if _is_on(t, caller)]
        scope = caller.workflow


def _starts_in(task: Task, scope: Any) -> bool:
    if not isinstance(task.task_spec, StartEvent):
        return False
    host = scopes.host_of(task)
    return host is not None and host.workflow is scope


def _is_on(task: Task, caller: Task) -> bool:
    is_beside = task.workflow is caller.workflow and task._parent == caller._parent
    return is_beside and isinstance(task.task_spec, BoundaryEvent)
