"""Carries a running instance onto another version of its procedure, or says why it cannot.

The tree of tasks is mapped onto the new diagram by element ids, finished tasks too; what has not
begun is predicted afresh by the new diagram. Nothing that waits is begun again: a due moment, a
timer, half-filled data stay as they are. What cannot be proved is refused, and the proof is a
rehearsal: the carried instance is loaded and walked on to its end (engine/runtime/rehearsal.py).

SpiffWorkflow's own migrate_workflow is not used: it loses data, restarts timers and leaves active
tasks on the old specification.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import EngineError
from engine.domain.words import Words
from engine.runtime import places, rehearsal, stepper
from engine.runtime.patches.event_subprocesses import arm_missing
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance, Surroundings, Timer
from engine.runtime.transplant import Fault, Mapped, transplant


class Verdict(StrEnum):
    """How a running case stands to another version, the worst of its findings."""

    FITS = "fits"
    LOSES = "loses"
    NEEDS_MAPPING = "needs_mapping"
    BREAKS = "breaks"


_ORDER = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the version changes for one place of the case, for the administrator who decides."""

    verdict: Verdict
    process_id: str
    element_id: str
    title: Words
    told: Words


@dataclass(frozen=True)
class Outcome:
    """A carried instance. `state` is None when it may not be carried."""

    findings: tuple[Finding, ...]
    state: bytes | None = None
    #: (process id, old element id) -> new element id, where they differ
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    armed: tuple[Timer, ...] = ()
    disarmed: tuple[UUID, ...] = ()
    #: task of a timer that was armed -> the moment from which it counts
    began: Mapping[UUID, datetime] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return worst(each.verdict for each in self.findings)


def worst(verdicts: Any) -> Verdict:
    return max(verdicts, key=_ORDER.index, default=Verdict.FITS)


#: When the wait with this id began: new timers on it count from there, not from today.
Since = Callable[[UUID, str], Surroundings]


@dataclass(frozen=True)
class Course:
    """From one version to another. `mapping`: old element id, or process:element, -> new one."""

    old: Procedure
    new: Procedure
    mapping: Mapping[str, str] = field(default_factory=dict)
    _rehearsed: dict[tuple[Any, ...], str | None] = field(default_factory=dict)

    def name(self, process_id: str, element_id: str) -> str:
        near = self.mapping.get(f"{process_id}:{element_id}")
        return near or self.mapping.get(element_id, element_id)

    def rehearse(self, live: Instance, raw: bytes) -> str | None:
        """Cases of one shape go on alike, so each shape is walked once."""
        shape = rehearsal.shape_of(live)
        if shape not in self._rehearsed:
            self._rehearsed[shape] = rehearsal.find_stall(self.new, live.runnable.process_id, raw)
        return self._rehearsed[shape]


def carry(
    course: Course,
    process_id: str,
    raw: bytes,
    since: Since,
    *,
    known: Mapping[str, Any] | None = None,
) -> Outcome:
    """One instance onto the new version.

    `known`: earlier answers that only the new version's diagrams read; they join the data of what
    is at work. Errors: none; what is wrong is a finding.
    """
    if process_id not in course.new.runnables:
        title = course.old.drawings[process_id].title
        return Outcome((_removed_process(process_id, title),))
    before = stepper.load(course.old, process_id, raw)
    held = dict(before.timers)
    mapped = transplant(before.workflow, course.new.runnables[process_id], course.name)
    findings = [_finding(course, fault) for fault in mapped.faults]
    if worst(each.verdict for each in findings) in (Verdict.BREAKS, Verdict.NEEDS_MAPPING):
        return Outcome(tuple(findings))
    try:
        return _settled(course, process_id, mapped, held, findings, since, known or {})
    except EngineError as problem:
        told = Words(str(problem), problem.english)
        where = Finding(Verdict.BREAKS, process_id, "", course.new.title, told)
        return Outcome((*findings, where))


