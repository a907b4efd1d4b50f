"""The surroundings of a step in tests: a moment, limits of three days, operations that are noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from engine.runtime import catalog, stepper
from engine.runtime.decision_task import answer_of
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance, Step
from tests.runtime.sketches import Sketch, folder

MONDAY = datetime(2020, 3, 2, 1, tzinfo=UTC)
THREE_DAYS = timedelta(days=3)


@dataclass
class World:
    moment: datetime = MONDAY
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, Callable[..., Any]] = field(default_factory=dict)
    #: Whose decision tables are asked.
    drawn: Procedure | None = None

    def now(self) -> datetime:
        return self.moment

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime:
        return self.moment + THREE_DAYS

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any:
        self.asked.append((operation, arguments))
        answer = self.answers.get(operation)
        return answer(**arguments) if answer else None

    def decide(self, element: Element, decision_id: str, data: Mapping[str, Any]) -> Any:
        if self.drawn is None:
            raise RuntimeError("this world knows no decision tables")
        tables = self.drawn.decisions[decision_id]
        return answer_of(tables, decision_id, tables.decide(decision_id, data))


@dataclass
class Errand:
    """One live instance of a sketch and what became of its steps."""

    world: World
    drawn: Procedure
    live: Instance
    last: Step
    #: Whether it is stored and loaded again before every act.
    is_stored: bool = False

    @property
    def open_now(self) -> list[str]:
        return sorted(wait.element.id for wait in self.live.waits.values())

    def wait(self, element_id: str) -> UUID:
        (found,) = [key for key, w in self.live.waits.items() if w.element.id == element_id]
        return found

    def timer(self, element_id: str) -> UUID:
        (found,) = [key for key, t in self.live.timers.items() if t.element.id == element_id]
        return found

    @property
    def armed(self) -> list[str]:
        return sorted(timer.element.id for timer in self.live.timers.values())

    def known(self, element_id: str) -> dict[str, Any]:
        return dict(self.live.waits[self.wait(element_id)].data)

    def complete(self, element_id: str, **answers: Any) -> Step:
        self._store()
        self.last = stepper.complete(self.live, self.wait(element_id), answers, self.world)
        return self.last

    def fire(self, element_id: str) -> Step | None:
        self._store()
        return stepper.fire(self.live, self.timer(element_id), self.world)

    def signal(self, name: str) -> Step:
        self._store()
        self.last = stepper.signal(self.live, name, {}, self.world)
        return self.last

    def deliver(self, message: str, **payload: Any) -> Step:
        self._store()
        self.last = stepper.deliver(self.live, message, payload, self.world)
        return self.last

    def states(self) -> dict[str, str]:
        return stepper.element_states(self.live)[self.drawn.key]

    def _store(self) -> None:
        if self.is_stored:
            self.reload()

    def reload(self) -> None:
        """What a server does between two requests: forget the instance and load it again."""
        raw = self.live.dump()
        self.live = stepper.load(self.drawn, self.live.runnable.process_id, raw)


def begin(
    main: Sketch,
    *called: Sketch,
    world: World | None = None,
    is_stored: bool = False,
    **given: Any,
) -> Errand:
    drawn = catalog.load(folder(main, *called), main.process_id)
    around = world or World()
    around.drawn = drawn
    live, step = stepper.start(drawn, main.process_id, given, around)
    return Errand(around, drawn, live, step, is_stored)


def passed(step: Step) -> list[str]:
    return [element.id for element in step.passed]


def opened(step: Step) -> list[str]:
    return sorted(wait.element.id for wait in step.opened)


def closed(step: Step) -> list[str]:
    return sorted(wait.element.id for wait in step.closed)
