"""What is kept of a decision: its inputs, outputs and the rows that held, with their articles."""

from collections.abc import Callable
from typing import Any

from engine.domain.words import Words
from engine.runtime.decisions import DecisionResult, Decisions


def as_kept(
    tables: Decisions, decision_id: str, result: DecisionResult, citable: Callable[[str], str]
) -> dict[str, Any]:
    """The answer as it is stored, its articles as they may be cited today."""

    def column(label: Words, name: str, value: Any) -> dict[str, Any]:
        return {"label": label.zh, "label_en": label.en, "name": name, "value": value}

    return {
        "decision_id": decision_id,
        "inputs": [column(each.label, each.expression, each.value) for each in result.inputs],
        "outputs": [
            [column(each.label, each.name, each.value) for each in answer]
            for answer in result.outputs
        ],
        "rows": [
            {
                "number": row.number,
                "row_id": row.row_id,
                "annotations": [told for note in row.annotations if (told := citable(note))],
            }
            for row in result.rows
        ],
        "required": [as_kept(tables, name, asked, citable) for name, asked in result.required],
    }
