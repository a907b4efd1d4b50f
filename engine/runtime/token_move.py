"""Puts a token on another element: what waited is cancelled, the other element is begun.

Only an administrator asks for this, and sees before what it does. The new element takes over the
data that the place it is moved from had.
"""

from collections.abc import Iterator
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import MoveRefused, TaskNotOpen
from engine.runtime import rehearsal
from engine.runtime.drawing import Element
from engine.runtime.stepper import Instance, Step, Surroundings, make_step
from engine.runtime.transplant import SPLIT

_BEGUN = TaskState.WAITING | TaskState.READY | TaskState.STARTED
#: Nothing can be put there: they are come to, or hang on another element.
_NO_TARGETS = frozenset({"startEvent", "boundaryEvent", "subProcess"})


def targets(instance: Instance, wait_id: UUID) -> tuple[Element, ...]:
    """Where the token of a wait could be put: elements of its process and of those that called it."""
    return tuple(
        element
        for task in _callers(instance, _waiting(instance, wait_id))
        for element in instance.procedure.drawings[task.workflow.spec.name].elements.values()
        if element.kind not in _NO_TARGETS and not _joins(task, element.id)
    )


def move(
    instance: Instance,
    wait_id: UUID,
    process_id: str,
    element_id: str,
    around: Surroundings,
    *,
    alone: bool = False,
) -> Step:
    """Move one token. `alone`: everything else at work in that process is cancelled as well.

    Errors: TaskNotOpen when nothing waits there any more; MoveRefused for an element that is no target
    and for a move after which the process could never end.
    """
    if (process_id, element_id) not in {(e.process_id, e.id) for e in targets(instance, wait_id)}:
        raise MoveRefused(
            f"不能移到 {element_id}：它不在这一流程或上级流程里，或者是汇合处。",
            f"nothing can be moved to {element_id}: it is elsewhere, or a join",
        )
    waiting = _waiting(instance, wait_id)
    root = next(t for t in _callers(instance, waiting) if t.workflow.spec.name == process_id)

    def act() -> None:
        data = dict(waiting.data)
        _end(root, alone=alone)
        root.data = data
        _begin(root, element_id)

    step = make_step(instance, around, act)
    _must_end(instance)
    return step


def _waiting(instance: Instance, wait_id: UUID) -> Task:
    if wait_id not in instance.waits:
        raise TaskNotOpen("办件已不在这一步。", "the case does not stand there any more")
    task: Task = instance.workflow.get_task_from_id(wait_id)
    return task


def _callers(instance: Instance, task: Task) -> Iterator[Task]:
    """The task, the call it is inside of, the call around that, …"""
    yield task
    while task.workflow.parent_task_id is not None:
        task = instance.workflow.get_task_from_id(task.workflow.parent_task_id)
        yield task


def _joins(task: Task, element_id: str) -> bool:
    spec = task.workflow.spec.task_specs.get(element_id)
    return spec is None or (isinstance(spec, UnstructuredJoin) and len(spec.inputs) > 1)


def _end(root: Task, *, alone: bool) -> None:
    parent = root.parent
    if parent is not None and isinstance(parent.task_spec, BoundaryEventSplit):
        for event in parent.children:
            if event is not root and event._state & _BEGUN:
                event.cancel()
    root.cancel()
    if alone:
        for other in list(root.workflow.tasks.values()):
            if other._state & _BEGUN and other.id in root.workflow.tasks:
                other.cancel()


def _begin(root: Task, element_id: str) -> None:
    specs = root.workflow.spec.task_specs
    spec = specs.get(element_id + SPLIT) or specs[element_id]
    begun = root._add_child(spec, TaskState.FUTURE)
    spec._predict(begun, mask=TaskState.NOT_FINISHED_MASK)
    spec._update(begun)


def _must_end(instance: Instance) -> None:
    stall = rehearsal.find_stall(instance.procedure, instance.runnable.process_id, instance.dump())
    if stall is not None:
        raise MoveRefused(
            f"移到那里以后流程走不完（停在 {stall}）。",
            f"moved there, the process could never end (it would stand at {stall})",
        )
