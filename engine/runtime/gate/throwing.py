"""Errors and escalations: thrown by name, caught further out, and never passed in silence."""

from collections.abc import Iterator

from engine.domain.gate_report import Finding
from engine.runtime.gate.context import Context
from engine.runtime.gate.diagram import SUB_PROCESSES, Diagram, Node, local
from engine.runtime.gate.rules import found

KINDS = {"errorEventDefinition": "error", "escalationEventDefinition": "escalation"}
#: What something can be thrown inside of.
THROWN_WITHIN = frozenset({"callActivity", "subProcess"})


def check_throws(context: Context, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        for trigger, kind in KINDS.items():
            if trigger in node.trigger_kinds:
                yield from _named(context, diagram, node, kind)
                yield from _placed(diagram, node, kind)


def _named(context: Context, diagram: Diagram, node: Node, kind: str) -> Iterator[Finding]:
    place, code = diagram.place(node), _code(context, diagram, node, kind)
    reference = context.reference(node, f"{kind}Ref")
    if not code and (node.is_throwing or reference):
        yield found("throw-unknown", place, ref=reference or "–")
    elif node.is_throwing and not _is_caught(context, diagram, node.scope, (kind, code), ()):
        yield found(f"{kind}-uncaught", place, name=code)


def _code(context: Context, diagram: Diagram, node: Node, kind: str) -> str:
    return context.declared(diagram, kind, context.reference(node, f"{kind}Ref"))


def _placed(diagram: Diagram, node: Node, kind: str) -> Iterator[Finding]:
    holder = diagram.nodes.get(node.attached_to)
    if node.kind == "boundaryEvent" and holder is not None and holder.kind not in THROWN_WITHIN:
        yield found("throw-nowhere", diagram.place(node), ref=holder.name or holder.id)
    is_start = node.kind == "startEvent"
    goes_on = node.element.get("isInterrupting" if is_start else "cancelActivity") == "false"
    if kind == "error" and goes_on and not node.is_throwing:
        yield found("error-interrupts", diagram.place(node))


Thrown = tuple[str, str]


def _is_caught(
    context: Context, diagram: Diagram, scope: str, thrown: Thrown, seen: tuple[str, ...]
) -> bool:
    """Whether what is thrown in a scope is caught there or further out, on every way outwards."""
    for node in diagram.within(scope):
        starts = diagram.starts(node.id) if node.is_event_sub_process else []
        if any(_catches(context, diagram, start, thrown) for start in starts):
            return True
    holder = diagram.nodes.get(scope)
    if holder is not None:
        return _is_caught_at(context, diagram, holder, thrown, seen)
    calls = [
        (caller, call)
        for caller in context.used
        for call in caller.of_kind("callActivity")
        if call.called == scope and caller.process_id not in seen
    ]
    further = (*seen, scope)
    return bool(calls) and all(_is_caught_at(context, *call, thrown, further) for call in calls)


def _is_caught_at(
    context: Context, diagram: Diagram, holder: Node, thrown: Thrown, seen: tuple[str, ...]
) -> bool:
    edge = (
        diagram.boundary.get(holder.id, ())
        if holder.kind in (*SUB_PROCESSES, "callActivity")
        else ()
    )
    if any(_catches(context, diagram, event, thrown) for event in edge):
        return True
    return _is_caught(context, diagram, holder.scope, thrown, seen)


def _catches(context: Context, diagram: Diagram, node: Node, thrown: Thrown) -> bool:
    """Whether an event waits for this error or escalation, or for any."""
    kind, code = thrown
    if not any(KINDS.get(local(each)) == kind for each in node.triggers):
        return False
    return _code(context, diagram, node, kind) in ("", code)
