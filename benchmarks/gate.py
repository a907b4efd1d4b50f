"""What judging a folder costs: reading it, looking at what is drawn, walking every path."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import process_time

from benchmarks.figures import Figure
from benchmarks.scenario import ROOT
from engine.runtime import catalog
from engine.runtime.gate.check import drawn_findings
from engine.runtime.gate.context import Context
from engine.runtime.gate.diagram import read_diagrams
from engine.runtime.gate.reading import read_folder
from engine.runtime.gate.simulation import simulate
from engine.services.vocabulary import vocabulary

WORKFLOWS = ROOT / "workflows"


def measure(repetitions: int) -> Iterator[Figure]:
    """Processor time of each shipped procedure; the walk is run a few times only."""
    for key in catalog.procedure_keys(WORKFLOWS):
        yield from _of(key, max(3, min(repetitions, 10)))


def _of(key: str, repetitions: int) -> Iterator[Figure]:
    files, words = catalog.read_folder(WORKFLOWS, key), vocabulary()
    procedure = catalog.load(files, key)
    drawn = sum(len(each.elements) for each in procedure.drawings.values())
    parse = _milliseconds(lambda: catalog.load(files, key), repetitions)
    yield Figure(f"{key}: folder parsed and compiled", parse, "ms", note=f"{drawn} elements")
    static = _milliseconds(lambda: drawn_findings(files, key, words), repetitions)
    yield Figure(f"{key}: gate, what is drawn", static, "ms", note="schema, allow-list, shape")
    folder, _ = read_folder(files, key)
    context = Context(folder, read_diagrams(folder), words)
    _, walks = simulate(context, procedure)
    walk = _milliseconds(lambda: simulate(context, procedure), min(repetitions, 3)) / 1000
    states, moves = sum(each.states for each in walks), sum(each.moves for each in walks)
    whole = "all paths" if all(each.is_complete for each in walks) else "cut at the bound"
    told = f"{states} standings, {moves} moves, {whole}"
    yield Figure(f"{key}: gate, every path walked", walk, "s", at_most=10, note=told)


def _milliseconds(act: object, repetitions: int) -> float:
    assert callable(act)
    taken = []
    for _ in range(repetitions):
        begun = process_time()
        act()
        taken.append((process_time() - begun) * 1000)
    return median(taken)
