"""Scopes: a process or sub-process at work, its event sub-processes that wait, its end by force."""

from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.start_event import StartEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

#: Stands in the task of an event sub-process that has been opened, but that nothing has started.
ARMED = "armed"


def is_armed(task: Task) -> bool:
    """Whether the task stands for an event sub-process that nothing has started yet."""
    return ARMED in task.internal_data


def host_of(task: Task) -> Task | None:
    """The armed event sub-process at whose start event the task is."""
    workflow = task.workflow
    if workflow.parent_task_id is None:
        return None
    host: Task | None = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
    return host if host is not None and is_armed(host) else None


def interrupts(spec: StartEvent) -> bool:
    """Whether the start event of an event sub-process ends what else is open in its scope."""
    return bool(getattr(spec, "interrupts", True))


def disarm(host: Task) -> None:
    """Take an event sub-process away that nothing has started."""
    top = host.workflow.top_workflow
    for task in top.subprocesses.pop(host.id).tasks.values():
        top.event_manager.remove_task(task)
    host.workflow._remove_task(host.id)


def cancel(scope: Any, but: Task | None = None) -> None:
    """Cancel all that is open in a scope and in what it has called, except `but` and below it."""
    for task in list(scope.tasks.values()):
        if not task._state & TaskState.NOT_FINISHED_MASK or task.id not in scope.tasks:
            continue
        if but is not None and (task is but or task.is_descendant_of(but)):
            continue
        if is_armed(task):
            disarm(task)
        else:
            task.cancel()
