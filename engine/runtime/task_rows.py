"""One task as one row of its stored instance, and back.

Row: [id (0: nothing names it, so it gets another), parent index, specification index, state,
last change, triggered, internal data, data (0 none | object), deleted keys].
"""

from copy import copy
from dataclasses import dataclass
from math import isfinite
from typing import Any
from uuid import UUID

import orjson
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import EngineError
from engine.runtime.patches.scopes import ARMED
from engine.runtime.patches.writes import SAID

#: Where a row holds its task's internal data, the armed moment of a timer among it.
INTERNAL = 6
#: How deep objects and lists may lie in one another; the JSON library itself ends at 254.
DEEPEST = 100
_SCALARS = frozenset({str, int, bool, type(None)})
_CONTAINERS = (dict, list)


class StateNotWritable(EngineError, TypeError):
    """Data that would come back as something else, or not at all."""

    slug = "state-not-writable"


class Vocabulary:
    """The task specifications of one process by position: sorted by name, so stable."""

    def __init__(self, spec: Any) -> None:
        names = sorted(spec.task_specs)
        self.position = {name: number for number, name in enumerate(names)}
        self.specs = [spec.task_specs[name] for name in names]
        self.joins = {each.name for each in self.specs if isinstance(each, UnstructuredJoin)}


@dataclass(frozen=True, slots=True)
class Kept:
    """The row of a finished task, and what it was made of: nothing of that is changed again."""

    row: tuple[Any, ...]
    spec: Any
    state: int
    moment: float
    data: dict[str, Any]
    above: dict[str, Any]
    size: int

    def is_of(self, task: Task, parent: Task) -> bool:
        return (
            self.state == task._state
            and self.moment == task.last_state_change
            and self.data is task.data
            and self.above is parent.data
            and self.size == len(task.data)
            and self.spec is task.task_spec
        )


def row_of(task: Task, parent: Task | None, vocabulary: Vocabulary) -> tuple[Any, ...]:
    """The row but for its first two members. A live instance keeps those of what is finished: most
    of what each step stores is what the step before it stored."""
    is_over = parent is not None and task._state >= TaskState.COMPLETED <= parent._state
    if parent is None or not is_over or task.internal_data:
        return _written(task, parent, vocabulary)
    kept: Kept | None = task.__dict__.get("kept_row")
    if kept is None or not kept.is_of(task, parent):
        row = _written(task, parent, vocabulary)
        kept = task.kept_row = Kept(
            row,
            task.task_spec,
            task._state,
            task.last_state_change,
            task.data,
            parent.data,
            len(task.data),
        )
    return kept.row


def _written(task: Task, parent: Task | None, vocabulary: Vocabulary) -> tuple[Any, ...]:
    name, moment = task.task_spec.name, task.last_state_change
    written, deleted = _difference(task, parent)
    # Asked is in which order branches arrived at a join, and which of two answers is the later;
    # elsewhere the second is enough.
    is_asked = written or deleted or name in vocabulary.joins or SAID in task.internal_data
    return (
        vocabulary.position[name],
        task._state,
        moment if is_asked else int(moment),
        1 if task.triggered else 0,
        _internal(task.internal_data) if task.internal_data else None,
        written,
        deleted,
    )


def _internal(held: dict[str, Any]) -> dict[str, Any] | None:
    # An event-based gateway that fired keeps the event object it saw, and needs it no more.
    return {k: v for k, v in held.items() if k != "seen_events"} or None


def _difference(task: Task, parent: Task | None) -> tuple[Any, list[str] | None]:
    data = task.data
    if not data:
        return 0, None
    if parent is None:
        _check(data)
        return data, None
    above = parent.data
    if data is above:
        return None, None
    changed = {
        key: value
        for key, value in data.items()
        if key not in above or (above[key] is not value and _differ(above[key], value))
    }
    for value in changed.values():
        if type(value) not in _SCALARS:
            _check(value)
    deleted = None
    if len(above) + len(changed) > len(data):
        deleted = [key for key in above if key not in data] or None
    if not changed and not deleted and task._state >= TaskState.COMPLETED <= parent._state:
        task.data = above  # what is finished is never changed again: one copy is enough for both
    return changed or None, deleted


def _check(value: Any, depth: int = 0) -> None:
    """Refuse what the JSON library writes as something else: a tuple, an enumeration, not-a-number.

    What it refuses itself (integers beyond 64 bits, halves of characters) is left to it.
    """
    kind = type(value)
    if kind in _SCALARS:
        return
    if depth > DEEPEST:
        raise not_writable(f"deeper than {DEEPEST}")
    if kind is dict:
        for each in value.values():
            _check(each, depth + 1)
    elif kind is list:
        for each in value:
            _check(each, depth + 1)
    elif kind is not float or not isfinite(value):
        raise not_writable(f"{kind.__name__} {value!r:.60}")


def not_writable(what: str) -> StateNotWritable:
    return StateNotWritable(f"办件数据无法保存：{what}", f"not to be written as JSON: {what}")


def _differ(before: Any, after: Any) -> bool:
    if type(before) is not type(after) or before != after:
        return True
    # Equal is not the same: inside a list or an object, True is not 1.
    return isinstance(after, _CONTAINERS) and orjson.dumps(before) != orjson.dumps(after)


def task_of(
    row: list[Any], workflow: Any, specs: list[Any], read: list[Task], first_id: int
) -> Task:
    """The task of a row. `first_id`: what the ids are counted from that nothing names."""
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
    task.id = UUID(hex=key) if key else UUID(int=first_id + len(read))
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


def blank(row: list[Any]) -> list[Any]:
    """The row of the same task without data. Its internal data holds names and moments, no answers."""
    return [*row[: INTERNAL + 1], 0, None]


def passed(row: list[Any], name: str | int) -> list[Any]:
    """The row of the same task where nothing runs any more: under another name, 0 for none."""
    held = {ARMED: row[INTERNAL][ARMED]} if ARMED in (row[INTERNAL] or ()) else None
    return [name, *row[1:4], 0, 0, held, 0, None]


def _restored(
    above: dict[str, Any],
    state: int,
    changed: dict[str, Any] | None,
    deleted: list[str] | None,
) -> dict[str, Any]:
    if state >= TaskState.COMPLETED:
        if not changed and not deleted:
            return above  # finished tasks are never changed again: data may be shared
        data = dict(above)
    else:
        data = {k: copy(v) if isinstance(v, _CONTAINERS) else v for k, v in above.items()}
    data.update(changed or {})
    for key in deleted or ():
        data.pop(key, None)
    return data
