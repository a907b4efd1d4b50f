"""Where a case rests: who is asked, until when, on whose time, and with which form."""

from collections.abc import Iterator

from engine.domain.gate_report import Finding
from engine.runtime.catalog import SHARED
from engine.runtime.gate.allowed import WHOSE
from engine.runtime.gate.context import Context
from engine.runtime.gate.diagram import Diagram, Node
from engine.runtime.gate.reading import BPMN
from engine.runtime.gate.rules import Place, found

NEEDED = ("due", "clock", "whose", "waiting")


def check_lanes(context: Context, diagram: Diagram) -> Iterator[Finding]:
    known = context.vocabulary.groups | context.folder.groups
    for lane in diagram.element.iter(f"{BPMN}lane"):
        lane_id, name = lane.get("id") or "", lane.get("name") or ""
        place = Place(diagram.file, diagram.process_id, lane_id, name, "lane")
        group = diagram.lane_groups.get(lane_id, "")
        if not group:
            yield found("lane-without-group", place)
        elif group not in known:
            yield found("group-unknown", place, name=group)
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            node_id = (reference.text or "").strip()
            if node_id not in diagram.nodes:
                yield found("lane-ref-unknown", place, ref=node_id)
    for node_id, lanes in diagram.lanes.items():
        if len(lanes) > 1 and node_id in diagram.nodes:
            yield found("lane-twice", diagram.place(diagram.nodes[node_id]), ref=node_id)


def check_waits(context: Context, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        if diagram.is_wait(node):
            yield from _asked(context, diagram, node)
            yield from _known(context, diagram, node)
            yield from _said(diagram, node)
        if node.kind == "userTask":
            yield from _task(context, diagram, node)


def _asked(context: Context, diagram: Diagram, node: Node) -> Iterator[Finding]:
    lanes = diagram.lanes.get(_outermost(diagram, node), ())
    if not lanes:
        yield found("lane-missing", diagram.place(node))
        return
    group = diagram.lane_groups.get(lanes[0], "")
    if group and group not in context.vocabulary.groups | context.folder.groups:
        yield found("group-unknown", diagram.place(node), name=group)


def _outermost(diagram: Diagram, node: Node) -> str:
    """A wait inside a sub-process is in the lane of the sub-process, unless it has one itself."""
    while node.id not in diagram.lanes and node.scope in diagram.nodes:
        node = diagram.nodes[node.scope]
    return node.id


def _known(context: Context, diagram: Diagram, node: Node) -> Iterator[Finding]:
    place, folder = diagram.place(node), context.folder
    for name in NEEDED:
        if not node.held.get(name):
            yield found("property-missing", place, name=name)
    for name, code, known in (
        ("due", "limit-unknown", set(folder.table("limits"))),
        ("clock", "clock-unknown", set(folder.table("clocks"))),
        ("stage", "stage-unknown", _stages(context)),
    ):
        value = node.held.get(name)
        if value and value not in known:
            yield found(code, place, name=value, known=", ".join(sorted(known)))
    whose = node.held.get("whose")
    if whose and whose not in WHOSE:
        yield found("whose-unknown", place, value=whose, known=", ".join(WHOSE))


def _stages(context: Context) -> set[str]:
    told = context.folder.told.get("stages")
    stages = told if isinstance(told, list) else []
    return {str(each.get("key")) for each in stages if isinstance(each, dict)}


def _said(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if not node.held.get("waiting_en"):
        yield found("waiting-english-missing", diagram.place(node))
    if node.kind == "userTask" and not node.held.get("stage"):
        yield found("stage-missing", diagram.place(node))


def _task(context: Context, diagram: Diagram, node: Node) -> Iterator[Finding]:
    form = node.held.get("form", "")
    if form not in context.folder.forms:
        yield found("form-unknown", diagram.place(node), name=form or node.id)
    if diagram.file.startswith(f"{SHARED}/"):
        return  # a shared diagram names tasks of all the procedures that use it
    tasks = {each.id for other in context.used for each in other.of_kind("userTask")}
    for name in (part.strip() for part in node.held.get("other_than", "").split(",")):
        if name and name not in tasks:
            yield found("other-than-unknown", diagram.place(node), name=name)
