"""Drives one process instance: an act in; what opened, closed, passed and ended out.

A step is synchronous and has a limit on its automatic tasks. What a diagram asks for (`due`,
operations) is answered by the `Surroundings` of the step, so the instance itself holds no clock,
no database and no network.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.spiff.specs.event_definitions import (
    MessageEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import StepLimitExceeded, TaskNotOpen
from engine.runtime import places
from engine.runtime.drawing import Element
from engine.runtime.patches import timers, writes
from engine.runtime.places import Timer, Wait, is_finished
from engine.runtime.procedure import Procedure, Runnable
from engine.runtime.script import Script, Surroundings, explained

__all__ = [
    "Instance", "Step", "Surroundings", "Timer", "Wait", "complete", "correct", "deliver",
    "element_states", "fire", "is_finished", "load", "make_step", "signal", "start", "survey",
    "waits_for",
]  # fmt: skip

#: Automatic tasks that one step may run; the largest shipped procedure needs fewer than 40.
MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class Step:
    """What one act changed."""

    opened: tuple[Wait, ...]
    closed: tuple[Wait, ...]
    armed: tuple[Timer, ...]
    disarmed: tuple[UUID, ...]
    passed: tuple[Element, ...]
    finished: bool


@dataclass
class Instance:
    """A live process instance. Not thread-safe: whoever drives it holds the case's lock.

    Once a step has failed it `is_spoiled`: half changed, so it neither steps nor is stored again.
    """

    procedure: Procedure
    runnable: Runnable
    workflow: BpmnWorkflow
    script: Script
    waits: dict[UUID, Wait] = field(default_factory=dict)
    timers: dict[UUID, Timer] = field(default_factory=dict)
    is_spoiled: bool = False

    def dump(self) -> bytes:
        _refuse_spoiled(self)
        return self.runnable.codec.dump(self.workflow)


def start(
    procedure: Procedure, process_id: str, data: Mapping[str, Any], around: Surroundings
) -> tuple[Instance, Step]:
    """A new instance of a process, run to its first wait. `data`: what the case knows by now."""
    runnable, script = procedure.runnables[process_id], Script(procedure)
    workflow = BpmnWorkflow(runnable.spec, runnable.subprocess_specs, script_engine=script)
    instance = Instance(procedure, runnable, workflow, script)
    workflow.task_tree.data.update(data)
    return instance, make_step(instance, around, lambda: None)


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
        read = instance.procedure.variables
        writes.say(task, {name: value for name, value in answers.items() if name in read})
        task.run()

    return make_step(instance, around, act, passed=places.element_of(instance.procedure, task))


def correct(instance: Instance, variables: Mapping[str, Any]) -> None:
    """Put process variables right wherever the instance is at work."""
    begun = TaskState.WAITING | TaskState.READY | TaskState.STARTED
    for part in places.parts(instance.workflow) if variables else ():
        for task in part.tasks.values():
            if task._state & begun:
                task.data.update(variables)


def waits_for(instance: Instance, message: str) -> bool:
    return _is_caught(instance, BpmnEvent(MessageEventDefinition(message)))


def can_hear(instance: Instance, name: str) -> bool:
    """Whether something waits for a signal."""
    return _is_caught(instance, BpmnEvent(SignalEventDefinition(name)))


def deliver(
    instance: Instance, message: str, payload: Mapping[str, Any], around: Surroundings
) -> Step:
    """Hand an outside message to whatever waits for it. TaskNotOpen when nothing does."""
    return _send(instance, MessageEventDefinition(message), payload, around)


def signal(instance: Instance, name: str, payload: Mapping[str, Any], around: Surroundings) -> Step:
    """Let a signal from outside be seen by all that wait for it. TaskNotOpen when nothing does."""
    return _send(instance, SignalEventDefinition(name), payload, around)


def fire(instance: Instance, timer_id: UUID, around: Surroundings) -> Step | None:
    """Fire an armed timer; None when it is gone (firing twice changes nothing)."""
    timer = instance.timers.get(timer_id)
    if timer is None:
        return None
    task = instance.workflow.get_task_from_id(timer.task_id)
    return make_step(instance, around, lambda: timers.release(task, timer.mark))


def survey(instance: Instance) -> tuple[dict[UUID, Wait], dict[UUID, Timer]]:
    """Where the instance rests and which timers it has armed."""
    return places.survey(instance.procedure, instance.workflow)


def element_states(instance: Instance) -> dict[str, dict[str, str]]:
    """Process id -> element or flow id -> done | active | cancelled, for the diagram."""
    return places.element_states(instance.procedure, instance.workflow)


def _send(
    instance: Instance, definition: Any, payload: Mapping[str, Any], around: Surroundings
) -> Step:
    event = BpmnEvent(definition, payload=dict(payload))
    if not _is_caught(instance, event):
        name = definition.name
        raise TaskNotOpen(f"没有步骤在等待 {name}。", f"nothing waits for {name}")
    return make_step(instance, around, lambda: instance.workflow.send_event(event))


def _is_caught(instance: Instance, event: BpmnEvent) -> bool:
    catching = instance.workflow.event_manager.tasks.values()
    return any(task.task_spec.catches(task, event) for task in catching)


def make_step(
    instance: Instance,
    around: Surroundings,
    act: Callable[[], object],
    passed: Element | None = None,
) -> Step:
    """One act and all that follows by itself; what they changed."""
    _refuse_spoiled(instance)
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
            trail.append(places.element_of(instance.procedure, task))

    instance.is_spoiled = True  # until the step has come to its end
    instance.script.surroundings = around
    try:
        act()
        instance.workflow.do_engine_steps(will, did)
    except WorkflowException as problem:
        raise explained(getattr(problem, "task_spec", None), problem) from problem
    finally:
        instance.script.surroundings = None
    instance.workflow.get_events()
    instance.is_spoiled = False
    return _difference(instance, tuple(trail))


def _difference(instance: Instance, passed: tuple[Element, ...]) -> Step:
    waits, armed = survey(instance)
    before_waits, before_timers = instance.waits, instance.timers
    instance.waits, instance.timers = waits, armed
    return Step(
        opened=tuple(w for key, w in waits.items() if key not in before_waits),
        closed=tuple(w for key, w in before_waits.items() if key not in waits),
        armed=tuple(t for key, t in armed.items() if key not in before_timers),
        disarmed=tuple(key for key in before_timers if key not in armed),
        passed=passed,
        finished=is_finished(instance.workflow),
    )


def _refuse_spoiled(instance: Instance) -> None:
    if instance.is_spoiled:
        raise RuntimeError("a step of this instance has failed: load it again from what is stored")


def _open_task(instance: Instance, task_id: UUID) -> Task:
    _refuse_spoiled(instance)
    if task_id not in instance.waits or instance.waits[task_id].kind != "user":
        raise TaskNotOpen("这项任务已经办过或已取消。", "this task is done or cancelled already")
    task: Task = instance.workflow.get_task_from_id(task_id)
    if task._state != TaskState.READY:
        raise TaskNotOpen("这项任务已经办过或已取消。", "this task is done or cancelled already")
    return task
