"""Decision tables (DMN 1.1-1.5): read and checked once, asked many times, and able to say why.

Our own evaluator: SpiffWorkflow's takes every hit policy for FIRST and reads cells as Python, and
of other libraries the only one that is kept up finds no overlaps and no gaps (workflows/DMN.md).
"""

from engine.runtime.decisions.reading import Decisions, join_decisions, read_decisions
from engine.runtime.decisions.results import (
    AskedInput,
    DecisionFailed,
    DecisionRefused,
    DecisionResult,
    Finding,
    MatchedRow,
    Problem,
    ToldOutput,
)
from engine.runtime.decisions.table import InputColumn, Row, Table

__all__ = [
    "AskedInput",
    "DecisionFailed",
    "DecisionRefused",
    "DecisionResult",
    "Decisions",
    "Finding",
    "InputColumn",
    "MatchedRow",
    "Problem",
    "Row",
    "Table",
    "ToldOutput",
    "join_decisions",
    "read_decisions",
]
