"""Cases with more tasks than the library can see."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from tests.runtime.situations.driver import complete, ready, start
from tests.runtime.sketches import Sketch, endless


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


def a_live_case_with_more_than_a_thousand_tasks() -> str:
    """What the library says of a case whose open task lies deeper than 1,000 others."""
    workflow = _long_case()
    return f"completed: {workflow.is_completed()}, open: {len(workflow.get_tasks(manual=True, state=TaskState.READY))}"


def the_end_of_a_scope_with_more_than_a_thousand_tasks() -> list[str]:
    """What is open when a short branch has ended and a long one has not."""
    sketch = (
        Sketch()
        .start()
        .parallel("fork")
        .exclusive("begin", default="work")
        .task("work", "short")
        .exclusive("enough", default="begin")
        .end()
        .flow("start > fork > begin > work > enough > begin")
        .flow("fork > short > end")
        .flow("enough > end", when='verdict == "enough"')
    )
    workflow = start(sketch)
    for _ in range(400):
        task = ready(workflow)["work"]
        task.data["verdict"] = "more"
        task.run()
        _run_all(workflow)
    ready(workflow)["short"].run()
    _run_all(workflow)
    return sorted(ready(workflow)) if not workflow.completed else ["completed"]


def _long_case() -> BpmnWorkflow:
    workflow = start(endless())
    for _ in range(400):
        task = ready(workflow)["work"]
        task.data["verdict"] = "more"
        task.run()
        _run_all(workflow)
    return workflow
