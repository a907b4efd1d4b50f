"""Decision tasks: they ask a table that the folder has, and put its answer under a name."""

from collections.abc import Iterator

from engine.domain.gate_report import Finding
from engine.runtime.decision_task import RESULT
from engine.runtime.gate.context import Context
from engine.runtime.gate.diagram import Diagram
from engine.runtime.gate.rules import found


def check_decision_tasks(context: Context, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.of_kind("businessRuleTask"):
        place, known = diagram.place(node), ", ".join(sorted(context.decisions))
        if not node.decision:
            yield found("decision-task-empty", place, known=known)
        elif node.decision not in context.decisions:
            yield found("decision-task-unknown", place, name=node.decision, known=known)
        name = node.held.get(RESULT, "")
        if not name.isidentifier():
            yield found("decision-task-result", place, name=name)
