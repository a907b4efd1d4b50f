"""Random walks: what could be done next, and doing it; through what is shipped and what is drawn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from engine.runtime import catalog, stepper
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance, Step
from engine.services.vocabulary import ANSWERS, vocabulary
from engine.settings import ROOT
from tests.runtime.worlds import World

WORKFLOWS = ROOT / "workflows"
KEYS = catalog.procedure_keys(WORKFLOWS)


@cache
def shipped(key: str) -> Procedure:
    return catalog.load(catalog.read_folder(WORKFLOWS, key), key)


def started() -> list[tuple[str, str]]:
    """(procedure, process) of all that is shipped and started by itself."""
    return [(key, process) for key in KEYS for process in shipped(key).runnables]


@cache
def _scenarios(key: str) -> tuple[dict[str, Any], ...]:
    """The scenarios of a procedure, behind them those of what is shared."""
    paths = [
        path
        for folder in (key, catalog.SHARED)
        for path in sorted(WORKFLOWS.glob(f"{folder}/scenarios/*.json"))
    ]
    return tuple(json.loads(path.read_text("utf-8")) for path in paths)


@cache
def known_answers(key: str) -> Mapping[str, tuple[dict[str, Any], ...]]:
    """Element -> every answer that a scenario of the procedure gives there."""
    found: dict[str, list[dict[str, Any]]] = {}
    for scenario in _scenarios(key):
        for step in scenario["steps"]:
            if "task" in step:
                found.setdefault(step["task"], []).append(step["answers"])
    return {element: tuple(answers) for element, answers in found.items()}


@cache
def known_payloads(key: str) -> Mapping[str, dict[str, Any]]:
    """Message -> what it says in a scenario of the procedure."""
    steps = [step for scenario in _scenarios(key) for step in scenario["steps"]]
    return {step["message"]: step.get("payload", {}) for step in steps if "message" in step}


def world(random: Random) -> World:
    """Operations answer what they may answer, by chance."""

    def answer(name: str) -> Any:
        def given(**asked: Any) -> Any:
            told = random.choice(ANSWERS[name])
            if isinstance(told, str) and told.startswith("$"):
                return asked.get(told.removeprefix("$"))
            return "outcome" if told == "?letter" else told

        return given

    return World(answers={name: answer(name) for name in ANSWERS})


def given(random: Random, key: str) -> dict[str, Any]:
    """What a case of the procedure knows at its start."""
    told = [scenario["given"] for scenario in _scenarios(key) if scenario["given"]]
    chosen: dict[str, Any] = random.choice(told)
    return {**chosen, **_graded(random, chosen)}


def _graded(random: Random, chosen: Mapping[str, Any]) -> dict[str, Any]:
    possible = vocabulary().given
    return {name: random.choice(values) for name, values in possible.items() if name in chosen}


@dataclass(frozen=True, slots=True)
class Move:
    """What could be done next. `kind`: task | message | timer; `place`: element or message;
    `number`: which, where there are several of one place."""

    kind: str
    place: tuple[str, str]
    answers: Mapping[str, Any]
    number: int = 0


def moves(live: Instance) -> list[Move]:
    found = list(_moves(live))
    return sorted(found, key=lambda move: (move.kind, move.place, move.number, repr(move.answers)))


def _moves(live: Instance) -> Iterator[Move]:
    seen: Counter[tuple[str, str]] = Counter()
    for wait in live.waits.values():
        if wait.kind == "user":
            place = (wait.element.process_id, wait.element.id)
            for answers in answers_for(live.procedure, wait.element.id, wait.element.form):
                yield Move("task", place, answers, seen[place])
            seen[place] += 1
    for timer in live.timers.values():
        yield Move("timer", (timer.element.process_id, timer.element.id), {})
    messages = {name for each in live.procedure.drawings.values() for name in each.messages}
    for message in messages:
        if stepper.waits_for(live, message):
            said = known_payloads(live.procedure.key).get(message, {"reason": "said so"})
            yield Move("message", ("", message), {**said, "nested": [{"a": 1.5}]})


def answers_for(
    procedure: Procedure, element_id: str, form: str | None
) -> tuple[dict[str, Any], ...]:
    """What the scenarios answer there; where none does, what the form lets be chosen."""
    known = known_answers(procedure.key).get(element_id)
    if known:
        return known
    fields = procedure.form(form or "").get("properties", {})
    chosen, other = dict[str, Any](), dict[str, Any]()
    for name, asked in fields.items():
        values: Any = asked.get("enum") or [x.get("const") for x in asked.get("oneOf", ())]
        if not values:
            values = {"boolean": [True, False], "integer": [1], "number": [1]}.get(
                asked.get("type"), ["x"]
            )
        chosen[name], other[name] = values[0], values[-1]
    return (chosen, other)


def make(live: Instance, move: Move, around: World) -> Step | None:
    if move.kind == "message":
        return stepper.deliver(live, move.place[1], move.answers, around)
    held = live.waits if move.kind == "task" else live.timers
    keys = [k for k, w in held.items() if (w.element.process_id, w.element.id) == move.place]
    if move.kind == "timer":
        return stepper.fire(live, keys[move.number], around)
    return stepper.complete(live, keys[move.number], move.answers, around)


def shape(live: Instance) -> tuple[Any, ...]:
    """What of an instance matters: where it rests, with which data, and what its diagram shows."""
    waits = Counter((w.kind, w.element.id, repr(dict(w.data))) for w in live.waits.values())
    timers = Counter((t.element.id, t.due_at) for t in live.timers.values())
    awaited = frozenset(move.place for move in moves(live))
    return waits, timers, awaited, stepper.element_states(live)


def told(step: Step | None) -> tuple[Any, ...]:
    """What of a step matters, without the ids that chance gives."""
    assert step is not None
    return (
        [element.id for element in step.passed],
        Counter(wait.element.id for wait in step.opened),
        Counter(wait.element.id for wait in step.closed),
        Counter(timer.element.id for timer in step.armed),
        len(step.disarmed),
        step.finished,
    )
