"""What could happen next: every answer that matters, every message, every timer that may fire."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from engine.runtime import stepper
from engine.runtime.gate.branches import passing_sides
from engine.runtime.gate.context import Context, reads
from engine.runtime.gate.loops import Waits
from engine.runtime.gate.simulation.answers import garbage, worth_trying
from engine.runtime.gate.simulation.constants import Compared, compared_in, product_of
from engine.runtime.gate.simulation.liveness import Liveness, liveness_of
from engine.runtime.gate.simulation.world import BEGIN, SOMEDAY, World
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance, Step, Timer, Wait

MOST_PAYLOADS = 32
#: Sets of random answers tried at each form, and at how many standings of it.
GARBAGE, GARBAGE_STANDINGS = 3, 2


@dataclass(frozen=True, slots=True)
class Act:
    """One thing somebody or something may do. `form`: the form that random answers were made for."""

    told: str
    do: Callable[[Instance, World], Step]
    form: str = ""


class Acts:
    """The acts of one procedure's instances."""

    def __init__(self, context: Context, procedure: Procedure) -> None:
        self.procedure = procedure
        self.live: Liveness = liveness_of(context, procedure)
        self.compared: Compared = compared_in(_sources(context, procedure))
        waits = Waits(context)
        self.sides = frozenset(
            (diagram.process_id, element_id)
            for diagram in context.used
            for element_id in passing_sides(diagram, waits)
        )
        self.is_cut = False
        self._messages = _names(context, "message")
        self._signals = _names(context, "signal")
        self._answers: dict[tuple[str, frozenset[str]], list[dict[str, Any]]] = {}
        self._seen: dict[str, int] = {}
        #: user tasks whose form took none of the answers that were tried
        self.unanswered: set[tuple[str, str]] = set()

    def of(self, instance: Instance, armed: Mapping[UUID, int]) -> Iterator[Act]:
        for wait in instance.waits.values():
            if wait.kind == "user":
                yield from self._completions(wait)
        for name, payload in self._deliveries(instance):
            yield _delivery(name, payload)
        for name in self._signals:
            if stepper.can_hear(instance, name):
                yield Act(f"signal {name}", _signalling(name))
        for timer in instance.timers.values():
            if not self._is_behind(timer, instance, armed):
                yield Act(f"⏱ {timer.element.title.zh}", _firing(timer.id))

    def is_stuck(self, instance: Instance) -> bool:
        """Whether nothing from outside could move it on; what only passes beside it cannot."""
        moving = [each for each in instance.timers.values() if not self._is_side(each)]
        if moving or any(wait.kind == "user" for wait in instance.waits.values()):
            return False
        heard = (stepper.can_hear(instance, name) for name in self._signals)
        return not any(heard) and not any(self._deliveries(instance))

    def _completions(self, wait: Wait) -> Iterator[Act]:
        key = wait.element.form or wait.element.id
        form = self.procedure.forms.get(key, {})
        after = self.live.after_of(wait.element.process_id, wait.element.id)
        read = after & self.procedure.variables & frozenset(form.get("properties", {}))
        held = self._answers.get((key, read))
        if held is None:
            held, is_cut = worth_trying(form, read, self.compared)
            self._answers[key, read] = held
            if not held:
                self.unanswered.add((wait.element.process_id, wait.element.id))
            self.is_cut |= is_cut
        for answers in held:
            told = ", ".join(f"{name}={answers[name]}" for name in sorted(read & answers.keys()))
            name = wait.element.title.zh
            yield Act(f"{name}（{told}）" if told else name, _completing(wait.id, answers))
        yield from self._garbage(wait, key, form)

    def _garbage(self, wait: Wait, key: str, form: Mapping[str, Any]) -> Iterator[Act]:
        seen = self._seen.get(wait.element.id, 0)
        self._seen[wait.element.id] = seen + 1
        for number in range(GARBAGE if seen < GARBAGE_STANDINGS else 0):
            answers = garbage(form, Random(f"{key} {seen} {number}"))  # noqa: S311 - no secret
            if answers is not None:
                yield Act(wait.element.title.zh, _completing(wait.id, answers), key)

    def _deliveries(self, instance: Instance) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, variable in self._messages.items():
            if stepper.waits_for(instance, name):
                payloads, is_cut = product_of(dict(self.compared.keys_of(variable)), MOST_PAYLOADS)
                self.is_cut |= is_cut
                yield from ((name, payload) for payload in payloads)

    def _is_side(self, timer: Timer) -> bool:
        return (timer.element.process_id, timer.element.id) in self.sides

    def _is_behind(self, timer: Timer, instance: Instance, armed: Mapping[UUID, int]) -> bool:
        """Whether another timer surely comes first: armed no later, and no longer.

        People may take any time between two steps, so of two timers armed one after the other
        either may come first when the later one is the shorter.
        """
        if _is_someday(timer):
            return False
        since = armed.get(timer.id, 0)
        return any(
            not _is_someday(other)
            and not self._is_side(other)
            and armed.get(other.id, 0) <= since
            and (other.due_at < timer.due_at)
            for other in instance.timers.values()
            if other.id != timer.id
        )


def _is_someday(timer: Timer) -> bool:
    return timer.due_at - BEGIN >= SOMEDAY


def _sources(context: Context, procedure: Procedure) -> list[str]:
    drawn = [read.source for diagram in context.used for read in reads(diagram)]
    return drawn + [limit.when.source for limit in procedure.limits.values() if limit.when]


def _names(context: Context, kind: str) -> dict[str, str]:
    """Messages (or signals) that some element catches -> the variable of their payload."""
    found: dict[str, str] = {}
    for diagram in context.used:
        for node in diagram.nodes.values():
            if kind == "signal" and "signalEventDefinition" in node.trigger_kinds:
                found[context.of_signal(diagram, node)] = ""
            elif kind == "message":
                name, variable = context.of_message(diagram, node)
                if name:
                    found[name] = variable
    return found


def _completing(task_id: UUID, answers: dict[str, Any]) -> Callable[[Instance, World], Step]:
    return lambda instance, world: stepper.complete(instance, task_id, answers, world)


def _delivery(name: str, payload: dict[str, Any]) -> Act:
    told = ", ".join(f"{key}={value}" for key, value in payload.items())
    return Act(
        f"✉ {name}（{told}）" if told else f"✉ {name}",
        lambda instance, world: stepper.deliver(instance, name, payload, world),
    )


def _signalling(name: str) -> Callable[[Instance, World], Step]:
    return lambda instance, world: stepper.signal(instance, name, {}, world)


def _firing(timer_id: UUID) -> Callable[[Instance, World], Step]:
    def firing(instance: Instance, world: World) -> Step:
        step = stepper.fire(instance, timer_id, world)
        if step is None:
            raise RuntimeError("an armed timer was gone")
        return step

    return firing
