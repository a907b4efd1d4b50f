"""Conditional events are asked about all that is known in the instance, whoever has written it.

The library asks about the waiting branch's own copy of the data, and only when a task of the same
process has been completed: what another branch or a called process answers wakes nobody.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.patches import writes


def install() -> None:
    ConditionalEventDefinition.has_fired = _holds


def _holds(self: ConditionalEventDefinition, my_task: Task) -> bool:
    top = my_task.workflow.top_workflow
    own, my_task.data = my_task.data, writes.current_data(top)
    engine: Any = top.script_engine
    try:
        holds = bool(getattr(engine, "holds", engine.evaluate)(my_task, self.expression))
    except BaseException:
        my_task.data = own
        raise
    if not holds:
        my_task.data = own
    return holds


def ask_elsewhere(workflow: Any) -> None:
    """Ask the conditions that wait in other processes of the instance, too."""
    top = getattr(workflow, "top_workflow", None)
    if top is None:
        return
    for task in list(top.event_manager.tasks.values()):
        if (
            isinstance(task.task_spec.event_definition, ConditionalEventDefinition)
            and task.workflow is not workflow
            and task._state == TaskState.WAITING
        ):
            task.task_spec._update(task)
