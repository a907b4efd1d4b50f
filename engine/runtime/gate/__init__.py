"""The gate: a folder that it accepts cannot stall, lie or run code; what could is refused by element.

First what is drawn is looked at (reading, elements, flows, shape, waits, operations, decisions),
then every reachable path is walked through the real stepper (`simulation`).
"""

from engine.domain.gate_report import Finding, GateRefused, Report, Severity, Walk
from engine.runtime.gate.check import Verdict, check, examine
from engine.runtime.gate.comparison import changes, drawings_of
from engine.runtime.gate.repairs import repair
from engine.runtime.gate.vocabulary import Effect, Shape, Vocabulary

__all__ = [
    "Effect",
    "Finding",
    "GateRefused",
    "Report",
    "Severity",
    "Shape",
    "Verdict",
    "Vocabulary",
    "Walk",
    "changes",
    "check",
    "drawings_of",
    "examine",
    "repair",
]
