"""The surgery of a migration: every task of a tree finds its place in another specification.

Works on a live instance that nobody else holds, and leaves in it only what has begun or ended; the
rest is predicted by the new specification. Boundary events make it delicate: the library puts a
split before and a join behind an element that has some.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import (
    BoundaryEvent,
    EventBasedGateway,
)
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.words import Words
from engine.runtime.patches.scopes import disarm, is_armed
from engine.runtime.patches.timers import armed, rearmed
from engine.runtime.procedure import Runnable

SPLIT, JOIN = ".BoundaryEventSplit", ".BoundaryEventJoin"
_BEGUN = TaskState.WAITING | TaskState.READY | TaskState.STARTED
_NOT_BEGUN = TaskState.PREDICTED_MASK | TaskState.FUTURE
Name = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that does not go over as it is. `verdict`: loses | needs_mapping | breaks."""

    verdict: str
    process_id: str
    element_id: str
    told: Words


@dataclass
class Mapped:
    """The tree on its new specification, and what has still to be done about it."""

    workflow: BpmnWorkflow
    faults: list[Fault] = field(default_factory=list)
    renamed: dict[tuple[str, str], str] = field(default_factory=dict)
    #: boundary events (and choices) that the new version adds to what is at work, with whose
    to_arm: list[tuple[UUID, UUID]] = field(default_factory=list)
    process_of: dict[UUID, str] = field(default_factory=dict)


def transplant(workflow: BpmnWorkflow, runnable: Runnable, name: Name) -> Mapped:
    """Put the instance onto the specification of `runnable`; changes `workflow`."""
    mapped = Mapped(workflow)
    specs = {runnable.spec.name: runnable.spec, **runnable.subprocess_specs}
    _forget_lost_calls(workflow, specs)
    for part in (workflow, *workflow.subprocesses.values()):
        if part is workflow or part.parent_task_id in workflow.subprocesses:
            _Part(part, specs[part.spec.name], name, mapped).go_over()
    workflow.subprocess_specs = runnable.subprocess_specs
    return mapped


def _forget_lost_calls(workflow: BpmnWorkflow, specs: dict[str, Any]) -> None:
    """Processes that were called and have ended need no place where the new version has none."""
    for key, part in list(workflow.subprocesses.items()):
        if part.spec.name not in specs and part.completed:
            _forget_call(workflow, key)
    for part in workflow.subprocesses.values():
        specs.setdefault(part.spec.name, part.spec)  # its caller is refused below


def _forget_call(workflow: BpmnWorkflow, key: UUID) -> None:
    """An ended call and what was called from there."""
    part = workflow.subprocesses.pop(key, None)
    if part is not None:
        for task_id in part.tasks:
            _forget_call(workflow, task_id)


