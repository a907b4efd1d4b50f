"""A process instance as a few kB of bytes, and back.

The specification is not stored: the caller keeps the process definition's id beside the bytes.
One row per task, its data as a difference to its parent's; children lists are derived from the
order of creation; what is not plain JSON is refused loudly, never converted silently.

Row: [id (0: nothing names it, so it gets another), parent index, specification index, state,
last change, triggered, internal data, data (0 none | object), deleted keys].
"""

import zlib
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import EngineError
from engine.runtime.patches.timers import retimed

FORMAT = 1
_CONTAINERS = (dict, list)
#: Where a row holds its task's internal data, the armed moment of a timer among it.
_INTERNAL = 6
#: Tasks that are at work or wait; the tables name them by their ids.
_OPEN = TaskState.WAITING | TaskState.READY | TaskState.STARTED
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


class StateNotReadable(EngineError):
    """Stored bytes that this release cannot read."""

    slug = "state-not-readable"


def retime(raw: bytes, moments: Mapping[UUID, datetime]) -> bytes:
    """The stored instance with armed timers moved to these moments; nothing is built or run."""
    stored = _read(raw)
    for part in (stored, *(part for _, part in stored["sub"])):
        for row in part["t"]:
            if row[0] and row[_INTERNAL]:
                retimed(UUID(hex=row[0]), row[_INTERNAL], moments)
    return zlib.compress(orjson.dumps(stored, option=_OPTIONS), 6)


class Vocabulary:
    """The task specifications of one process by position: sorted by name, so stable."""

    def __init__(self, spec: Any) -> None:
        names = sorted(spec.task_specs)
        self.position = {name: number for number, name in enumerate(names)}
        self.specs = [spec.task_specs[name] for name in names]
        self.joins = {each.name for each in self.specs if isinstance(each, UnstructuredJoin)}


class Codec:
    """Writes and reads the instances of one process definition."""

    def __init__(self, spec: Any, subprocess_specs: dict[str, Any]) -> None:
        self._spec = spec
        self._subprocess_specs = subprocess_specs
        self._vocabularies = {
            each.name: Vocabulary(each) for each in (spec, *subprocess_specs.values())
        }

    def dump(self, workflow: BpmnWorkflow) -> bytes:
        """The instance as compressed bytes. TypeError when data holds more than JSON values."""
        top = self._encode(workflow)
        top["format"] = FORMAT
        top["sub"] = [[key.hex, self._encode(sub)] for key, sub in workflow.subprocesses.items()]
        return zlib.compress(orjson.dumps(top, option=_OPTIONS), 6)

    def load(self, raw: bytes, script_engine: Any) -> BpmnWorkflow:
        """The instance as it was dumped, with `script_engine` in place before anything runs."""
        stored = _read(raw)
        workflow = BpmnWorkflow(
            self._spec,
            self._subprocess_specs,
            script_engine=script_engine,
            deserializing=True,
        )
        self._decode(workflow, stored)
        for key, part in stored["sub"]:
            self._attach(workflow, UUID(hex=key), part)
        return workflow

    def _attach(self, workflow: BpmnWorkflow, key: UUID, part: dict[str, Any]) -> None:
        parent = workflow.get_task_from_id(key)
        subprocess = BpmnSubWorkflow(
            self._subprocess_specs[part["s"]], key, workflow, deserializing=True
        )
        self._decode(subprocess, part)
        workflow.subprocesses[key] = subprocess
        subprocess.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)

    def _encode(self, workflow: Any) -> dict[str, Any]:
        vocabulary = self._vocabularies[workflow.spec.name]
        tasks = list(workflow.tasks.values())
        index = {task.id: number for number, task in enumerate(tasks)}
        named = {index.get(key) for key in _named(workflow)}
        rows: list[tuple[Any, ...]] = []
        derived: list[list[UUID]] = [[] for _ in tasks]
        for number, task in enumerate(tasks):
            above = index.get(task._parent)
            parent = None if above is None else tasks[above]
            if above is not None:
                derived[above].append(task.id)
            key = task.id.hex if task._state & _OPEN or number in named else 0
            rows.append((key, above, *_row(task, parent, vocabulary)))
        odd = [
            (number, [index[child] for child in task._children])
            for number, (task, children) in enumerate(zip(tasks, derived, strict=True))
            if task._children != children
        ]
        last = workflow.last_task
        return {
            "s": workflow.spec.name,
            "t": rows,
            "k": odd,
            "d": workflow.data,
            "c": workflow.correlations,
            "l": index.get(last.id) if last else None,
            "ok": workflow.success,
            "f": workflow.completed,
            "r": index[workflow.task_tree.id],
        }

    def _decode(self, workflow: Any, stored: dict[str, Any]) -> None:
        specs = self._vocabularies[workflow.spec.name].specs
        manager = workflow.top_workflow.event_manager
        read: list[Task] = []
        for row in stored["t"]:
            task = _task(row, workflow, specs, read)
            workflow.tasks[task.id] = task
            read.append(task)
            if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
                manager.add_task(task)
        for number, children in stored["k"]:
            read[number]._children = [read[child].id for child in children]
        workflow.task_tree = read[stored["r"]]
        workflow.data = stored["d"]
        workflow.correlations = stored["c"]
        workflow.success = stored["ok"]
        workflow.completed = stored["f"]
        workflow.last_task = None if stored["l"] is None else read[stored["l"]]


