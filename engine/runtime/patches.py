"""What SpiffWorkflow 3.2.0 gets wrong or slow, mended in one place.

Written for SpiffWorkflow 3.2.0 (`install` refuses another version). Each patch says why; each has
a test in tests/runtime/test_patches.py that fails on the bare library.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import SpiffWorkflow.task as spiff_task
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

WRITTEN_FOR = "3.2.0"
TaskHook = Callable[[Task], object]


def install() -> None:
    """Mend the library; safe to call twice. Call before any workflow is made."""
    found = version("SpiffWorkflow")
    if found != WRITTEN_FOR:
        raise RuntimeError(f"patches are written for SpiffWorkflow {WRITTEN_FOR}, found {found}")
    Task._set_state = _set_state
    Task.is_descendant_of = _is_descendant_of
    Workflow.update_waiting_tasks = _update_waiting_tasks
    BpmnWorkflow._do_engine_steps = _do_engine_steps
    ParallelGateway._check_threshold_unstructured = _check_join
    ParallelGateway._run_hook = _merge_join
    TimeDateEventDefinition.has_fired = _date_timer_has_fired
    DurationTimerEventDefinition.has_fired = _duration_timer_has_fired


# The library collects log extras (a walk up the tree) on every state change, even when nobody logs.
def _set_state(self: Task, value: int) -> None:
    if value == self._state:
        return
    now = time.time()
    if spiff_task.logger.isEnabledFor(logging.DEBUG):
        extras = self.collect_log_extras({"elapsed": now - self.last_state_change})
        spiff_task.logger.debug("State changed to %s", TaskState.get_name(value), extra=extras)
    self.last_state_change = now
    self._state = value


# The library recurses once per ancestor; a long rework history costs quadratic time and the stack.
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


# The library walks the whole tree, and sees no task deeper than 1,000.
def _update_waiting_tasks(self: Workflow) -> None:
    waiting = [t for t in self.tasks.values() if t._state == TaskState.WAITING]
    for task in _in_tree_order(waiting):
        if task._state == TaskState.WAITING and task.id in self.tasks:
            task.task_spec._update(task)


def _run_ready(workflow: Workflow, will: TaskHook | None, did: TaskHook | None) -> int:
    ready = [
        t for t in workflow.tasks.values() if t._state == TaskState.READY and not t.task_spec.manual
    ]
    for task in _in_tree_order(ready):
        if will:
            will(task)
        task.run()
        if did:
            did(task)
    return len(ready)


# The same walk for every automatic step: here only the tasks that are ready are looked at.
def _do_engine_steps(
    self: BpmnWorkflow, will: TaskHook | None = None, did: TaskHook | None = None
) -> bool:
    active = self.get_active_subprocesses()
    for subprocess in sorted(active, key=lambda each: each.depth, reverse=True):
        while _run_ready(subprocess, will, did):
            pass
        parent = self.get_task_from_id(subprocess.parent_task_id)
        parent.task_spec._update(parent)
    ran = _run_ready(self, will, did)
    return ran > 0 or len(self.get_active_subprocesses()) > len(active)


def _last_firing(spec: ParallelGateway, task: Task) -> Task | None:
    """The earlier firing of this join on the task's own path: where the rework loop began."""
    tasks, parent_id = task.workflow.tasks, task._parent
    while parent_id is not None:
        parent = tasks[parent_id]
        if parent.task_spec is spec:
            return parent
        parent_id = parent._parent
    return None


# In a rework loop the library counts the tokens of the round before, so the join fires early.
def _check_join(self: ParallelGateway, my_task: Task) -> bool:
    waiting, tasks = set(self.inputs), my_task.workflow.tasks
    scope = _last_firing(self, my_task)
    for task in [t for t in tasks.values() if t.task_spec is self]:
        if task is scope:
            continue
        if task is not my_task and task.is_descendant_of(my_task):
            _discard_input_above(task, waiting)
        elif scope is None or task is my_task or task.is_descendant_of(scope):
            parent = tasks.get(task._parent)
            if parent is not None and parent._state == TaskState.COMPLETED:
                waiting.discard(parent.task_spec)
    return not waiting


def _discard_input_above(task: Task | None, waiting: set[Any]) -> None:
    while task is not None and task.task_spec not in waiting:
        task = task.parent
    if task is not None:
        waiting.discard(task.task_spec)


# The branch that arrives last overwrites with its own stale copy what another branch has answered
# anew. Here every branch brings what it changed since the split; the later of two changes stays.
def _merge_join(self: ParallelGateway, my_task: Task) -> bool:
    scope = _last_firing(self, my_task)
    others = [
        t
        for t in my_task.workflow.tasks.values()
        if t.task_spec is self
        and t is not my_task
        and t._state >= TaskState.COMPLETED
        and not my_task.is_descendant_of(t)
        and (scope is None or t.is_descendant_of(scope))
    ]
    arrived = sorted(others, key=lambda t: t.last_state_change)
    branches = [task.parent for task in (*arrived, my_task)]
    before = _split_of(branches).data
    merged = dict(before)
    for branch in branches:
        changed = {k: v for k, v in branch.data.items() if k not in before or before[k] != v}
        merged.update(changed)
    for task in arrived:
        if task._state == TaskState.COMPLETED:
            task._drop_children(force=True)
    my_task.data = merged
    return True


def _split_of(branches: list[Task]) -> Task:
    """The last task that all branches have behind them."""
    others = [{task.id for task in _and_above(branch)} for branch in branches[1:]]
    return next(t for t in _and_above(branches[0]) if all(t.id in each for each in others))


def _and_above(task: Task | None) -> Iterator[Task]:
    while task is not None:
        yield task
        task = task.parent


# The library fires a timer as soon as its stored moment has passed, in the middle of anybody's
# step, and an answer that comes between the moment and the next poll leaves no trace of the
# breach. Here the timer table is the truth: a timer fires when it is released (stepper.fire).
def _date_timer_has_fired(self: TimeDateEventDefinition, my_task: Task) -> bool:
    if my_task.internal_data.get("event_value") is None:
        value = my_task.workflow.script_engine.evaluate(my_task, self.expression)
        TimerEventDefinition.get_datetime(value)
        my_task.internal_data["event_value"] = value
    return bool(my_task.internal_data.get("event_fired"))


def _duration_timer_has_fired(self: DurationTimerEventDefinition, my_task: Task) -> bool:
    if my_task.internal_data.get("event_value") is None:
        engine = my_task.workflow.script_engine
        duration = TimerEventDefinition.parse_iso_duration(
            engine.evaluate(my_task, self.expression)
        )
        start: datetime = engine.now()
        after = TimerEventDefinition.get_timedelta_from_start(duration, start)
        my_task.internal_data["event_value"] = (start + after).astimezone(UTC).isoformat()
    return bool(my_task.internal_data.get("event_fired"))