@dataclass
class _Part:
    """One process of the instance: its own, or one that it called."""

    part: Any
    spec: Any
    name: Name
    mapped: Mapped
    #: choice at work -> the timers it has armed: event -> moment
    choices: dict[UUID, dict[str, str]] = field(default_factory=dict)

    def go_over(self) -> None:
        for task in self.part.tasks.values():
            if task._state & _BEGUN and isinstance(task.task_spec, EventBasedGateway):
                self.choices[task.id] = {
                    each.event or "": each.clock.reference if each.clock else each.at.isoformat()
                    for each in armed(task)
                }
        self._drop_what_has_not_begun()
        for task in list(self.part.tasks.values()):
            if task.id in self.part.tasks:
                self._place(task)
        self.part.spec = self.spec
        for task in [t for t in self.part.tasks.values() if t._state & _BEGUN]:
            self._fit_boundaries(task)
            self._fit_join(task)
            self._fit_call(task)
            self._fit_choice(task)
        self._in_order_of_descent()

    # ── every task ──────────────────────────────────────────────────────────────────────────────

    def _drop_what_has_not_begun(self) -> None:
        for task in list(self.part.tasks.values()):
            is_left = task.id in self.part.tasks and task.parent is not None
            if task._state & _NOT_BEGUN and is_left and task.parent._state & _BEGUN:
                self._remove(task)
        for task in list(self.part.tasks.values()):  # behind what has ended: only the next one
            if task._state & _NOT_BEGUN and task.id in self.part.tasks:
                for child in list(task.children):
                    self._remove(child)

    def _place(self, task: Task) -> None:
        before = task.task_spec
        fresh = self.spec.task_specs.get(self._new_name(before.name))
        if fresh is not None and _is_alike(before, fresh) and _is_attached(task, fresh):
            self._note_renamed(before.bpmn_id, fresh.bpmn_id)
            task.task_spec = fresh
        elif task._state & TaskState.FINISHED_MASK or isinstance(before, BoundaryEventJoin):
            self._splice(task)
        elif task._state & _NOT_BEGUN:
            self._remove(task)
        elif is_armed(task):
            self._lose(task)
            disarm(task)
        elif isinstance(before, BoundaryEvent):
            self._lose(task)
            self._remove(task)
        else:
            self._miss(task, fresh)

    def _new_name(self, name: str) -> str:
        for ending in (SPLIT, JOIN):
            if name.endswith(ending):
                return self.name(self.part.spec.name, name.removesuffix(ending)) + ending
        return self.name(self.part.spec.name, name)

    def _note_renamed(self, old: str | None, new: str | None) -> None:
        if old and new and old != new:
            self.mapped.renamed[self.part.spec.name, old] = new

    def _miss(self, task: Task, fresh: Any) -> None:
        old = task.task_spec.bpmn_id or task.task_spec.name
        if fresh is None:
            self._blame(
                "needs_mapping",
                old,
                "办件停在这里，新版本没有这个元素：请指出对应的新元素。",
                "the case stands here, and the new version has no such element: name its successor",
            )
        else:
            self._blame(
                "breaks",
                old,
                "办件停在这里，新版本里同一编号是另一种元素。",
                "the case stands here, and the new version draws another kind of element under this id",
            )

    def _lose(self, task: Task) -> None:
        self._blame(
            "loses",
            task.task_spec.bpmn_id,
            "这里挂着的计时或等待，新版本没有：迁移后不再触发。",
            "a timer or message that is waited for here is gone in the new version",
        )

    # ── what is at work ─────────────────────────────────────────────────────────────────────────

    def _fit_boundaries(self, task: Task) -> None:
        spec, parent = task.task_spec, task.parent
        if isinstance(spec, BoundaryEvent | BoundaryEventJoin) or parent is None:
            return
        wanted = self.spec.task_specs.get(spec.name + SPLIT)
        split = parent if isinstance(parent.task_spec, BoundaryEventSplit) else None
        if wanted is None:
            return  # a split that is not drawn any more was spliced out with its events
        if split is None or split.task_spec is not wanted:
            split = self._insert_split(task, parent, wanted)
        present = {child.task_spec for child in split.children}
        for boundary in wanted.outputs:
            if isinstance(boundary, BoundaryEvent) and boundary not in present:
                self._add_boundary(split, boundary, task)

    def _insert_split(self, task: Task, parent: Task, wanted: Any) -> Task:
        split = Task(self.part, wanted, parent, state=TaskState.COMPLETED)
        split.data = dict(parent.data)
        parent._children.remove(split.id)
        parent._children[parent._children.index(task.id)] = split.id
        split._children, task._parent = [task.id], split.id
        return split

    def _add_boundary(self, split: Task, boundary: Any, task: Task) -> None:
        added = Task(self.part, boundary, split, state=TaskState.WAITING)
        added.data = dict(task.data)
        self._will_arm(added, task)

    def _will_arm(self, event: Task, wait: Task) -> None:
        self.mapped.to_arm.append((event.id, wait.id))
        self.mapped.process_of[event.id] = self._whose_wait(wait)

    def _whose_wait(self, wait: Task) -> str:
        called = self.part.top_workflow.subprocesses.get(wait.id)
        return str(called.spec.name if called is not None else self.spec.name)

    def _fit_join(self, task: Task) -> None:
        spec = task.task_spec
        if not isinstance(spec, UnstructuredJoin) or not spec.bpmn_id:
            return
        for each in [t for t in self.part.tasks.values() if t.task_spec is spec]:
            parent = each.parent
            has_come = parent is not None and parent._state == TaskState.COMPLETED
            if (
                has_come
                and each._state & ~TaskState.COMPLETED
                and parent.task_spec not in spec.inputs
            ):
                self._blame(
                    "breaks",
                    spec.bpmn_id,
                    f"已有分支从“{parent.task_spec.bpmn_name}”到了汇合处，新版本改了这条路。",
                    f"a branch has come here from {parent.task_spec.bpmn_id}, which now leads elsewhere",
                )

    def _fit_call(self, task: Task) -> None:
        spec = task.task_spec
        called = self.part.top_workflow.subprocesses.get(task.id)
        if not isinstance(spec, SubWorkflowTask) or called is None:
            return
        if spec.spec != called.spec.name:
            self._blame(
                "breaks",
                spec.bpmn_id,
                f"办件正在子流程 {called.spec.name} 里，新版本改调 {spec.spec}。",
                f"the case is inside {called.spec.name}; the new version calls {spec.spec} instead",
            )

    def _fit_choice(self, task: Task) -> None:
        if task.id not in self.choices:
            return
        moments = {self._new_name(name): moment for name, moment in self.choices[task.id].items()}
        timed = _timed(task.task_spec)
        for name in moments.keys() - timed.keys():
            self._lose_timer(task, name)
        if not rearmed(task, {place: moments.get(name) for name, place in timed.items()}):
            self._will_arm(task, task)

    def _lose_timer(self, task: Task, name: str) -> None:
        self._blame(
            "loses",
            task.task_spec.bpmn_id,
            f"这里的到期路线 {name}，新版本没有：迁移后不再到期。",
            f"the way out by time, {name}, is gone in the new version",
        )

    # ── the tree ────────────────────────────────────────────────────────────────────────────────

    def _splice(self, task: Task) -> None:
        """Take one task out; what followed it follows what was before it."""
        parent = task.parent
        if parent is None:
            return
        place = parent._children.index(task.id)
        parent._children[place : place + 1] = task._children
        for child in task.children:
            child._parent = parent.id
        if self.part.last_task is task:
            self.part.last_task = parent
        _forget_call(self.part.top_workflow, task.id)
        del self.part.tasks[task.id]

    def _remove(self, task: Task) -> None:
        for child in list(task.children):
            self._remove(child)
        if task.parent is not None:
            task.parent._children.remove(task.id)
        self.part.top_workflow.event_manager.tasks.pop(task.id, None)
        del self.part.tasks[task.id]

    def _in_order_of_descent(self) -> None:
        """Stored rows name their parents by position: a parent stands before its children."""
        self.part.tasks = {key: self.part.tasks[key] for key in _before_their_children(self.part)}

    def _blame(self, verdict: str, element_id: str | None, zh: str, en: str) -> None:
        where = self.part.spec.name
        self.mapped.faults.append(Fault(verdict, where, element_id or "", Words(zh, en)))


def _before_their_children(part: Any) -> Iterator[UUID]:
    told: set[UUID] = set()
    for task in part.tasks.values():
        above, here = [], task
        while here is not None and here.id not in told:
            above.append(here.id)
            here = part.tasks.get(here._parent)
        told.update(above)
        yield from reversed(above)


def _timed(spec: Any) -> dict[str, int]:
    """The events behind a choice that are timers, with their places."""
    return {
        output.bpmn_id: place
        for place, (output, each) in enumerate(
            zip(spec.outputs, spec.event_definition.event_definitions, strict=True)
        )
        if isinstance(each, TimerEventDefinition)
    }


def _is_alike(before: Any, after: Any) -> bool:
    """Whether a task of the one kind can stand at the other as it is."""
    return type(before) is type(after)


def _is_attached(task: Task, fresh: Any) -> bool:
    """A boundary event that waits is still on the element on which it was armed."""
    if not isinstance(fresh, BoundaryEvent) or not task._state & _BEGUN:
        return True
    return task.parent is not None and fresh in task.parent.task_spec.outputs
