"""workflows/BPMN.md, written from the gate's own tables so that it stays true.

`python -m engine.runtime.gate.page > workflows/BPMN.md` writes it anew; a test compares the two.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules

from engine.domain.gate_report import Severity
from engine.runtime import patches
from engine.runtime.gate.allowed import (
    ATTRIBUTES,
    CARRIED,
    EVERYWHERE,
    FOR_PEOPLE,
    PROPERTIES,
    TRIGGERS,
)
from engine.runtime.gate.rules import Rule, rules
from engine.runtime.gate.shape import MOST_NODES
from engine.runtime.gate.simulation.walk import MOST_MOVES, MOST_STATES
from engine.runtime.stepper import MOST_STEPS
from engine.runtime.xml import LARGEST, MOST_ELEMENTS

BOUNDS = {
    "LARGEST": LARGEST,
    "MOST_ELEMENTS": MOST_ELEMENTS,
    "MOST_NODES": MOST_NODES,
    "MOST_STATES": MOST_STATES,
    "MOST_MOVES": MOST_MOVES,
    "MOST_STEPS": MOST_STEPS,
}


def page() -> str:
    head = files(__package__).joinpath("page.md").read_text("utf-8")
    head = head.format_map({name: f"{bound:,}" for name, bound in BOUNDS.items()})
    return "\n".join([head, *_carried(), *_right(), *_told()])


def _carried() -> Iterator[str]:
    yield "## What runs as drawn\n"
    yield "| element | triggers | attributes | properties |"
    yield "| --- | --- | --- | --- |"
    for kind in sorted(CARRIED):
        triggers = ", ".join(_short(each) for each in TRIGGERS.get(kind, ()))
        attributes = ", ".join(f"`{each}`" for each in sorted(ATTRIBUTES.get(kind, ())))
        held = ", ".join(f"`{each}`" for each in sorted(PROPERTIES.get(kind, EVERYWHERE)))
        yield f"| {kind} | {triggers or '–'} | {attributes or '–'} | {held} |"
    yield ""
    started = ", ".join(_short(each) for each in TRIGGERS["eventSubProcess"])
    yield f"An event sub-process may be started by {started}, interrupting or not.\n"
    people = ", ".join(sorted(FOR_PEOPLE))
    yield f"Only for people, and left alone: {people}; the diagram's shapes and colours.\n"


def _short(trigger: str) -> str:
    return trigger.removesuffix("EventDefinition")


def _right() -> Iterator[str]:
    yield "## What SpiffWorkflow gets wrong and runs right here\n"
    yield "One module each under `engine/runtime/patches/`; each is shown to fail on the bare library.\n"
    yield "| module | what is right here |"
    yield "| --- | --- |"
    for found in sorted(iter_modules(patches.__path__), key=lambda each: each.name):
        module = import_module(f"{patches.__name__}.{found.name}")
        first = (inspect.getdoc(module) or "").split("\n\n")[0].replace("\n", " ")
        yield f"| `{found.name}` | {_cell(first)} |"
    yield ""


TITLES = {
    "reading": "Reading",
    "names": "Ids and names",
    "elements": "Elements, events, attributes",
    "flows": "Flows and gateways",
    "shape": "The shape of the whole",
    "events": "Messages, signals, timers",
    "waits": "Where a case rests",
    "operations": "Operations and variables",
    "decisions": "Decision tables",
    "laws": "Laws cited",
    "walk": "Found by walking",
}
WORDS = {Severity.REFUSAL: "refused", Severity.WARNING: "warning", Severity.REPAIRED: "repaired"}


def _told() -> Iterator[str]:
    yield "## What the gate says\n"
    for topic, title in TITLES.items():
        yield f"### {title}\n"
        yield "| code | | sentence |"
        yield "| --- | --- | --- |"
        for rule in _of(topic):
            yield f"| `{rule.code}` | {WORDS[rule.severity]} | {_cell(rule.en)} |"
        yield ""


def _of(topic: str) -> list[Rule]:
    return [rule for rule in rules().values() if rule.topic == topic]


def _cell(text: str) -> str:
    shown = re.sub(r"\{(\w+)\}", r"*\1*", text.strip())
    return (shown[:1].upper() + shown[1:]).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
