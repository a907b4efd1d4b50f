"""The floor of the engine step: SpiffWorkflow as it comes, its own JSON loaded and written each step.

Runs as a process of its own, because engine/runtime/patches mends the library for a whole process.
Asked by lines on standard input (the variables that may enter process data, and the rounds of
rework or none), it answers each with one line: seconds of CPU of every step, bytes of the state.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from benchmarks import scenario

#: Far enough that no timer of the case is due while the benchmark runs.
LATER = timedelta(days=400)


class Surroundings(TaskDataEnvironment):
    """Answers what the diagram asks of time, and its operations."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(scenario.MOMENTS, self.later))

    def later(self, name: str) -> str:
        return (datetime.now(UTC) + LATER).isoformat()

    def call_service(self, task_data: dict[str, Any], **asked: Any) -> str:
        return json.dumps(scenario.OPERATIONS.get(asked["operation_name"]))


class Naive:
    """Drives the scenario with the library's own serializer, specification included."""

    def __init__(self) -> None:
        parser = SpiffBpmnParser()
        for folder in (scenario.PROCEDURE, "common"):
            for path in sorted((scenario.WORKFLOWS / folder).glob("*.bpmn")):
                parser.add_bpmn_file(str(path))
        self.spec = parser.get_spec(scenario.PROCEDURE)
        self.subprocess_specs = parser.get_subprocess_specs(scenario.PROCEDURE)
        registry = BpmnWorkflowSerializer.configure(DEFAULT_CONFIG)
        self.serializer = BpmnWorkflowSerializer(registry)
        self.script = PythonScriptEngine(environment=Surroundings())

    def case(
        self, told: scenario.Scenario, variables: frozenset[str]
    ) -> tuple[list[float], list[int]]:
        workflow = BpmnWorkflow(self.spec, self.subprocess_specs, script_engine=self.script)
        workflow.task_tree.data.update(told.given)
        workflow.do_engine_steps()
        state = self.serializer.serialize_json(workflow)
        seconds, sizes = [], [len(state)]
        for move in told.moves:
            data = {k: v for k, v in move.data.items() if k in variables}
            began = process_time()
            state = self._step(state, move, data)
            seconds.append(process_time() - began)
            sizes.append(len(state))
        return seconds, sizes

    def _step(self, state: str, move: scenario.Move, data: dict[str, Any]) -> str:
        workflow = self.serializer.deserialize_json(state)
        workflow.script_engine = self.script
        if move.is_message:
            workflow.send_event(BpmnEvent(MessageEventDefinition(move.name), payload=data))
        else:
            task = _open_task(workflow, move.name)
            task.data.update(data)
            task.run()
        workflow.do_engine_steps()
        return str(self.serializer.serialize_json(workflow))


def _open_task(workflow: BpmnWorkflow, name: str) -> Any:
    ready = workflow.get_tasks(state=TaskState.READY, manual=True)
    (task,) = [task for task in ready if task.task_spec.bpmn_id == name]
    return task


def main() -> None:
    naive = Naive()
    for line in sys.stdin:
        asked = json.loads(line)
        told = scenario.reworked(asked["rounds"]) if asked["rounds"] else scenario.read()
        seconds, sizes = naive.case(told, frozenset(asked["variables"]))
        print(json.dumps({"seconds": seconds, "sizes": sizes}), flush=True)


if __name__ == "__main__":
    main()
