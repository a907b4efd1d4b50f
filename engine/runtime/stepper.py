"""Drives one process instance: an act in; what opened, closed, passed and ended out.

A step is synchronous and has a limit on its automatic tasks. What a diagram asks for (`due`,
operations) is answered by the `Surroundings` of the step, so the instance itself holds no clock,
no database and no network.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import StepLimitExceeded, TaskNotOpen, UndecidableGateway
from engine.runtime.drawing import Element
from engine.runtime.expressions import ExpressionFailed, compile_expression
from engine.runtime.procedure import Procedure, Runnable

#: Automatic tasks that one step may run; the largest shipped procedure needs fewer than 40.
MOST_STEPS = 500


class Surroundings(Protocol):
    """What a step may ask of the world around it."""

    def now(self) -> datetime: ...

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime: ...

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Wait:
    """A place where the instance rests. `kind`: user | message | choice | timer."""

    id: UUID
    element: Element
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """An armed timer; `due_at` is what the diagram asked for when it was armed.

    `limit` is the limit of procedure.toml that it asked for, `data` what held then.
    """

    id: UUID
    element: Element
    due_at: datetime
    limit: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What one act changed."""

    opened: tuple[Wait, ...]
    closed: tuple[Wait, ...]
    armed: tuple[Timer, ...]
    disarmed: tuple[UUID, ...]
    passed: tuple[Element, ...]
    finished: bool


class Script(PythonScriptEngine):
    """The only door from a diagram to the world: whitelisted expressions, named operations."""

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
            return compile_expression(expression).evaluate(task.data, {"due": due})
        except ExpressionFailed as problem:
            raise _explained(task.task_spec, problem) from problem

    def call_service(self, task: Task, **asked: Any) -> bytes:
        arguments = {k: v["value"] for k, v in (asked.get("operation_params") or {}).items()}
        element = self.procedure.element(task.workflow.spec.name, task.task_spec.bpmn_id)
        answer = self._around().perform(element, asked["operation_name"], arguments)
        return orjson.dumps(answer)

    def _around(self) -> Surroundings:
        if self.surroundings is None:
            raise RuntimeError("a process instance was driven outside a step")
        return self.surroundings


@dataclass
class Instance:
    """A live process instance. Not thread-safe: whoever drives it holds the case's lock."""

    procedure: Procedure
    runnable: Runnable
    workflow: BpmnWorkflow
    script: Script
    waits: dict[UUID, Wait] = field(default_factory=dict)
    timers: dict[UUID, Timer] = field(default_factory=dict)

    def dump(self) -> bytes:
        return self.runnable.codec.dump(self.workflow)


def start(
    procedure: Procedure, process_id: str, data: Mapping[str, Any], around: Surroundings
) -> tuple[Instance, Step]:
    """A new instance of a process, run to its first wait. `data`: what the case knows by now."""
    runnable, script = procedure.runnables[process_id], Script(procedure)
    workflow = BpmnWorkflow(runnable.spec, runnable.subprocess_specs, script_engine=script)
    instance = Instance(procedure, runnable, workflow, script)
    workflow.task_tree.data.update(data)
    return instance, _step(instance, around, lambda: None)


def load(
    procedure: Procedure, process_id: str, raw: bytes, script: Script | None = None
) -> Instance:
    """The instance as it was dumped. `script`: another door to the world, for a rehearsal."""
    runnable, script = procedure.runnables[process_id], script or Script(procedure)
    instance = Instance(procedure, runnable, runnable.codec.load(raw, script), script)
    instance.waits, instance.timers = survey(instance)
    return instance


def complete(
    instance: Instance, task_id: UUID, answers: Mapping[str, Any], around: Surroundings
) -> Step:
    """Complete a user task. Only answers that a diagram reads enter the process data.

    Errors: TaskNotOpen when the task is not READY (a double click, a lost race).
    """
    task = _open_task(instance, task_id)

    def act() -> None:
        task.data.update({k: v for k, v in answers.items() if k in instance.procedure.variables})
        task.run()

    return _step(instance, around, act, passed=_element(instance, task))


def waits_for(instance: Instance, message: str) -> bool:
    event = BpmnEvent(MessageEventDefinition(message))
    catching = instance.workflow.event_manager.tasks.values()
    return any(task.task_spec.catches(task, event) for task in catching)


def deliver(
    instance: Instance, message: str, payload: Mapping[str, Any], around: Surroundings
) -> Step:
    """Hand an outside message to whatever waits for it. TaskNotOpen when nothing does."""
    if not waits_for(instance, message):
        raise TaskNotOpen(f"没有步骤在等待 {message}。", f"nothing waits for {message}")
    event = BpmnEvent(MessageEventDefinition(message), payload=dict(payload))
    return _step(instance, around, lambda: instance.workflow.send_event(event))


def fire(instance: Instance, timer_id: UUID, around: Surroundings) -> Step | None:
    """Fire an armed timer; None when it is gone (firing twice changes nothing)."""
    if timer_id not in instance.timers:
        return None
    task = instance.workflow.get_task_from_id(timer_id)

    def act() -> None:
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)

    return _step(instance, around, act)


