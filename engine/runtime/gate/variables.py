"""Who gives what a condition reads: forms, operations, messages, and what a case begins with."""

from collections.abc import Iterator

from engine.domain.form import is_required
from engine.domain.gate_report import Finding
from engine.runtime.decision_task import RESULT
from engine.runtime.expressions import FUNCTIONS
from engine.runtime.gate.context import Context, Read, asked_with, compiled, reads
from engine.runtime.gate.diagram import Diagram, Node
from engine.runtime.gate.rules import Place, found


def given_by(context: Context, diagram: Diagram, node: Node) -> frozenset[str]:
    """Variables that a node puts into the process."""
    if node.kind == "userTask":
        form = context.folder.forms.get(node.held.get("form", ""), {})
        asked = form.get("properties")
        return frozenset(asked if isinstance(asked, dict) else ())
    if node.kind == "serviceTask" and node.operator is not None:
        told = node.operator.get("resultVariable")
        return frozenset({told} if told else ())
    if node.kind == "businessRuleTask":
        told = node.held.get(RESULT)
        return frozenset({told} if told else ())
    if node.kind == "receiveTask" or "messageEventDefinition" in node.trigger_kinds:
        variable = context.of_message(diagram, node)[1]
        return frozenset({variable} if variable else ())
    return frozenset()


def names_of(read: Read) -> frozenset[str]:
    expression = compiled(read.source)
    return frozenset() if expression is None else expression.names


def check_variables(context: Context) -> Iterator[Finding]:
    known = frozenset(context.given)
    for diagram in context.used:
        for node in diagram.nodes.values():
            given = given_by(context, diagram, node)
            known |= given
            for name in sorted(given & FUNCTIONS):
                yield found("variable-shadows", diagram.place(node), name=name)
    needed: set[str] = set()
    for diagram in context.used:
        for read in reads(diagram):
            names = names_of(read)
            needed |= frozenset() if read.waits else names
            place = diagram.place(read.by) if read.flow is None else diagram.at(read.flow)
            yield from _unknown("variable-unknown", place, names - known)
        for node in diagram.of_kind("businessRuleTask"):
            names = asked_with(context, node)
            needed |= names
            yield from _unknown("decision-input-unknown", diagram.place(node), names - known)
    yield from _not_required(context, needed)


def _unknown(code: str, place: Place, names: frozenset[str]) -> Iterator[Finding]:
    return (found(code, place, name=name) for name in sorted(names))


def _not_required(context: Context, read: set[str]) -> Iterator[Finding]:
    for diagram in context.used:
        for node in diagram.of_kind("userTask"):
            key = node.held.get("form", "")
            form = context.folder.forms.get(key, {})
            for name in sorted(given_by(context, diagram, node) & read):
                if not is_required(form, name):
                    yield found("form-does-not-require", diagram.place(node), name=name, form=key)
