"""Which variables still matter at an element: those that something after it may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.runtime.gate.context import Context, asked_with, reads
from engine.runtime.gate.diagram import SUB_PROCESSES, Diagram, Node
from engine.runtime.gate.events import LIMIT
from engine.runtime.gate.reading import BPMN
from engine.runtime.gate.variables import given_by, names_of
from engine.runtime.procedure import Procedure

Key = tuple[str, str]


@dataclass
class Liveness:
    """(process id, element id) -> variables that are read there or later, before being set anew."""

    live: dict[Key, frozenset[str]] = field(default_factory=dict)
    #: what is live once the element is over
    after: dict[Key, frozenset[str]] = field(default_factory=dict)

    def at(self, process_id: str, element_id: str) -> frozenset[str]:
        return self.live.get((process_id, element_id), frozenset())

    def after_of(self, process_id: str, element_id: str) -> frozenset[str]:
        return self.after.get((process_id, element_id), frozenset())


def liveness_of(context: Context, procedure: Procedure) -> Liveness:
    graph = _Graph(context, procedure)
    live = dict.fromkeys(graph.reads, graph.awaited)
    changed = True
    while changed:
        changed = False
        for key, read in graph.reads.items():
            after = _union(live, graph.after[key]) - graph.sets[key]
            now = read | after | _union(live, graph.aside[key]) | graph.awaited
            if now != live[key]:
                live[key], changed = now, True
    later = {key: _union(live, then) | graph.awaited for key, then in graph.after.items()}
    return Liveness(live, later)


def _union(live: Mapping[Key, frozenset[str]], keys: list[Key]) -> frozenset[str]:
    return frozenset().union(*(live[key] for key in keys if key in live))


class _Graph:
    """What follows what, over calls and sub-processes; what each element reads and surely sets."""

    def __init__(self, context: Context, procedure: Procedure) -> None:
        self._context, self._procedure = context, procedure
        self.reads: dict[Key, frozenset[str]] = {}
        self.sets: dict[Key, frozenset[str]] = {}
        self.after: dict[Key, list[Key]] = {}
        self.aside: dict[Key, list[Key]] = {}
        #: what conditional events wait for: they hear of it wherever it is said
        self.awaited: frozenset[str] = frozenset()
        for diagram in context.used:
            for node in diagram.nodes.values():
                self._note(diagram, node)
            for read in reads(diagram):
                key = (diagram.process_id, read.by.id)
                self.reads[key] = self.reads[key] | names_of(read)
                self.awaited |= names_of(read) if read.waits else frozenset()
            for node in diagram.of_kind("businessRuleTask"):
                key = (diagram.process_id, node.id)
                self.reads[key] = self.reads[key] | asked_with(context, node)

    def _note(self, diagram: Diagram, node: Node) -> None:
        key = (diagram.process_id, node.id)
        self.reads[key] = self._of_timers(node)
        self.sets[key] = self._surely_set(diagram, node)
        self.after[key] = self._then(diagram, node)
        scope = [n for n in diagram.within(node.scope) if n.is_event_sub_process]
        beside = [*diagram.boundary.get(node.id, ()), *scope]
        self.aside[key] = [(diagram.process_id, each.id) for each in beside]

    def _then(self, diagram: Diagram, node: Node) -> list[Key]:
        inside: list[Key] = []
        if node.kind in SUB_PROCESSES:
            inside = [(diagram.process_id, each) for each in diagram.openings(node.id)]
        called = self._context.by_id.get(node.called) if node.kind == "callActivity" else None
        if called is not None:
            inside = [(called.process_id, each) for each in called.openings(called.process_id)]
        flows = [(diagram.process_id, flow.target) for flow in diagram.outgoing.get(node.id, ())]
        return inside + flows + (self._back(diagram, node) if node.kind == "endEvent" else [])

    def _back(self, diagram: Diagram, end: Node) -> list[Key]:
        """Where a token goes on when the scope of an end is over."""
        if end.scope in diagram.nodes:
            flows = diagram.outgoing.get(end.scope, ())
            return [(diagram.process_id, flow.target) for flow in flows]
        return [
            (caller.process_id, flow.target)
            for caller in self._context.used
            for call in caller.of_kind("callActivity")
            if call.called == diagram.process_id
            for flow in caller.outgoing.get(call.id, ())
        ]

    def _of_timers(self, node: Node) -> frozenset[str]:
        """What decides between the variants of a limit that the node asks for."""
        named = {node.held.get("due", "")}
        for time in node.element.iter(f"{BPMN}timeDate"):
            limit = LIMIT.fullmatch((time.text or "").strip())
            named |= {limit["name"]} if limit else set()
        variants = [v for v in self._procedure.limits.values() if v.replaces in named and v.when]
        return frozenset().union(*(v.when.names for v in variants if v.when is not None))

    def _surely_set(self, diagram: Diagram, node: Node) -> frozenset[str]:
        given = given_by(self._context, diagram, node)
        if node.kind != "userTask":
            return given if node.kind in ("serviceTask", "businessRuleTask") else frozenset()
        form = self._context.folder.forms.get(node.held.get("form", ""), {})
        return frozenset(
            name
            for name in given
            if name in form.get("required", ()) and "x-show-if" not in form["properties"][name]
        )
