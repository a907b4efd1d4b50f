"""A process instance as a few kB of bytes, and back.

The specification is not stored: the caller keeps the process definition's id beside the bytes.
One row per task, its data as a difference to its parent's; children lists are derived from the
order of creation; what is not plain JSON is refused loudly, never converted silently.
A row is described in engine/runtime/task_rows.py.
"""

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import EngineError
from engine.runtime.packing import pack, unpack
from engine.runtime.patches.timers import retimed
from engine.runtime.task_rows import (
    INTERNAL,
    Vocabulary,
    blank,
    not_writable,
    passed,
    row_of,
    task_of,
)

#: 1: the first release. 2: event sub-processes wait in it, and answers keep the moment they were
#: given to the fraction; a release that knows only 1 could not go on with it. 3: the same, packed
#: with a dictionary.
FORMAT = 3
READABLE = frozenset({1, 2, 3})
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
            if row[0] and row[INTERNAL]:
                retimed(UUID(hex=row[0]), row[INTERNAL], moments)
    return pack(orjson.dumps({**stored, "format": FORMAT}, option=_OPTIONS))


def without_data(raw: bytes) -> bytes:
    """The stored instance without a word of what was said in it: which elements were passed, how and
    when stays. For a case whose time in the archive is over."""
    stored = _read(raw)
    for part in (stored, *(part for _, part in stored["sub"])):
        part.update(d={}, c={}, t=[blank(row) for row in part["t"]])
    return pack(orjson.dumps({**stored, "format": FORMAT}, option=_OPTIONS))


def ended(raw: bytes) -> bytes:
    """An instance that nobody goes on with: which elements it passed, and how. When each was passed
    the tables tell, and its tasks are named by small numbers where anything names them."""
    stored = _read(raw)
    parts = [stored, *(part for _, part in stored["sub"])]
    names = {key: UUID(int=place).hex for place, (key, _) in enumerate(stored["sub"], 1)}
    for part in parts:
        part.update(d={}, c={}, t=[passed(row, names.get(row[0], 0)) for row in part["t"]])
    stored["sub"] = [[names[key], part] for key, part in stored["sub"]]
    return pack(orjson.dumps({**stored, "format": FORMAT}, option=_OPTIONS))


class Codec:
    """Writes and reads the instances of one process definition."""

    def __init__(self, spec: Any, subprocess_specs: dict[str, Any]) -> None:
        self._spec = spec
        self._subprocess_specs = subprocess_specs
        self._vocabularies = {
            each.name: Vocabulary(each) for each in (spec, *subprocess_specs.values())
        }

    def dump(self, workflow: BpmnWorkflow) -> bytes:
        """The instance as compressed bytes. StateNotWritable when data holds what is not JSON."""
        top = self._encode(workflow)
        top["format"] = FORMAT
        top["sub"] = [[key.hex, self._part(sub)] for key, sub in workflow.subprocesses.items()]
        try:
            return pack(orjson.dumps(top, option=_OPTIONS))
        except orjson.JSONEncodeError as problem:
            raise not_writable(str(problem)) from problem

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
        workflow.latest_change = max(
            task.last_state_change
            for each in (workflow, *workflow.subprocesses.values())
            for task in each.tasks.values()
        )
        return workflow

    def _attach(self, workflow: BpmnWorkflow, key: UUID, part: dict[str, Any]) -> None:
        parent = workflow.get_task_from_id(key)
        subprocess = BpmnSubWorkflow(
            self._subprocess_specs[part["s"]], key, workflow, deserializing=True
        )
        self._decode(subprocess, part)
        if subprocess.completed:
            _keep(subprocess, part)
        workflow.subprocesses[key] = subprocess
        subprocess.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)

    def _part(self, part: Any) -> Any:
        """A process that was called; one that has ended is written down once."""
        if not part.completed:
            return self._encode(part)
        written_for, written = part.__dict__.get("written_down", (None, None))
        return written if written_for is part.spec else _keep(part, self._encode(part))

    def _encode(self, workflow: Any) -> dict[str, Any]:
        vocabulary = self._vocabularies[workflow.spec.name]
        tasks = list(workflow.tasks.values())
        # by the number of an id: its own hash is computed by Python code, at each look
        index = {task.id.int: number for number, task in enumerate(tasks)}
        named = {index.get(key.int) for key in _named(workflow)}
        rows: list[tuple[Any, ...]] = []
        derived: list[list[UUID]] = [[] for _ in tasks]
        for number, task in enumerate(tasks):
            parent_id, parent, above = task._parent, None, None
            if parent_id is not None and (above := index.get(parent_id.int)) is not None:
                parent = tasks[above]
                derived[above].append(task.id)
            key = task.id.hex if task._state & _OPEN or number in named else 0
            rows.append((key, above, *row_of(task, parent, vocabulary)))
        odd = [
            (number, [index[child.int] for child in task._children])
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
            "l": index.get(last.id.int) if last else None,
            "ok": workflow.success,
            "f": workflow.completed,
            "r": index[workflow.task_tree.id.int],
        }

    def _decode(self, workflow: Any, stored: dict[str, Any]) -> None:
        specs = self._vocabularies[workflow.spec.name].specs
        manager = workflow.top_workflow.event_manager
        read: list[Task] = []
        first_id = uuid4().int  # one for all: asking the system for each takes its time
        for row in stored["t"]:
            task = task_of(row, workflow, specs, read, first_id)
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


def _keep(part: Any, stored: dict[str, Any]) -> Any:
    written = orjson.Fragment(orjson.dumps(stored, option=_OPTIONS))
    part.written_down = (part.spec, written)
    return written


def _read(raw: bytes) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = orjson.loads(unpack(raw))
        found = stored["format"]
    except (zlib.error, orjson.JSONDecodeError, KeyError, TypeError) as problem:
        raise StateNotReadable("办件状态已损坏。", f"not a stored state: {problem}") from problem
    if found not in READABLE:
        raise StateNotReadable(
            f"办件状态的格式是 {found}，本版本只读得懂到 {FORMAT}。",
            f"the state is of format {found}; this release reads up to {FORMAT}",
        )
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
