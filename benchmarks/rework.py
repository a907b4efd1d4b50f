"""CPU per step of cases that go back and forth: what a long history costs, and one of 2,000 tasks.

Measured are the two steps of the last round. Naive SpiffWorkflow walks the whole history in every
step, and sees nothing deeper than 1,000 tasks, so the longest case is ours alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import process_time

from benchmarks import scenario
from benchmarks.figures import Figure
from benchmarks.steps import Run, Surroundings, act, drive, naive_library
from engine.runtime import catalog, stepper
from engine.runtime.procedure import Procedure

ROUNDS = (1, 5, 20)
MANY = 2000


def measure(repetitions: int) -> Iterator[Figure]:
    files = catalog.read_folder(scenario.WORKFLOWS, scenario.PROCEDURE)
    procedure = catalog.load(files, scenario.PROCEDURE)
    with naive_library() as ask:
        for rounds in ROUNDS:
            told, sides = scenario.reworked(rounds), dict[str, list[float]]()
            for _ in range(max(3, repetitions // 3)):
                for side, run in (
                    ("naive", ask(procedure.variables, rounds)),
                    ("cold", drive(procedure, told, is_warm=False)),
                    ("warm", drive(procedure, told, is_warm=True)),
                ):
                    sides.setdefault(side, []).append(_last_round(run))
            yield from _figures(rounds, {side: median(all_) for side, all_ in sides.items()})
    yield from _many(procedure)


def _last_round(run: Run) -> float:
    return sum(run.seconds[-2:]) / 2


def _figures(rounds: int, typical: dict[str, float]) -> Iterator[Figure]:
    word = f"after {rounds} round{'s' if rounds > 1 else ''} of rework"
    note = f"naive {typical['naive'] * 1e3:.1f} ms"
    for side, least in (("cold", 6), ("warm", 10)):
        yield Figure(f"step {word}, {side}", typical[side] * 1e3, "ms", note=note)
        ratio = typical["naive"] / typical[side]
        yield Figure(f"the same: times cheaper than naive, {side}", ratio, "×", at_least=least)


def _many(procedure: Procedure) -> Iterator[Figure]:
    """A case with more than 2,000 tasks, driven by ourselves."""
    around, told = Surroundings(), scenario.reworked(1)
    live, _ = stepper.start(procedure, scenario.PROCEDURE, told.given, around)
    for move in told.moves[:-2]:
        act(live, move, around)
    while _count(live) < MANY:
        for move in told.moves[-2:]:
            act(live, move, around)
    raw = live.dump()
    for side in ("cold", "warm"):
        seconds = []
        for number in range(10):
            began = process_time()
            if side == "cold":
                live = stepper.load(procedure, scenario.PROCEDURE, raw)
            act(live, told.moves[-2 + number % 2], around)
            raw = live.dump()
            seconds.append(process_time() - began)
        yield Figure(f"step of a case with {MANY:,} tasks, {side}", median(seconds) * 1e3, "ms")
    yield Figure(f"stored state of a case with {_count(live):,} tasks", len(raw), "bytes")


def _count(live: stepper.Instance) -> int:
    parts = (live.workflow, *live.workflow.subprocesses.values())
    return sum(len(part.tasks) for part in parts)
