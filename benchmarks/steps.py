"""CPU per engine step and bytes per state: ours, cold and warm, against naive SpiffWorkflow.

All three drive the same case on the same diagram with the same data. *Naive* reads the library's
JSON, specification included, runs, and writes it again. *Cold* does the same with our codec. *Warm*
keeps the live instance between steps and only runs and writes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time
from typing import IO, Any

from benchmarks import scenario
from benchmarks.figures import Figure
from engine.runtime import catalog, stepper
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance

NOW = datetime(2020, 3, 2, 1, tzinfo=UTC)


class Surroundings:
    """Answers a step with the same stubs that the naive side answers with."""

    def now(self) -> datetime:
        return NOW

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime:
        return NOW + timedelta(days=400)

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any:
        return scenario.OPERATIONS.get(operation)

    def decide(self, element: Element, decision_id: str, data: Mapping[str, Any]) -> Any:
        return None


@dataclass(frozen=True, slots=True)
class Run:
    """One case: seconds of CPU of each step, bytes of the state at the start and after each."""

    seconds: list[float]
    sizes: list[int]

    @property
    def per_step(self) -> float:
        return sum(self.seconds) / len(self.seconds)


def measure(repetitions: int) -> Iterator[Figure]:
    files = catalog.read_folder(scenario.WORKFLOWS, scenario.PROCEDURE)
    procedure = catalog.load(files, scenario.PROCEDURE)
    runs: dict[str, list[Run]] = {"naive": [], "cold": [], "warm": []}
    with naive_library() as ask:
        for repetition in range(repetitions + 2):
            told = {
                "naive": ask(procedure.variables),
                "cold": drive(procedure, scenario.read(), is_warm=False),
                "warm": drive(procedure, scenario.read(), is_warm=True),
            }
            if repetition >= 2:  # the first two warm up caches and specialise bytecode
                for side, run in told.items():
                    runs[side].append(run)
    yield from _ratios(runs)
    yield from _sizes(runs["naive"][0].sizes, runs["cold"][0].sizes)


def drive(procedure: Procedure, told: scenario.Scenario, *, is_warm: bool) -> Run:
    """The whole case once, by ourselves."""
    around = Surroundings()
    live, _ = stepper.start(procedure, scenario.PROCEDURE, told.given, around)
    state = live.dump()
    run = Run([], [len(state)])
    for move in told.moves:
        began = process_time()
        if not is_warm:
            live = stepper.load(procedure, scenario.PROCEDURE, state)
        act(live, move, around)
        state = live.dump()
        run.seconds.append(process_time() - began)
        run.sizes.append(len(state))
    return run


def act(live: Instance, move: scenario.Move, around: Surroundings) -> None:
    if move.is_message:
        stepper.deliver(live, move.name, move.data, around)
        return
    (task_id,) = [wait.id for wait in live.waits.values() if wait.element.id == move.name]
    stepper.complete(live, task_id, move.data, around)


@contextmanager
def naive_library() -> Iterator[Any]:
    command = [sys.executable, "-m", "benchmarks.naive"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=scenario.ROOT) as asked:
        questions, answers = _pipes(asked)

        def ask(variables: frozenset[str], rounds: int = 0) -> Run:
            asked = {"variables": sorted(variables), "rounds": rounds}
            questions.write(json.dumps(asked) + "\n")
            questions.flush()
            return Run(**json.loads(answers.readline()))

        yield ask
        questions.close()


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _ratios(runs: Mapping[str, list[Run]]) -> Iterator[Figure]:
    typical = {side: median(run.per_step for run in told) for side, told in runs.items()}
    spread = {
        side: median(
            floor.per_step / run.per_step
            for floor, run in zip(runs["naive"], runs[side], strict=True)
        )
        for side in ("cold", "warm")
    }
    yield Figure("CPU per step, naive library", typical["naive"] * 1e3, "ms")
    yield Figure("CPU per step, cold", typical["cold"] * 1e3, "ms")
    yield Figure("CPU per step, warm", typical["warm"] * 1e3, "ms")
    yield Figure("step, cold: times cheaper than naive", spread["cold"], "×", at_least=6)
    yield Figure("step, warm: times cheaper than naive", spread["warm"], "×", at_least=10)


def _sizes(naive: list[int], ours: list[int]) -> Iterator[Figure]:
    for word, place in (("start", 0), ("middle", len(ours) // 2), ("end", -1)):
        note = f"the library's JSON: {naive[place]:,} bytes, {naive[place] / ours[place]:.0f}×"
        yield Figure(f"stored state, {word} of the case", ours[place], "bytes", note=note)
