"""What fails, and what is run out of turn."""

from __future__ import annotations

from typing import Any

from tests.runtime.situations.driver import Environment, complete, ready, start
from tests.runtime.sketches import Sketch, errand


class Failing(Environment):
    """An environment whose operations fail as a table look-up fails."""

    def call_service(self, task_data: dict[str, Any], **asked: Any) -> bytes:
        raise KeyError(404)


def the_cause_of_a_failing_operation() -> str:
    workflow = start(errand(), environment=Failing())
    try:
        complete(workflow, "look", verdict="good")
    except Exception as problem:  # noqa: BLE001 - the name of the error is what is asked for
        return f"{type(problem).__name__}: {problem}"
    return "nothing"


def a_task_that_is_run_twice() -> list[str]:
    """How a second run of the same task goes, and what a run before its time does."""
    workflow = start(Sketch().start().task("work", "more").end().flow("start > work > more > end"))
    done = ready(workflow)["work"]
    complete(workflow, "work")
    coming = [task for task in done.children[0].children if not task.task_spec.manual]
    return [_run(done), _run(coming[0])]


def _run(task: Any) -> str:
    try:
        task.run()
    except Exception as problem:  # noqa: BLE001 - whatever it is
        return f"refused: {problem}"
    return "run"