def element_states(instance: Instance) -> dict[str, dict[str, str]]:
    """Process id -> element or flow id -> done | active | cancelled, for the diagram."""
    states: dict[str, dict[str, str]] = {}
    for part in _parts(instance):
        drawing = instance.procedure.drawings[part.spec.name]
        held = states.setdefault(part.spec.name, {})
        for task in part.tasks.values():
            word = _word(task)
            if word is None:
                continue
            held[task.task_spec.bpmn_id] = word
            flow = drawing.flows.get((_drawn_parent(task), task.task_spec.bpmn_id))
            if flow:
                held[flow] = "done"
    return states


def _word(task: Task) -> str | None:
    if not task.task_spec.bpmn_id:
        return None
    boundary = hasattr(task.task_spec, "cancel_activity")
    if task._state == TaskState.COMPLETED:
        return "done"
    if task._state in (TaskState.READY, TaskState.WAITING, TaskState.STARTED):
        return None if boundary else "active"
    return "cancelled" if task._state == TaskState.CANCELLED and not boundary else None


def _drawn_parent(task: Task) -> str:
    parent = task.parent
    while parent is not None and not parent.task_spec.bpmn_id:
        parent = parent.parent
    return parent.task_spec.bpmn_id if parent is not None else ""


def _step(
    instance: Instance,
    around: Surroundings,
    act: Callable[[], object],
    passed: Element | None = None,
) -> Step:
    trail: list[Element] = [] if passed is None else [passed]
    count = 0

    def will(task: Task) -> None:
        nonlocal count
        count += 1
        if count > MOST_STEPS:
            raise StepLimitExceeded(
                f"连续自动执行超过 {MOST_STEPS} 步，停在 {task.task_spec.bpmn_id}。",
                f"more than {MOST_STEPS} automatic steps, stopped at {task.task_spec.bpmn_id}",
            )

    def did(task: Task) -> None:
        if task.task_spec.bpmn_id and task._state == TaskState.COMPLETED:
            trail.append(_element(instance, task))

    instance.script.surroundings = around
    try:
        act()
        instance.workflow.do_engine_steps(will, did)
    except WorkflowException as problem:
        raise _explained(getattr(problem, "task_spec", None), problem) from problem
    finally:
        instance.script.surroundings = None
    instance.workflow.get_events()
    return _difference(instance, tuple(trail))


def _difference(instance: Instance, passed: tuple[Element, ...]) -> Step:
    waits, timers = survey(instance)
    before_waits, before_timers = instance.waits, instance.timers
    instance.waits, instance.timers = waits, timers
    return Step(
        opened=tuple(w for key, w in waits.items() if key not in before_waits),
        closed=tuple(w for key, w in before_waits.items() if key not in waits),
        armed=tuple(t for key, t in timers.items() if key not in before_timers),
        disarmed=tuple(key for key in before_timers if key not in timers),
        passed=passed,
        finished=is_finished(instance.workflow),
    )


def _explained(spec: Any, problem: Exception) -> UndecidableGateway:
    where = getattr(spec, "bpmn_id", None) or getattr(spec, "name", "?")
    name = getattr(spec, "bpmn_name", None) or where
    return UndecidableGateway(
        f"流程在“{name}”（{where}）处无法继续：{problem}",
        f"the process cannot go on at {name} ({where}): {problem}",
    )


def _parts(instance: Instance) -> Iterator[Any]:
    yield instance.workflow
    yield from instance.workflow.subprocesses.values()


def is_finished(workflow: BpmnWorkflow) -> bool:
    # The library's own is_completed() walks the tree and sees nothing deeper than 1,000 tasks.
    unfinished = TaskState.NOT_FINISHED_MASK
    return workflow.completed or not any(t._state & unfinished for t in workflow.tasks.values())


def survey(instance: Instance) -> tuple[dict[UUID, Wait], dict[UUID, Timer]]:
    """Where the instance rests and which timers it has armed."""
    waits: dict[UUID, Wait] = {}
    timers: dict[UUID, Timer] = {}
    for part in _parts(instance):
        if part.completed:
            continue
        for task in part.tasks.values():
            if task._state == TaskState.READY and task.task_spec.manual:
                waits[task.id] = Wait(task.id, _element(instance, task), "user", task.data)
            elif task._state == TaskState.WAITING and hasattr(task.task_spec, "event_definition"):
                _note_event(instance, task, waits, timers)
    return waits, timers


def _note_event(
    instance: Instance, task: Task, waits: dict[UUID, Wait], timers: dict[UUID, Timer]
) -> None:
    definition = task.task_spec.event_definition
    element = _element(instance, task)
    is_timer = isinstance(definition, TimerEventDefinition)
    if element.kind != "boundaryEvent":
        is_choice = isinstance(definition, MultipleEventDefinition)
        kind = "choice" if is_choice else "timer" if is_timer else "message"
        waits[task.id] = Wait(task.id, element, kind, task.data)
    moment = task.internal_data.get("event_value")
    if moment:
        due_at, limit = datetime.fromisoformat(moment), instance.procedure.timer_limit(element)
        timers[task.id] = Timer(task.id, element, due_at, limit, task.data)


def _element(instance: Instance, task: Task) -> Element:
    return instance.procedure.element(task.workflow.spec.name, task.task_spec.bpmn_id)


def _open_task(instance: Instance, task_id: UUID) -> Task:
    if task_id not in instance.waits or instance.waits[task_id].kind != "user":
        raise TaskNotOpen("这项任务已经办过或已取消。", "this task is done or cancelled already")
    task: Task = instance.workflow.get_task_from_id(task_id)
    if task._state != TaskState.READY:
        raise TaskNotOpen("这项任务已经办过或已取消。", "this task is done or cancelled already")
    return task