def _read(raw: bytes) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = orjson.loads(zlib.decompress(raw))
        found = stored["format"]
    except (zlib.error, orjson.JSONDecodeError, KeyError, TypeError) as problem:
        raise StateNotReadable("办件状态已损坏。", f"not a stored state: {problem}") from problem
    if found != FORMAT:
        raise StateNotReadable(f"办件状态的格式 {found} 无法读取。", f"{found} is not {FORMAT}")
    return stored


def _named(workflow: Any) -> set[UUID]:
    """Ids of finished tasks that something names: subprocesses, and instances already merged."""
    merged = (
        UUID(each)
        for task in workflow.tasks.values()
        if task.internal_data
        for each in task.internal_data.get("merged", ())
    )
    return {*workflow.top_workflow.subprocesses, *merged}


def _row(task: Task, parent: Task | None, vocabulary: Vocabulary) -> tuple[Any, ...]:
    name, moment = task.task_spec.name, task.last_state_change
    return (
        vocabulary.position[name],
        task._state,
        # Only a join asks in which order its branches arrived; elsewhere the second is enough.
        moment if name in vocabulary.joins else int(moment),
        1 if task.triggered else 0,
        _internal(task.internal_data) if task.internal_data else None,
        *_difference(task, parent),
    )


def _internal(held: dict[str, Any]) -> dict[str, Any] | None:
    # An event-based gateway that fired keeps the event object it saw, and needs it no more.
    return {k: v for k, v in held.items() if k != "seen_events"} or None


def _difference(task: Task, parent: Task | None) -> tuple[Any, list[str] | None]:
    data = task.data
    if not data:
        return 0, None
    if parent is None:
        return data, None
    above = parent.data
    changed = {
        key: value
        for key, value in data.items()
        if key not in above or (above[key] is not value and _differ(above[key], value))
    }
    deleted = None
    if len(above) + len(changed) > len(data):
        deleted = [key for key in above if key not in data] or None
    return changed or None, deleted


def _differ(before: Any, after: Any) -> bool:
    if type(before) is not type(after) or before != after:
        return True
    # Equal is not the same: inside a list or an object, True is not 1.
    return isinstance(after, _CONTAINERS) and orjson.dumps(before) != orjson.dumps(after)


def _task(row: list[Any], workflow: Any, specs: list[Any], read: list[Task]) -> Task:
    (
        key,
        parent_index,
        spec_index,
        state,
        changed_at,
        triggered,
        internal,
        data,
        deleted,
    ) = row
    task = Task.__new__(Task)
    task.id = UUID(hex=key) if key else uuid4()
    task.workflow = workflow
    task.task_spec = specs[spec_index]
    task.thread_id = 0
    task._state = state
    task._children = []
    task.triggered = triggered == 1
    task.last_state_change = changed_at
    task.internal_data = internal or {}
    if parent_index is None:
        task._parent = None
        task.data = data or {}
        return task
    parent = read[parent_index]
    task._parent = parent.id
    parent._children.append(task.id)
    task.data = {} if data == 0 else _restored(parent.data, state, data, deleted)
    return task


def _restored(
    above: dict[str, Any],
    state: int,
    changed: dict[str, Any] | None,
    deleted: list[str] | None,
) -> dict[str, Any]:
    if state >= TaskState.COMPLETED:
        data = dict(above)  # finished tasks are never changed again: containers may be shared
    else:
        data = {k: copy(v) if isinstance(v, _CONTAINERS) else v for k, v in above.items()}
    data.update(changed or {})
    for key in deleted or ():
        data.pop(key, None)
    return data
