"""Drives the library itself, bare or mended, without anything of the engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.specs.event_definitions import (
    MessageEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from tests.runtime.sketches import Sketch

MONDAY = datetime(2020, 3, 2, 1, tzinfo=UTC)


class Environment(TaskDataEnvironment):
    """`due` gives a moment: of the limit `later`, one far off; of any other, one long past."""

    def __init__(self) -> None:
        super().__init__({"due": self.due})
        self.performed: list[str] = []

    def due(self, limit: str) -> str:
        away = timedelta(days=365_000 if limit == "later" else -1)
        return (MONDAY + away).isoformat()

    def call_service(self, task_data: dict[str, Any], **asked: Any) -> bytes:
        self.performed.append(asked["operation_name"])
        return b"null"


class Script(PythonScriptEngine):
    """`now` is a Monday of 2020."""

    def now(self) -> datetime:
        return MONDAY


class Specification:
    """What was read once, and many instances share."""

    def __init__(self, main: Sketch, *called: Sketch) -> None:
        parser = SpiffBpmnParser()
        for each in (main, *called):
            parser.add_bpmn_xml(
                etree.fromstring(each.xml()).getroottree(), f"{each.process_id}.bpmn"
            )
        self.main = parser.get_spec(main.process_id)
        self.inner = parser.get_subprocess_specs(main.process_id)

    def start(self, environment: Environment | None = None) -> BpmnWorkflow:
        script = Script(environment=environment or Environment())
        workflow = BpmnWorkflow(self.main, self.inner, script_engine=script)
        workflow.do_engine_steps()
        return workflow


def start(main: Sketch, *called: Sketch, environment: Environment | None = None) -> BpmnWorkflow:
    return Specification(main, *called).start(environment)


def performed(workflow: BpmnWorkflow) -> list[str]:
    done: list[str] = workflow.script_engine.environment.performed
    return done


def every(workflow: BpmnWorkflow) -> list[Task]:
    """All tasks, however deep they lie."""
    return [
        task for part in (workflow, *workflow.subprocesses.values()) for task in part.tasks.values()
    ]


def ready(workflow: BpmnWorkflow) -> dict[str, Task]:
    """The open user tasks by element."""
    return {
        task.task_spec.bpmn_id: task
        for task in every(workflow)
        if task._state == TaskState.READY and task.task_spec.manual
    }


def open_now(workflow: BpmnWorkflow) -> list[str]:
    return sorted(ready(workflow))


def complete(workflow: BpmnWorkflow, element_id: str, **answers: object) -> None:
    task = ready(workflow)[element_id]
    task.data.update(answers)
    task.run()
    workflow.do_engine_steps()


def deliver(workflow: BpmnWorkflow, message: str, **payload: object) -> None:
    workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload=payload))
    workflow.do_engine_steps()


def signal(workflow: BpmnWorkflow, name: str) -> None:
    workflow.send_event(BpmnEvent(SignalEventDefinition(name), payload={}))
    workflow.do_engine_steps()


def has_ended(workflow: BpmnWorkflow) -> bool:
    return bool(workflow.completed)
