"""What SpiffWorkflow does in the situations that engine/runtime/patches.py mends.

Run as a script it shows the bare library (no module of the engine is loaded) and prints JSON;
imported into a test it shows the mended one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from tests.runtime.sketches import Sketch, endless, rework

MONDAY = datetime(2020, 3, 2, 1, tzinfo=UTC)


class Script(PythonScriptEngine):
    """`due` gives a moment long past; `now` is a Monday of 2020."""

    def __init__(self) -> None:
        super().__init__(environment=TaskDataEnvironment({"due": self.due}))

    def due(self, limit: str) -> str:
        return (MONDAY - timedelta(days=1)).isoformat()

    def now(self) -> datetime:
        return MONDAY

    def call_service(self, task: Task, **asked: Any) -> bytes:
        return b"null"


def start(sketch: Sketch) -> BpmnWorkflow:
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(sketch.xml()).getroottree(), "sketch.bpmn")
    key = sketch.process_id
    workflow = BpmnWorkflow(
        parser.get_spec(key), parser.get_subprocess_specs(key), script_engine=Script()
    )
    workflow.do_engine_steps()
    return workflow


def ready(workflow: BpmnWorkflow) -> dict[str, Task]:
    """The open user tasks by element, however deep they lie."""
    return {
        task.task_spec.bpmn_id: task
        for task in workflow.tasks.values()
        if task._state == TaskState.READY and task.task_spec.manual
    }


def complete(workflow: BpmnWorkflow, element_id: str, **answers: object) -> None:
    task = ready(workflow)[element_id]
    task.data.update(answers)
    task.run()
    workflow.do_engine_steps()


def join_in_a_rework_loop() -> list[str]:
    """What is open in the second round, when one of two joined tasks is done."""
    workflow = start(rework())
    complete(workflow, "left")
    complete(workflow, "right")
    complete(workflow, "sign", verdict="again")
    complete(workflow, "right")
    return sorted(ready(workflow))


def answers_of_two_branches_in_the_second_round() -> dict[str, object]:
    """What is known behind a join, when both branches answered anew what was answered before."""
    workflow = start(rework())
    complete(workflow, "left", of_left=["one", "two"], of_both="left")
    complete(workflow, "right", of_right=1)
    complete(workflow, "sign", verdict="again")
    complete(workflow, "left", of_left=["three"])
    complete(workflow, "right", of_right=2, of_both="right")
    data = ready(workflow)["sign"].data
    return {name: data.get(name) for name in ("of_left", "of_right", "of_both", "verdict")}


def a_timer_whose_moment_has_passed() -> list[str]:
    """What is open after somebody else's step, when an interrupting timer's moment is over."""
    sketch = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("slow", "other", "after")
        .boundary_timer("late", "slow", "step")
        .end()
        .flow("start > fork > slow > join > end")
        .flow("fork > other > join")
        .flow("late > after > join")
    )
    workflow = start(sketch)
    if "other" in ready(workflow):
        complete(workflow, "other")
    return sorted(ready(workflow))


def a_duration_that_has_passed() -> list[str]:
    """The same for a timer that waits for a length of time: here, none at all."""
    sketch = (
        Sketch()
        .start()
        .task("slow", "after")
        .node(
            "boundaryEvent",
            "late",
            '<bpmn:timerEventDefinition id="late_timer">'
            '<bpmn:timeDuration>"PT0S"</bpmn:timeDuration></bpmn:timerEventDefinition>',
            attachedToRef="slow",
        )
        .end()
        .flow("start > slow > end")
        .flow("late > after > end")
    )
    workflow = start(sketch)
    workflow.do_engine_steps()
    return sorted(ready(workflow))


def automatic_steps_beyond_a_thousand_tasks() -> list[str]:
    """What is open after 400 rounds of a task and its automatic steps: more than 1,000 tasks."""
    workflow = start(endless())
    for _ in range(400):
        if "work" not in ready(workflow):
            break
        complete(workflow, "work", verdict="more")
    return sorted(ready(workflow))


def waiting_tasks_beyond_a_thousand_tasks() -> bool:
    """Whether a task that waits behind more than 1,000 others is seen to have been told."""
    sketch = endless().catch_message("rest", "go")
    sketch.flows = [flow for flow in sketch.flows if '"enough_to_end"' not in flow]
    sketch.flow("enough > rest", when='verdict == "enough"').flow("rest > end")
    workflow = start(sketch)
    for verdict in ["more"] * 400 + ["enough"]:
        task = ready(workflow)["work"]
        task.data["verdict"] = verdict
        task.run()
        _run_all(workflow)  # by hand, so that only the waiting task is the library's business
    (rest,) = [
        task
        for task in workflow.tasks.values()
        if task.task_spec.bpmn_id == "rest" and task._state == TaskState.WAITING
    ]
    rest.internal_data["event_fired"] = True
    workflow.update_waiting_tasks()
    return bool(rest._state == TaskState.READY)


def _run_all(workflow: BpmnWorkflow) -> None:
    while True:
        found = [
            task
            for task in workflow.tasks.values()
            if task._state == TaskState.READY and not task.task_spec.manual
        ]
        if not found:
            return
        found[0].run()


def ancestry_of_a_deep_task() -> str:
    """Whether the deepest of 1,500 tasks descends from the first."""
    workflow = start(Sketch().start().task("work").end().flow("start > work > end"))
    task = root = workflow.task_tree
    for _ in range(1500):
        task = Task(workflow, root.task_spec, parent=task, state=TaskState.FUTURE)
    try:
        return str(task.is_descendant_of(root))
    except RecursionError:
        return "RecursionError"


def walks_for_a_log_that_nobody_writes() -> int:
    """How often the whole tree is walked for log lines while logging is off."""
    workflow = start(endless())
    walks = 0
    original = Task.collect_log_extras

    def counted(self: Task, extra: Any = None) -> Any:
        nonlocal walks
        walks += 1
        return original(self, extra)

    Task.collect_log_extras = counted
    try:
        complete(workflow, "work", verdict="more")
    finally:
        Task.collect_log_extras = original
    return walks


SITUATIONS: dict[str, Callable[[], Any]] = {
    each.__name__: each
    for each in (
        join_in_a_rework_loop,
        answers_of_two_branches_in_the_second_round,
        a_timer_whose_moment_has_passed,
        a_duration_that_has_passed,
        automatic_steps_beyond_a_thousand_tasks,
        waiting_tasks_beyond_a_thousand_tasks,
        ancestry_of_a_deep_task,
        walks_for_a_log_that_nobody_writes,
    )
}


def shown() -> dict[str, Any]:
    """Every situation: what came of it, or the error that it ended in."""
    found: dict[str, Any] = {}
    for name, situation in SITUATIONS.items():
        try:
            found[name] = situation()
        except Exception as problem:  # noqa: BLE001 - the bare library fails in many ways
            found[name] = f"{type(problem).__name__}: {problem}"
    return found


if __name__ == "__main__":
    told = shown()
    if any(module.split(".")[0] == "engine" for module in sys.modules):
        raise SystemExit("the engine was loaded: this is not the bare library")
    sys.stdout.write(json.dumps(told))
