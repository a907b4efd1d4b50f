"""Every walk over an instance's tasks: as many tasks as there are, and none looked at in vain.

The library walks the whole tree for every automatic step, recurses once per ancestor, sees nothing
deeper than 1,000 tasks (a live case then counts as completed), and collects log lines nobody reads.
"""

import logging
import sys
import time
from collections.abc import Callable
from os import urandom
from typing import Any
from uuid import UUID, SafeUUID

import SpiffWorkflow.task as spiff_task
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskIterator, TaskState
from SpiffWorkflow.workflow import Workflow

from engine.domain.errors import StepLimitExceeded
from engine.runtime.patches import conditions, interruptions, scopes

#: Processes that may be open inside one another; the largest shipped procedure needs three.
DEEPEST = 20
#: Smaller than any two acts lie apart, larger than what a float of today's seconds can tell.
_TICK = 1e-6
#: The bits of an id that are random, and those that say how it was made.
_FREE, _VERSION_4 = ~(0xF000 << 64 | 0xC000 << 48), 4 << 76 | 0x8000 << 48
TaskHook = Callable[[Task], object]
_create_subprocess = BpmnWorkflow.create_subprocess


def install() -> None:
    spiff_task.uuid4 = _fresh_id
    # Below this level every beginning and end of a (sub)process lists all tasks for its log line.
    logging.getLogger("spiff.workflow").setLevel(logging.WARNING)
    Task._set_state = _set_state
    Task.is_descendant_of = _is_descendant_of
    Task.find_ancestor = _find_ancestor
    # (end_at_spec, max_depth, depth_first, …): the depth is the only default that is changed
    TaskIterator.__init__.__defaults__ = (None, sys.maxsize, True, None)
    BpmnTaskIterator.__init__.__defaults__ = (None, sys.maxsize, True, False, None)
    Workflow.update_waiting_tasks = _update_waiting_tasks
    BpmnWorkflow._do_engine_steps = _do_engine_steps
    BpmnWorkflow.create_subprocess = _create_limited_subprocess
    _EndJoin._check_threshold_unstructured = _all_is_done
    CatchingEvent._run_hook = _catch
    EventDefinition.reset = _forget


def _fresh_id() -> UUID:
    """A random id (RFC 9562, version 4) at half of the cost: a step makes forty of them."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int.from_bytes(urandom(16)) & _FREE | _VERSION_4)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def _set_state(self: Task, value: int) -> None:
    if value == self._state:
        return
    now = _next_moment(self.workflow)
    if spiff_task.logger.isEnabledFor(logging.DEBUG):
        extras = self.collect_log_extras({"elapsed": now - self.last_state_change})
        spiff_task.logger.debug("State changed to %s", TaskState.get_name(value), extra=extras)
    self.last_state_change = now
    self._state = value


def _next_moment(workflow: Workflow) -> float:
    """The wall clock, but never back: who wrote last is told by it, on whichever machine."""
    top = getattr(workflow, "top_workflow", workflow)
    top.latest_change = max(time.time(), getattr(top, "latest_change", 0.0) + _TICK)
    moment: float = top.latest_change
    return moment


def _is_descendant_of(self: Task, task: Task) -> bool:
    tasks, wanted, parent_id = self.workflow.tasks, task.id, self._parent
    while parent_id is not None:
        if parent_id == wanted:
            return True
        parent = tasks.get(parent_id)
        if parent is None:
            return False
        parent_id = parent._parent
    return False


def _find_ancestor(self: Task, spec_name: str) -> Task | None:
    parent = self.parent
    while parent is not None and parent.task_spec.name != spec_name:
        parent = parent.parent
    return parent


# The library looks through all that follows for other tasks of the event, to forget what they saw:
# what has not begun has seen nothing.
def _catch(self: CatchingEvent, my_task: Task) -> Any:
    self.event_definition.update_task_data(my_task)
    self.event_definition.reset(my_task)
    return super(CatchingEvent, self)._run_hook(my_task)


def _forget(self: EventDefinition, my_task: Task) -> None:
    my_task.internal_data.pop("event_fired", None)


def _path(task: Task) -> list[int]:
    path: list[int] = []
    tasks = task.workflow.tasks
    while task._parent is not None:
        parent = tasks[task._parent]
        path.append(parent._children.index(task.id))
        task = parent
    path.reverse()
    return path


def _in_tree_order(tasks: list[Task]) -> list[Task]:
    return tasks if len(tasks) < 2 else sorted(tasks, key=_path)


def _update_waiting_tasks(self: Workflow) -> None:
    waiting = [t for t in self.tasks.values() if t._state == TaskState.WAITING]
    for task in _in_tree_order(waiting):
        if task._state == TaskState.WAITING and task.id in self.tasks:
            task.task_spec._update(task)
    conditions.ask_elsewhere(self)


def _run_ready(workflow: Workflow, will: TaskHook | None, did: TaskHook | None) -> int:
    ready = [
        t for t in workflow.tasks.values() if t._state == TaskState.READY and not t.task_spec.manual
    ]
    for task in _in_tree_order(ready):
        if task._state == TaskState.READY and task.id in workflow.tasks:
            _run(task, will, did)
            interruptions.settle(workflow.top_workflow, lambda urgent: _run(urgent, will, did))
    return len(ready)


def _run(task: Task, will: TaskHook | None, did: TaskHook | None) -> None:
    if will:
        will(task)
    task.run()
    if did:
        did(task)


# The library looks through all processes once more from the outermost; here each is looked at by
# itself, so whatever one of them ran is reason to go round again.
def _do_engine_steps(
    self: BpmnWorkflow, will: TaskHook | None = None, did: TaskHook | None = None
) -> bool:
    ran = interruptions.settle(self, lambda urgent: _run(urgent, will, did))
    active = self.get_active_subprocesses()
    for subprocess in sorted(active, key=lambda each: each.depth, reverse=True):
        while count := _run_ready(subprocess, will, did):
            ran += count
        parent = self.get_task_from_id(subprocess.parent_task_id)
        if parent is not None and not parent.has_state(TaskState.FINISHED_MASK):
            parent.task_spec._update(parent)
    ran += _run_ready(self, will, did)
    return ran > 0 or len(self.get_active_subprocesses()) > len(active)


# A process that calls itself, directly or by way of others, is opened for ever by the library.
def _create_limited_subprocess(self: BpmnWorkflow, my_task: Task, spec_name: str) -> Any:
    if my_task.workflow.depth >= DEEPEST:
        where = my_task.task_spec.bpmn_id
        raise StepLimitExceeded(
            f"流程互相调用超过 {DEEPEST} 层，停在 {where}。",
            f"processes call one another more than {DEEPEST} deep, stopped at {where}",
        )
    return _create_subprocess(self, my_task, spec_name)


# The end of a scope waits for everybody, but not for an event sub-process that nothing has started.
def _all_is_done(self: _EndJoin, my_task: Task) -> bool:
    tasks = my_task.workflow.tasks
    return not any(
        task._state & TaskState.NOT_FINISHED_MASK
        and task is not my_task
        and task.task_spec.name != "End"
        and not scopes.is_armed(task)
        and not (task._parent in tasks and scopes.is_armed(tasks[task._parent]))
        for task in tasks.values()
    )
