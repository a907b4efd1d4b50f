"""Joins: who has to be waited for in this round, and what is known when branches have met.

In a rework loop the library counts the tokens of the round before, so the join fires early. And
the branch that arrives last overwrites with its own stale copy what another has answered anew; so
does a side branch at the end of a called process.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.patches import writes


def install() -> None:
    ParallelGateway._check_threshold_unstructured = _check_join
    UnstructuredJoin._run_hook = _merge


def _last_firing(spec: UnstructuredJoin, task: Task) -> Task | None:
    """The earlier firing of this join on the task's own path: where the rework loop began."""
    tasks, parent_id = task.workflow.tasks, task._parent
    while parent_id is not None:
        parent = tasks[parent_id]
        if parent.task_spec is spec:
            return parent
        parent_id = parent._parent
    return None


def _of_this_round(spec: UnstructuredJoin, scope: Task | None, task: Task) -> list[Task]:
    """The tasks of a join since it fired last on this path, in the order of their making."""
    found: list[Task] = []
    # whatever descends from the last firing was made after it
    for each in reversed(task.workflow.tasks.values()):
        if each is scope:
            break
        if each.task_spec is spec and (
            scope is None or each is task or each.is_descendant_of(scope)
        ):
            found.append(each)
    found.reverse()
    return found


def _check_join(self: ParallelGateway, my_task: Task) -> bool:
    waiting, tasks = set(self.inputs), my_task.workflow.tasks
    for task in _of_this_round(self, _last_firing(self, my_task), my_task):
        if task is not my_task and task.is_descendant_of(my_task):
            _discard_input_above(task, waiting)
            continue
        parent = tasks.get(task._parent)
        if parent is not None and parent._state == TaskState.COMPLETED:
            waiting.discard(parent.task_spec)
    return not waiting


def _discard_input_above(task: Task | None, waiting: set[Any]) -> None:
    while task is not None and task.task_spec not in waiting:
        task = task.parent
    if task is not None:
        waiting.discard(task.task_spec)


def _merge(self: UnstructuredJoin, my_task: Task) -> bool:
    others = [
        task
        for task in _of_this_round(self, _last_firing(self, my_task), my_task)
        if task is not my_task
        and task._state >= TaskState.COMPLETED
        and task.parent._state == TaskState.COMPLETED
        and not my_task.is_descendant_of(task)
    ]
    arrived = sorted(others, key=lambda task: task.last_state_change)
    data, came = writes.merged([*(task.parent for task in arrived), my_task.parent])
    for task in arrived:
        if task._state == TaskState.COMPLETED:
            task._drop_children(force=True)
    my_task.data = data
    if came:
        my_task.internal_data[writes.WRITTEN] = came
    return True
