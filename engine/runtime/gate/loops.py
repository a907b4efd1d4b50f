"""Circles over calls: what calls itself, and what would run on without ever waiting."""

from collections.abc import Iterator
from functools import cache

from engine.domain.gate_report import Finding
from engine.runtime.gate.context import Context
from engine.runtime.gate.diagram import (
    SUB_PROCESSES,
    THROWN,
    Diagram,
    Node,
    circles,
    reached_from,
)
from engine.runtime.gate.rules import found


class Waits:
    """Where a token must rest, and what it may pass without resting, called processes included."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._passes = cache(self._passes_through)
        self._throws_in = cache(self._throws_within)
        self._rests = cache(self._rests_within)

    def must_rest(self, diagram: Diagram, node: Node) -> bool:
        """Whether no token passes the node in the step in which it came."""
        if node.is_conditional or (node.kind == "boundaryEvent" and _is_thrown(node)):
            return False  # what holds already is not waited for, what is thrown has come
        if diagram.is_wait(node) or node.kind in ("boundaryEvent", "intermediateCatchEvent"):
            return True
        if node.kind == "callActivity":
            called = self._context.by_id.get(node.called)
            return called is not None and not self._passes(called.process_id, called.process_id)
        if node.kind in SUB_PROCESSES and not node.is_event_sub_process:
            return not self._passes(diagram.process_id, node.id)
        return False

    def may_rest(self, diagram: Diagram, node: Node) -> bool:
        """Whether a token may have to rest at the node, or somewhere inside it."""
        if node.kind == "callActivity":
            return self._rests(node.called)
        return diagram.is_wait(node)

    def _passes_through(self, process_id: str, scope: str) -> bool:
        """Whether a scope can be passed from its start to an end without a wait."""
        diagram = self._context.by_id[process_id]
        reached = self._reached_at_once(diagram, scope)
        ends = [n for n in diagram.of_kind("endEvent") if n.id in reached and n.scope == scope]
        return any("errorEventDefinition" not in end.trigger_kinds for end in ends)

    def _rests_within(self, process_id: str) -> bool:
        diagram = self._context.by_id.get(process_id)
        return diagram is not None and any(
            diagram.is_wait(node) or (node.kind == "callActivity" and self._rests(node.called))
            for node in diagram.nodes.values()
        )

    def after(self, diagram: Diagram, node_id: str) -> list[str]:
        """What follows in the same step."""
        node, at_once = diagram.nodes[node_id], self._at_once(diagram, node_id)
        if self.must_rest(diagram, node):
            return at_once
        flows = diagram.outgoing.get(node_id, ())
        return [*at_once, *(flow.target for flow in flows if flow.target in diagram.nodes)]

    def _at_once(self, diagram: Diagram, node_id: str) -> list[str]:
        """Events on the edge of a node that may come in the step in which it was reached."""
        node, edge = diagram.nodes[node_id], diagram.boundary.get(node_id, ())
        thrown = any(map(_is_thrown, edge)) and self._throws(diagram, node)
        return [each.id for each in edge if each.is_conditional or (thrown and _is_thrown(each))]

    def _throws(self, diagram: Diagram, node: Node) -> bool:
        """Whether something is thrown inside a node without a wait before it."""
        if node.kind == "callActivity":
            called = self._context.by_id.get(node.called)
            return called is not None and self._throws_in(called.process_id, called.process_id)
        return node.kind in SUB_PROCESSES and self._throws_in(diagram.process_id, node.id)

    def _throws_within(self, process_id: str, scope: str) -> bool:
        diagram = self._context.by_id[process_id]
        reached = self._reached_at_once(diagram, scope)
        nodes = [diagram.nodes[each] for each in reached]
        return any(node.is_throwing or self._throws(diagram, node) for node in nodes)

    def _reached_at_once(self, diagram: Diagram, scope: str) -> set[str]:
        starts = [node.id for node in diagram.starts(scope)]
        return reached_from(starts, lambda each: self.after(diagram, each))


def _is_thrown(node: Node) -> bool:
    return any(each in THROWN for each in node.trigger_kinds)


def check_loops(diagram: Diagram, waits: Waits) -> Iterator[Finding]:
    for circle in circles(list(diagram.nodes), lambda each: waits.after(diagram, each)):
        first = diagram.nodes[circle[0]]
        told = " → ".join(diagram.nodes[each].name or each for each in circle)
        yield found("loop-without-wait", diagram.place(first), loop=told)


def check_calls(context: Context) -> Iterator[Finding]:
    for diagram in context.used:
        for node in diagram.of_kind("callActivity"):
            if not node.called:
                yield found("call-missing", diagram.place(node))
            elif node.called not in context.by_id:
                yield found("call-unknown", diagram.place(node), ref=node.called)


def check_recursion(context: Context) -> Iterator[Finding]:
    def called_by(process_id: str) -> list[str]:
        diagram = context.by_id.get(process_id)
        return [] if diagram is None else [n.called for n in diagram.of_kind("callActivity")]

    for circle in circles(list(context.by_id), called_by):
        for process_id in circle:
            diagram = context.by_id[process_id]
            for node in diagram.of_kind("callActivity"):
                if node.called in circle:
                    told = " → ".join((*circle, circle[0]))
                    yield found("call-recursive", diagram.place(node), loop=told)
