"""The only door from a diagram to the world: whitelisted expressions, operations, decisions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import orjson
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.task import Task

from engine.domain.errors import EngineError, Invalid, UndecidableGateway
from engine.runtime import clock_timers
from engine.runtime.drawing import Element
from engine.runtime.expressions import ExpressionFailed, compile_expression
from engine.runtime.procedure import Procedure


class Surroundings(Protocol):
    """What a step may ask of the world around it."""

    def now(self) -> datetime: ...

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime: ...

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any: ...

    def decide(self, element: Element, decision_id: str, data: Mapping[str, Any]) -> Any: ...


class Script(PythonScriptEngine):
    """What the library calls where a diagram says an expression or an operation."""

    def __init__(self, procedure: Procedure) -> None:
        super().__init__()
        self.procedure = procedure
        self.surroundings: Surroundings | None = None

    def now(self) -> datetime:
        return self._around().now()

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> object:
        def due(limit: str) -> str:
            return self._around().due(limit, task.data).isoformat()

        try:
            functions = {"due": due, **clock_timers.FUNCTIONS}
            return compile_expression(expression).evaluate(task.data, functions)
        except ExpressionFailed as problem:
            raise explained(task.task_spec, problem) from problem

    def execute(self, task: Task, script: str, external_context: Any = None) -> object:
        """There are no scripts: the gate refuses them, and here they have no other way round it."""
        raise explained(task.task_spec, Invalid("不运行脚本。", "scripts are not run"))

    def holds(self, task: Task, expression: str) -> bool:
        """Whether a condition that is waited for holds; what nobody has answered yet does not."""
        names = compile_expression(expression).names
        return names <= task.data.keys() and bool(self.evaluate(task, expression))

    def call_service(self, task: Task, **asked: Any) -> bytes:
        arguments = {k: v["value"] for k, v in (asked.get("operation_params") or {}).items()}
        element = self.procedure.element(task.workflow.spec.name, task.task_spec.bpmn_id)
        answer = self._around().perform(element, asked["operation_name"], arguments)
        return orjson.dumps(answer)

    def decide(self, task: Task, decision_id: str) -> Any:
        """What a decision table answers; that it has no answer is told with the element."""
        element = self.procedure.element(task.workflow.spec.name, task.task_spec.bpmn_id)
        try:
            return self._around().decide(element, decision_id, task.data)
        except EngineError as problem:
            raise explained(task.task_spec, problem) from problem

    def _around(self) -> Surroundings:
        if self.surroundings is None:
            raise RuntimeError("a process instance was driven outside a step")
        return self.surroundings


def explained(spec: Any, problem: Exception) -> UndecidableGateway:
    """A failure inside the library, with the element and its name."""
    where = getattr(spec, "bpmn_id", None) or getattr(spec, "name", "?")
    name = getattr(spec, "bpmn_name", None) or where
    zh, en = _cause(problem)
    told = UndecidableGateway(
        f"流程在“{name}”（{where}）处无法继续：{zh}",
        f"the process cannot go on at {name} ({where}): {en}",
    )
    drawn_in = getattr(spec, "_wf_spec", None)
    told.drawn_at = (drawn_in.name, str(where)) if drawn_in is not None else None
    return told


def _cause(problem: Exception) -> tuple[str, str]:
    if isinstance(problem, EngineError):
        return str(problem), problem.english
    if str(problem).startswith("No conditions satisfied"):
        zh = "没有一条去路的条件成立，也没有画默认去路。"
        return zh, "no flow out of it has a condition that holds, and none is the default"
    return str(problem), str(problem)
