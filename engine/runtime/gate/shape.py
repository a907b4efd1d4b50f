"""The shape of a whole process: where it begins, that it ends, and that no circle runs for ever."""

from collections.abc import Iterator

from engine.domain.gate_report import Finding
from engine.runtime.gate.allowed import REFUSED
from engine.runtime.gate.diagram import Diagram, Node, circles, reached_from
from engine.runtime.gate.rules import Place, found

#: What may have an event on its edge: everything at which a case rests, or that may hold a wait.
BOUNDED = frozenset({"userTask", "receiveTask", "callActivity", "subProcess"})
MOST_NODES, MOST_PROCESSES = 500, 100


def check_processes(diagrams: list[Diagram]) -> Iterator[Finding]:
    """Pools and executability, file by file; what is too large to be looked at any further."""
    if len(diagrams) > MOST_PROCESSES:
        limit = (f"一个文件夹 {MOST_PROCESSES} 个流程", f"{MOST_PROCESSES} processes a folder")
        yield found("xml-too-large", Place(diagrams[0].file), limit=limit)
        return
    for file in dict.fromkeys(diagram.file for diagram in diagrams):
        inside = [diagram for diagram in diagrams if diagram.file == file]
        if len(inside) > 1:
            yield found("pools-several", Place(file), count=len(inside))
    for diagram in diagrams:
        if diagram.element.get("isExecutable") not in ("true", "1"):
            yield found("not-executable", diagram.place())
        if len(diagram.nodes) > MOST_NODES:
            limit = (f"一个流程 {MOST_NODES} 个元素", f"{MOST_NODES} elements a process")
            yield found("xml-too-large", diagram.place(), limit=limit)


def check_shape(diagram: Diagram) -> Iterator[Finding]:
    for scope in diagram.scopes:
        yield from _begins_and_ends(diagram, scope)
    for node in diagram.nodes.values():
        yield from _misplaced(diagram, node)
    yield from _reach(diagram)
    yield from _inclusive_joins(diagram)


def _begins_and_ends(diagram: Diagram, scope: str) -> Iterator[Finding]:
    around = diagram.nodes.get(scope)
    if around is not None and around.kind in REFUSED:
        return
    place, starts = diagram.place(around), diagram.starts(scope)
    if around is not None and around.is_event_sub_process:
        if len(starts) != 1 or starts[0].trigger_kinds == ():
            yield found("event-sub-process-start", place)
        if diagram.outgoing.get(scope) or diagram.incoming.get(scope):
            yield found("event-sub-process-connected", place)
    elif not starts:
        yield found("start-missing", place)
    elif len(starts) > 1:
        yield found("start-several", place, count=len(starts))
    if not any(node.kind == "endEvent" for node in diagram.within(scope)):
        yield found("end-missing", place)


def _misplaced(diagram: Diagram, node: Node) -> Iterator[Finding]:
    place = diagram.place(node)
    if node.kind == "startEvent" and diagram.incoming.get(node.id):
        yield found("start-entered", place)
    if node.kind == "endEvent" and diagram.outgoing.get(node.id):
        yield found("end-left", place)
    if node.kind == "boundaryEvent":
        if diagram.incoming.get(node.id):
            yield found("boundary-entered", place)
        holder = diagram.nodes.get(node.attached_to)
        if holder is None or holder.kind not in BOUNDED or holder.is_event_sub_process:
            yield found("boundary-nowhere", place, ref=node.attached_to)


def _reach(diagram: Diagram) -> Iterator[Finding]:
    begun = reached_from(diagram.openings(diagram.process_id), diagram.after)
    ending = _ending(diagram)
    for node in diagram.nodes.values():
        if node.id not in begun:
            yield found("unreachable", diagram.place(node))
        elif node.id not in ending and not node.is_event_sub_process:
            yield found("no-way-to-end", diagram.place(node))


def _ending(diagram: Diagram) -> set[str]:
    """From where the end of its own level can be reached."""
    before: dict[str, list[str]] = {}
    for flow in diagram.flows:
        before.setdefault(flow.target, []).append(flow.source)
    for node in diagram.of_kind("boundaryEvent"):
        before.setdefault(node.id, []).append(node.attached_to)
    ends = [node.id for node in diagram.of_kind("endEvent")]
    return reached_from(ends, lambda node_id: before.get(node_id, ()))


def _inclusive_joins(diagram: Diagram) -> Iterator[Finding]:
    for circle in circles(list(diagram.nodes), diagram.after):
        for node_id in circle:
            node = diagram.nodes[node_id]
            if node.kind == "inclusiveGateway" and len(diagram.incoming.get(node_id, ())) > 1:
                yield found("inclusive-join-in-loop", diagram.place(node))