def _settled(
    course: Course,
    process_id: str,
    mapped: Mapped,
    held: Mapping[UUID, Timer],
    findings: list[Finding],
    since: Since,
    known: Mapping[str, Any],
) -> Outcome:
    carried = course.new.runnables[process_id].codec.dump(mapped.workflow)
    live = stepper.load(course.new, process_id, carried)
    _predict(live)
    _tell(live, known)
    began: dict[UUID, datetime] = {}
    for boundary_id, wait_id in mapped.to_arm:
        around = since(wait_id, mapped.process_of[boundary_id])
        began[boundary_id] = around.now()
        _arm(live, boundary_id, around)
    _arm_scopes(live, since)
    live.waits, live.timers = stepper.survey(live)
    raw = live.dump()
    armed = tuple(timer for key, timer in live.timers.items() if key not in held)
    moments = {timer.due_at for key, timer in held.items() if key not in live.timers}
    findings += [_armed(timer) for timer in armed if timer.due_at not in moments]
    stall = course.rehearse(live, raw)
    if stall is not None:
        findings.append(_stalls(course, process_id, stall))
        return Outcome(tuple(findings))
    disarmed = tuple(key for key in held if key not in live.timers)
    return Outcome(tuple(findings), raw, mapped.renamed, armed, disarmed, began)


def _predict(live: Instance) -> None:
    """What follows what is at work, as the new diagram draws it."""
    begun = TaskState.WAITING | TaskState.READY | TaskState.STARTED
    for part in (live.workflow, *live.workflow.subprocesses.values()):
        if part.completed:
            continue
        for task in list(part.tasks.values()):
            if task._state & begun:
                task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
                _as_before_firing(task)
            elif task._state == TaskState.FUTURE:
                task.task_spec._predict(task, mask=TaskState.PREDICTED_MASK | TaskState.FUTURE)


def _as_before_firing(task: Any) -> None:
    # What only a boundary event leads to is not certain to come.
    if task._state == TaskState.WAITING and hasattr(task.task_spec, "cancel_activity"):
        for child in task.children:
            _uncertain(child)


def _uncertain(task: Any) -> None:
    if task._state & (TaskState.FUTURE | TaskState.LIKELY):
        task._state = TaskState.MAYBE
        for child in task.children:
            _uncertain(child)


def _tell(live: Instance, known: Mapping[str, Any]) -> None:
    begun = TaskState.WAITING | TaskState.READY | TaskState.STARTED
    for part in (live.workflow, *live.workflow.subprocesses.values()):
        for task in part.tasks.values():
            if task._state & begun:
                task.data.update({k: v for k, v in known.items() if k not in task.data})


def _arm(live: Instance, boundary_id: UUID, around: Surroundings) -> None:
    task = live.workflow.get_task_from_id(boundary_id)
    live.script.surroundings = around
    try:
        task.task_spec._update(task)
    finally:
        live.script.surroundings = None


def _arm_scopes(live: Instance, since: Since) -> None:
    for part in list(places.parts(live.workflow)):
        process_id = live.procedure.home(part.spec.name)
        live.script.surroundings = since(part.parent_task_id or part.task_tree.id, process_id)
        try:
            arm_missing(part)
        finally:
            live.script.surroundings = None


# ── what is told ────────────────────────────────────────────────────────────────────────────────


def _finding(course: Course, fault: Fault) -> Finding:
    home = course.old.home(fault.process_id)
    known = course.old.drawings[home].elements.get(fault.element_id)
    title = known.title if known else Words(fault.element_id)
    return Finding(Verdict(fault.verdict), home, fault.element_id, title, fault.told)


def _removed_process(process_id: str, title: Words) -> Finding:
    told = Words("新版本没有这个流程。", "the new version has no such process")
    return Finding(Verdict.BREAKS, process_id, "", title, told)


def _armed(timer: Timer) -> Finding:
    if timer.clock is not None:
        told = Words(
            f"新版本在这里加了计时，随期限 {timer.clock.key} 走。",
            f"the new version times this step by the clock {timer.clock.key}",
        )
    else:
        moment = timer.due_at.isoformat()
        told = Words(
            f"新版本在这里加了计时，从这一步开始时起算，到 {moment}。",
            f"the new version times this step from its beginning, until {moment}",
        )
    element = timer.element
    return Finding(Verdict.FITS, element.process_id, element.id, element.title, told)


def _stalls(course: Course, process_id: str, stall: str) -> Finding:
    told = Words(
        f"试走新版本时停住了：{stall}",
        f"walking on along the new version came to a standstill: {stall}",
    )
    return Finding(Verdict.BREAKS, process_id, "", course.new.drawings[process_id].title, told)
