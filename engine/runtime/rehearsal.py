"""Walks an instance on to its end without the world: does any way come to a standstill?

Whatever an answer could decide is decided by a seeded choice, so the walk asks nobody and is the
same tomorrow. A way that no answer could take (no flow fits) is given up, not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.domain.errors import EngineError, StepLimitExceeded, UndecidableGateway
from engine.runtime import clock_timers, stepper
from engine.runtime.drawing import Element
from engine.runtime.expressions import compile_expression
from engine.runtime.procedure import Procedure
from engine.runtime.script import Script
from engine.runtime.stepper import Instance, Wait

#: Walks for each shape, and acts in one walk before it is believed to go round and round.
WALKS, LONGEST = 24, 120
_THEN = datetime(2100, 1, 1, tzinfo=UTC)


class _Chance(Script):
    """Answers every question of a diagram by chance."""

    def __init__(self, procedure: Procedure, random: Random) -> None:
        super().__init__(procedure)
        self._random = random

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> object:
        if expression.startswith("clock_"):
            return compile_expression(expression).evaluate({}, clock_timers.FUNCTIONS)
        if "due(" in expression:
            return _THEN.isoformat()
        if expression[:1] in "\"'":
            return expression.strip("\"'")
        return self._random.random() < 0.5

    def holds(self, task: Task, expression: str) -> bool:
        return self._random.random() < 0.5

    def call_service(self, task: Task, **asked: Any) -> bytes:
        return b"null"

    def decide(self, task: Task, decision_id: str) -> Any:
        return None


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Surroundings in which nothing happens."""

    def now(self) -> datetime:
        return _THEN - timedelta(days=365)

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime:
        return _THEN

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any:
        return None

    def decide(self, element: Element, decision_id: str, data: Mapping[str, Any]) -> Any:
        return None


def find_stall(procedure: Procedure, process_id: str, raw: bytes) -> str | None:
    """Where a way on from here comes to a standstill; None when every walk goes on or ends."""
    is_ended = False
    for seed in range(WALKS):
        live = stepper.load(procedure, process_id, raw, _Chance(procedure, Random(seed)))  # noqa: S311
        stall = _walk(live, Random(seed))  # noqa: S311
        if stall is not None:
            return stall
        is_ended = is_ended or stepper.is_finished(live.workflow)
    return None if is_ended else "走不到终点 no walk came to an end"


def _walk(live: Instance, random: Random) -> str | None:
    for _ in range(LONGEST):
        if stepper.is_finished(live.workflow):
            return None
        moves = [*live.waits.values(), *live.timers.values()]
        if not moves:
            return _standing(live)
        try:
            _make(live, moves[random.randrange(len(moves))])
        except (UndecidableGateway, StepLimitExceeded):
            return None  # no answer leads there
        except EngineError as problem:
            return str(problem)
        except Exception as problem:  # noqa: BLE001 - the library's own failures have no common root
            return f"{type(problem).__name__}: {problem}"
    return None


def _make(live: Instance, move: Any) -> None:
    around = _Nobody()
    if isinstance(move, Wait) and move.kind == "user":
        stepper.complete(live, move.id, {}, around)
    elif isinstance(move, Wait) and (message := _awaited(live)):
        stepper.deliver(live, message, {}, around)
    elif move.id in live.timers:
        stepper.fire(live, move.id, around)


def _awaited(live: Instance) -> str | None:
    messages = sorted({name for each in live.procedure.drawings.values() for name in each.messages})
    return next((name for name in messages if stepper.waits_for(live, name)), None)


def _standing(live: Instance) -> str:
    """The joins and elements that hold the instance though nobody could do anything."""
    held = TaskState.WAITING | TaskState.STARTED | TaskState.READY
    places = {
        task.task_spec.bpmn_id
        for part in (live.workflow, *live.workflow.subprocesses.values())
        for task in part.tasks.values()
        if task._state & held and task.task_spec.bpmn_id
    }
    return "、".join(sorted(places)) or "?"


def shape_of(live: Instance) -> tuple[Any, ...]:
    """Everything of an instance that decides where it may go, whoever it is about."""
    return tuple(
        (part.spec.name, part.completed, tuple(_shape(part)))
        for part in (live.workflow, *live.workflow.subprocesses.values())
    )


def _shape(part: Any) -> Any:
    places = {key: number for number, key in enumerate(part.tasks)}
    for task in part.tasks.values():
        yield task.task_spec.name, task._state, places.get(task._parent)
