"""Where an instance stands, told so that two that will behave alike are told alike."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.gate.simulation.liveness import Liveness
from engine.runtime.places import parts
from engine.runtime.stepper import Instance

ACTIVE = (TaskState.READY, TaskState.WAITING, TaskState.STARTED)


def active_tasks(instance: Instance) -> Iterator[Task]:
    """What has been reached and is not over; what is only predicted does not count."""
    for part in parts(instance.workflow):
        if not part.completed:
            yield from (task for task in part.tasks.values() if task._state in ACTIVE)


def standing(
    instance: Instance,
    live: Liveness,
    sides: frozenset[tuple[str, str]],
    armed: Mapping[UUID, int],
) -> bytes:
    """Tokens with the data that still matters, and the order in which timers were armed.

    History is left out: after a rework loop the instance stands where it stood before. Of tokens
    that are alike, more than two count as two: an event that does not interrupt may come for ever.
    And events of `sides` are left out: who stands before one may act as if it had come.
    """
    tasks = [task for task in active_tasks(instance) if _counts(instance, task, sides)]
    counted = Counter(_row(instance, task, live) for task in tasks)
    rows = sorted((row, min(count, 2)) for row, count in counted.items())
    places = {
        key: (timer.element.process_id, timer.element.id, timer.mark)
        for key, timer in instance.timers.items()
        if (timer.element.process_id, timer.element.id) not in sides
    }
    moments = sorted({armed.get(key, 0) for key in places})
    timers = sorted({(*place, moments.index(armed.get(key, 0))) for key, place in places.items()})
    return orjson.dumps([rows, timers], default=repr)


def _counts(instance: Instance, task: Task, sides: frozenset[tuple[str, str]]) -> bool:
    """Whether it matters for what follows; the library's own joins at ends never do."""
    element_id = task.task_spec.bpmn_id
    if element_id is None:
        return False
    return (instance.procedure.home(task.workflow.spec.name), element_id) not in sides


def _row(instance: Instance, task: Task, live: Liveness) -> tuple[str, ...]:
    spec = task.task_spec
    around = _around(task)
    process_id = instance.procedure.home(task.workflow.spec.name)
    names = live.at(process_id, spec.bpmn_id or "")
    data = {name: task.data[name] for name in sorted(names & task.data.keys())}
    # a join that waits is told apart by the branch that has arrived
    arrived = task.parent.task_spec.name if isinstance(spec, UnstructuredJoin) else ""
    told = orjson.dumps(data, option=orjson.OPT_SORT_KEYS, default=repr).decode()
    return around, spec.name, str(task._state), arrived, told


def _around(task: Task) -> str:
    """The calls that a token is inside of."""
    names: list[str] = []
    part: Any = task.workflow
    while part is not part.top_workflow:
        names.append(part.spec.name)
        holder = part.top_workflow.get_task_from_id(part.parent_task_id)
        names.append(holder.task_spec.name)
        part = holder.workflow
    return "/".join(reversed(names))
