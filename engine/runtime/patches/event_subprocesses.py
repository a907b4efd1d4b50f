"""Event sub-processes: started by a message, a signal, a timer, an error, interrupting or not.

The library connects the sub-process into the shared specification when its event comes, after
which no new case of that specification ever ends; knows nothing of `isInterrupting`; and lets the
scope wait for a timer that never has to fire. Here every scope, when it begins, *arms* its event
sub-processes: each is opened and rests at its start event. The event starts it; what still rests
when the scope ends is taken away again. The specification is never touched.
"""

from copy import deepcopy
from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import (
    CONDITIONAL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TIMER_EVENT_XPATH,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, _EndJoin
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.start_event import StartEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import CallActivity, SubWorkflowTask
from SpiffWorkflow.spiff.parser.event_parsers import SpiffStartEventParser
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runtime.patches import scopes, writes
from engine.runtime.patches.scopes import ARMED, disarm, host_of, interrupts, is_armed

_connect = BpmnStartTask.connect_or_add_trigger
_leave = _EndJoin._run_hook


def install() -> None:
    StartEventParser.create_task = _read_start
    SpiffStartEventParser.create_task = _read_start
    BpmnStartTask.connect_or_add_trigger = _declare
    BpmnStartTask._on_complete_hook = _open_scope
    StartEvent._run_hook = _start
    StartEvent.catch = CatchingEvent.catch
    _EndJoin._run_hook = _close_scope


def _read_start(self: StartEventParser) -> StartEvent:
    definition = self.get_event_definition(
        [
            MESSAGE_EVENT_XPATH,
            SIGNAL_EVENT_XPATH,
            TIMER_EVENT_XPATH,
            CONDITIONAL_EVENT_XPATH,
            ERROR_EVENT_XPATH,
            ESCALATION_EVENT_XPATH,
        ]
    )
    spec = self._create_task(definition)
    spec.interrupts = self.node.get("isInterrupting", "true") not in ("false", "0")
    self.spec.start.connect(spec)
    return spec


def _declare(self: BpmnStartTask, task_spec: BpmnTaskSpec, sp_spec: object) -> None:
    if isinstance(task_spec, CallActivity):  # a participant of a collaboration
        _connect(self, task_spec, sp_spec)
        return
    (start,) = sp_spec.bpmn_start_events  # type: ignore[attr-defined]
    never = (NoneEventDefinition, CycleTimerEventDefinition, MultipleEventDefinition)
    if isinstance(start.event_definition, never):
        raise ValidationException(
            f"the event sub-process {task_spec.name} must start by one message, signal, timer, "
            "condition, error or escalation",
            file_name=self._wf_spec.file,
        )
    self.__dict__.setdefault("event_subprocesses", []).append(task_spec.name)
    task_spec._inputs.append(self.name)
    task_spec.connect(self._wf_spec.end)


def _open_scope(self: BpmnStartTask, my_task: Task) -> None:
    super(BpmnStartTask, self)._on_complete_hook(my_task)
    if host_of(my_task) is None:
        _arm_all(my_task)


def _arm_all(start: Task) -> None:
    for name in start.task_spec.__dict__.get("event_subprocesses", ()):
        _arm(start, start.workflow.spec.task_specs[name])


def arm_missing(scope: Any) -> list[Task]:
    """Arm the event sub-processes that a scope at work has nothing of: a newer version drew them."""
    start = scope.task_tree
    if scope.completed or start._state != TaskState.COMPLETED or host_of(start) is not None:
        return []
    known = {task.task_spec.name for task in scope.tasks.values()}
    declared = start.task_spec.__dict__.get("event_subprocesses", ())
    missing = [name for name in declared if name not in known]
    return [_arm(start, scope.spec.task_specs[name]) for name in missing]


def _arm(start: Task, spec: SubWorkflowTask) -> Task:
    host = start._add_child(spec, TaskState.FUTURE)
    host.triggered = True
    host.internal_data[ARMED] = True
    spec._update(host)
    return host


def _start(self: StartEvent, my_task: Task) -> object:
    host = host_of(my_task)
    if host is not None:
        _begin(host, my_task)
    return super(StartEvent, self)._run_hook(my_task)


def _begin(host: Task, my_task: Task) -> None:
    """What the sub-process knows is what the instance knows now; what it interrupts, ends."""
    my_task.data = deepcopy(writes.current_data(host.workflow.top_workflow))
    del host.internal_data[ARMED]
    host.task_spec._predict(host, mask=TaskState.NOT_FINISHED_MASK)
    _arm_all(my_task.workflow.task_tree)
    if interrupts(my_task.task_spec):
        scopes.cancel(host.workflow, but=host)
    elif _comes_again(my_task.task_spec):
        _arm(host.workflow.task_tree, host.task_spec)


def _comes_again(spec: StartEvent) -> bool:
    """A moment comes once; a condition, having begun to hold, would hold at once again."""
    once = (TimerEventDefinition, ConditionalEventDefinition)
    return not isinstance(spec.event_definition, once)


def _close_scope(self: _EndJoin, my_task: Task) -> object:
    for task in [each for each in my_task.workflow.tasks.values() if is_armed(each)]:
        disarm(task)
    return _leave(self, my_task)
