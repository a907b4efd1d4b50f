"""Who wrote what, and when: told by comparing each task's data with its parent's.

Every task of the library carries a copy of its branch's data. An answer is *written* by the task
whose data first differs from its parent's; joins and calls write nothing of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

_ABSENT = object()
#: Where a join notes when those values were written that came to it by other branches.
WRITTEN = "written"
#: Where a task notes which answers it gave that were known already: saying so again is a write.
SAID = "said"


def say(task: Task, answers: Mapping[str, Any]) -> None:
    """Enter answers into a task's data."""
    again = [
        name for name, value in answers.items() if name in task.data and task.data[name] == value
    ]
    if again:
        task.internal_data[SAID] = again
    task.data.update(answers)


def changed(task: Task, parent: Task) -> Iterator[str]:
    """The names whose values the task changed or took away."""
    data, before = task.data, parent.data
    for name, value in data.items():
        held = before.get(name, _ABSENT)
        if held is not value and (type(held) is not type(value) or held != value):
            yield name
    if len(before) > len(data) or before.keys() - data.keys():
        yield from (name for name in before if name not in data)


def since(split: Task | None, task: Task) -> dict[str, float]:
    """Name -> when it was last written, on the way from `split` (not itself) to the task.

    What a called process wrote was written when that happened, and though it came to nothing new.
    """
    found: dict[str, float] = {}
    while task is not split and (parent := task.parent) is not None:
        called = task.workflow.top_workflow.subprocesses.get(task.id)
        if called is not None and called.last_task is not None:
            _add(found, since(None, called.last_task))
        elif task.internal_data:
            _add(found, task.internal_data.get(WRITTEN, {}))
            _add(found, dict.fromkeys(task.internal_data.get(SAID, ()), task.last_state_change))
        _add(found, dict.fromkeys(changed(task, parent), task.last_state_change))
        task = parent
    return found


def _add(found: dict[str, float], earlier: Mapping[str, float]) -> None:
    for name, moment in earlier.items():
        found.setdefault(name, moment)


def merged(branches: list[Task]) -> tuple[dict[str, Any], dict[str, float]]:
    """What is known where branches meet: of every name, the value that was written last.

    Also when those were written that come by another branch than the last.
    """
    split = meeting(branches)
    data, latest, came = dict(split.data), dict[str, float](), dict[str, float]()
    for branch in branches:
        for name, moment in since(split, branch).items():
            if moment < latest.get(name, 0.0):
                continue
            latest[name] = moment
            if name in branch.data:
                data[name] = branch.data[name]
            else:
                data.pop(name, None)
            if branch is branches[-1]:
                came.pop(name, None)
            else:
                came[name] = moment
    return data, came


def meeting(branches: list[Task]) -> Task:
    """The last task that all branches have behind them."""
    split = branches[0]
    for branch in branches[1:]:
        split = _meeting(split, branch)
    return split


def _meeting(one: Task, other: Task) -> Task:
    """Climbs on both sides in turn, so the way is as long as the branches, not as the case."""
    sides: tuple[list[Task | None], list[set[Any]]] = ([one, other], [set(), set()])
    here, seen = sides
    while here[0] is not None or here[1] is not None:
        for side in (0, 1):
            task = here[side]
            if task is None:
                continue
            if task.id in seen[1 - side]:
                return task
            seen[side].add(task.id)
            here[side] = task.parent
    root: Task = one.workflow.task_tree
    return root


def current_data(top: BpmnWorkflow) -> dict[str, Any]:
    """What is known in the whole instance now: of every name, the value that was written last.

    What was written inside a called process that has been interrupted is forgotten with it.
    """
    found: list[tuple[float, str, Task]] = []
    for part in (top, *top.subprocesses.values()):
        if part is not top and _is_dropped(top, part):
            continue
        for task in part.tasks.values():
            parent = task.parent
            if task._state != TaskState.COMPLETED or parent is None:
                continue
            if isinstance(task.task_spec, Join) or task.id in top.subprocesses:
                continue
            found.extend((task.last_state_change, name, task) for name in _own(task, parent))
    data = dict(top.task_tree.data)
    for _, name, task in sorted(found, key=lambda write: write[0]):
        if name in task.data:
            data[name] = task.data[name]
        else:
            data.pop(name, None)
    return data


def _own(task: Task, parent: Task) -> Iterator[str]:
    yield from changed(task, parent)
    yield from task.internal_data.get(SAID, ())


def _is_dropped(top: BpmnWorkflow, part: Any) -> bool:
    while part is not top:
        caller = top.get_task_from_id(part.parent_task_id)
        if caller is None or caller._state == TaskState.CANCELLED:
            return True
        part = caller.workflow
    return False
