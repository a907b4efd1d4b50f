"""Decision tables and expressions: ours against SpiffWorkflow's own, in one process, turn about.

The table says only what both sides understand (the library reads cells as Python and knows neither
lists nor intervals), and both must give the same answers before they are timed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import process_time
from types import SimpleNamespace
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from benchmarks.figures import Figure
from benchmarks.scenario import ROOT
from engine.runtime.decisions import read_decisions
from engine.runtime.expressions import compile_expression

Data = Mapping[str, Any]

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
GRADES = ("general", "serious", "grave")
STEPS = (1, 3, 6, 12, 24, 36)
DATA: tuple[Data, ...] = tuple(
    {"grade": grade, "months": months, "fine": fine}
    for grade in GRADES
    for months in (0, 4, 11, 30)
    for fine in (1, 7)
)
EXPRESSIONS = (
    'grade == "serious" and months >= 6',
    'fine > 5 or grade in ["grave", "serious"]',
    '"late" if months > 20 else "in time"',
    "months * 2 + fine - 1",
)
#: Turns of both sides; the first two warm up.
TURNS = 7


def table() -> bytes:
    """18 rows that do not overlap, three inputs, two outputs."""
    rows = "".join(
        _rule(
            f"{grade}_{step}",
            f'"{grade}"',
            f"&lt; {step}",
            "&gt; 5" if n % 2 else "-",
            f'"{grade}-{step}"',
            str(step),
        )
        for grade in GRADES
        for n, step in enumerate(STEPS)
    )
    columns = "".join(
        f'<input id="i_{name}" label="{name}"><inputExpression id="e_{name}" typeRef="{kind}">'
        f"<text>{name}</text></inputExpression></input>"
        for name, kind in (("grade", "string"), ("months", "number"), ("fine", "number"))
    )
    return (
        f'<definitions xmlns="{DMN}" id="d" name="d" namespace="urn:d"><decision id="tariff" '
        f'name="tariff"><decisionTable id="t" hitPolicy="FIRST">{columns}'
        '<output id="o1" name="code" typeRef="string"/><output id="o2" name="until" '
        f'typeRef="number"/>{rows}</decisionTable></decision></definitions>'
    ).encode()


KINDS = ("input", "input", "input", "output", "output")


def _rule(name: str, *cells: str) -> str:
    entries = "".join(
        f'<{kind}Entry id="{name}_{n}"><text>{cell}</text></{kind}Entry>'
        for n, (kind, cell) in enumerate(zip(KINDS, cells, strict=True))
    )
    return f'<rule id="{name}">{entries}</rule>'


def measure(repetitions: int) -> Iterator[Figure]:
    yield from _tables(repetitions)
    yield from _expressions(repetitions)
    yield from _reading(repetitions)


def _tables(repetitions: int) -> Iterator[Figure]:
    ours, theirs = our_table(), library_table()
    for data in DATA:
        if ours(data) != theirs(data):
            raise RuntimeError(f"two answers for {data}: {ours(data)} and {theirs(data)}")
    mine, library = _rates(ours, theirs, DATA, repetitions)
    yield Figure("decisions, SpiffWorkflow's DMN engine", library, "/s", note="18 rows, 3 inputs")
    yield Figure("decisions, ours", mine, "/s", note="with the rows that held and their articles")
    yield Figure("decision: times faster than the library's", mine / library, "×", at_least=10)


def our_table() -> Callable[[Data], Any]:
    decisions = read_decisions(table(), "tariff.dmn")
    return lambda data: decisions.decide("tariff", data).value or {}


def library_table() -> Callable[[Data], Any]:
    parser = BpmnDmnParser()
    parser.add_dmn_xml(etree.fromstring(table()), "tariff.dmn")
    engine = parser.get_engine("tariff", None)
    workflow = SimpleNamespace(script_engine=PythonScriptEngine())
    return lambda data: engine.result(SimpleNamespace(data=dict(data), workflow=workflow))


def _expressions(repetitions: int) -> Iterator[Figure]:
    default = PythonScriptEngine()

    def theirs(data: Data) -> list[Any]:
        task = SimpleNamespace(data=dict(data))
        return [default.evaluate(task, source) for source in EXPRESSIONS]

    def ours(data: Data) -> list[Any]:
        return [compile_expression(source).evaluate(data) for source in EXPRESSIONS]

    if any(ours(data) != theirs(data) for data in DATA):
        raise RuntimeError("the two evaluators do not agree")
    mine, library = _rates(ours, theirs, DATA, repetitions)
    each = len(EXPRESSIONS)
    yield Figure(
        "expressions, SpiffWorkflow's default", library * each, "/s", note="unrestricted eval"
    )
    yield Figure("expressions, ours", mine * each, "/s", note="whitelisted, compiled once")
    yield Figure("expression: times faster than the default", mine / library, "×", at_least=3)


def _reading(repetitions: int) -> Iterator[Figure]:
    shipped = sorted((ROOT / "workflows").rglob("*.dmn"))
    for path in shipped:
        raw = path.read_bytes()
        held = read_decisions(raw, path.name)
        read = median(_timed(lambda raw=raw: read_decisions(raw, "x")) for _ in range(repetitions))  # type: ignore[misc]
        look = median(_timed(held.findings) for _ in range(repetitions))
        rows = sum(len(table.rows) for table in held.tables.values())
        note = f"{rows} rows; looked over in {look * 1e3:.1f} ms"
        yield Figure(f"table read and compiled: {path.stem}", read * 1e3, "ms", note=note)


def _timed(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def _rates(
    ours: Callable[[Data], Any], theirs: Callable[[Data], Any], data: tuple[Data, ...], rounds: int
) -> tuple[float, float]:
    """Calls per second of CPU of both sides: the median of turns taken one after the other."""

    def rate(ask: Callable[[Data], Any], rounds: int) -> float:
        took = _timed(lambda: [ask(each) for _ in range(rounds) for each in data])
        return rounds * len(data) / took

    turns = [(rate(ours, rounds * 20), rate(theirs, max(1, rounds // 2))) for _ in range(TURNS)][2:]
    return median(turn[0] for turn in turns), median(turn[1] for turn in turns)
