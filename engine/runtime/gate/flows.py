"""Sequence flows and gateways: connected, decidable, and none of their conditions ignored."""

from collections.abc import Iterator

from engine.domain.errors import EngineError
from engine.domain.gate_report import Finding
from engine.runtime.expressions import compile_expression
from engine.runtime.gate.context import reads
from engine.runtime.gate.diagram import Diagram, Flow, Node
from engine.runtime.gate.rules import found

#: Gateways that look at the conditions of their flows.
DECIDING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check_flows(diagram: Diagram) -> Iterator[Finding]:
    pairs: set[tuple[str, str]] = set()
    for flow in diagram.flows:
        place = diagram.at(flow)
        ends = [diagram.nodes.get(flow.source), diagram.nodes.get(flow.target)]
        source, target = ends
        if source is None or target is None:
            yield found("flow-dangling", place, ref=flow.source if source is None else flow.target)
        elif source.scope != flow.scope or target.scope != flow.scope:
            yield found("flow-crosses-sub-process", place)
        elif flow.condition is not None and source.kind not in DECIDING:
            yield found("flow-condition-ignored", place, source=source.name or source.id)
        if (flow.source, flow.target) in pairs:
            yield found("flow-doubled", place, source=flow.source, target=flow.target)
        pairs.add((flow.source, flow.target))


def check_gateways(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        flows = diagram.outgoing.get(node.id, [])
        if not node.kind.endswith("Gateway"):
            if len(flows) > 1:
                yield found("fork-implicit", diagram.place(node), count=len(flows))
            continue
        if not flows:
            yield found("gateway-without-way", diagram.place(node))
        elif node.kind in DECIDING:
            yield from _deciding(diagram, node, flows)
        if node.kind == "eventBasedGateway":
            yield from _event_based(diagram, node, flows)


def _deciding(diagram: Diagram, node: Node, flows: list[Flow]) -> Iterator[Finding]:
    decides = len(flows) > 1 or flows[0].condition is not None
    default = next((flow for flow in flows if flow.id == node.default), None)
    if node.default and default is None:
        yield found("gateway-default-wrong", diagram.place(node), ref=node.default)
    elif decides and default is None:
        yield found("gateway-without-default", diagram.place(node))
    if default is not None and default.condition is not None:
        yield found("flow-default-conditioned", diagram.at(default))
    for flow in flows if len(flows) > 1 else ():
        if flow.condition is None and flow is not default:
            yield found("flow-condition-missing", diagram.at(flow))
        if not flow.name:
            yield found("flow-unnamed", diagram.at(flow))


def _event_based(diagram: Diagram, node: Node, flows: list[Flow]) -> Iterator[Finding]:
    place, targets = diagram.place(node), [diagram.nodes.get(flow.target) for flow in flows]
    timers = [t for t in targets if t is not None and "timerEventDefinition" in t.trigger_kinds]
    if len(timers) > 1:
        yield found("event-gateway-timers", place, count=len(timers))
    if len(flows) < 2:
        yield found("event-gateway-single", place)
    for target in targets:
        if target is None:
            continue
        is_event = target.kind in ("intermediateCatchEvent", "receiveTask")
        if not is_event or len(diagram.incoming[target.id]) > 1 or target.id in diagram.boundary:
            yield found("event-gateway-target", place, target=target.name or target.id)


def check_expressions(diagram: Diagram) -> Iterator[Finding]:
    """Conditions and parameters: the whitelist of engine/runtime/expressions.py."""
    for read in reads(diagram):
        place = diagram.place(read.by) if read.flow is None else diagram.at(read.flow)
        try:
            compile_expression(read.source)
        except EngineError as problem:
            why = (str(problem), problem.english)
            yield found("expression-refused", place, source=read.source, why=why)
