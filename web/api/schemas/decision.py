"""Shapes of decision tables, of what they answered in a case, and of trying them."""

from marshmallow import Schema, fields

from engine.domain.views import (
    DecisionView,
    RowMatched,
    TableFinding,
    TableTrial,
    TableValue,
    TableView,
    VariableView,
)
from web.api.schemas.mirror import mirror, page_of

Value = mirror(
    TableValue,
    "DecisionValue",
    notes={"name": "Expression of an input column, name of an output column."},
)
Matched = mirror(
    RowMatched,
    "DecisionRowMatched",
    notes={
        "number": "From 1, as the table is drawn.",
        "annotations": "The articles the row rests on.",
    },
)
Decision = mirror(
    DecisionView,
    "Decision",
    notes={
        "sequence": "That of its entry in the history, whose hash covers it.",
        "about": "What was asked about, such as a record's number.",
        "sha256": "Of the DMN file: the version of the table.",
        "outputs": "One list for each answer.",
        "rows": "The rows that held.",
        "required": "Decisions that it asked on the way.",
    },
)
DecisionPage = page_of(Decision, "DecisionPage")
mirror(
    TableFinding,
    "DecisionTableFinding",
    choices={"kind": ("overlap", "gap", "impossible", "masked", "unchecked")},
    notes={"example": "Inputs that show it, by name."},
)
mirror(
    VariableView,
    "DecisionVariable",
    notes={"kind": "DMN type; empty for any.", "choices": "Empty for any value."},
)
DecisionTable = mirror(
    TableView,
    "DecisionTable",
    notes={
        "is_literal": "An expression and no table.",
        "parts": "What it plays in [rules] of procedure.toml.",
        "variables": "What it and the tables it requires read.",
        "findings": "Overlaps, gaps and rows that never answer.",
    },
)
DecisionTablePage = page_of(DecisionTable, "DecisionTablePage")
Trial = mirror(
    TableTrial,
    "DecisionTrial",
    notes={"failure": "Why there is no answer; null where there is one."},
)


class TryTable(Schema):
    """Inputs to try."""

    inputs = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "Values by the names of `variables`."},
    )
