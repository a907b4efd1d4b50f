"""A drawn process as a graph: nodes, flows, what follows what, and where its circles are."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from engine.runtime.drawing import FLOW_NODES, called_decision, properties
from engine.runtime.gate.reading import BPMN, SPIFF, Folder
from engine.runtime.gate.rules import Place

SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
THROWN = frozenset({"errorEventDefinition", "escalationEventDefinition"})
TIMES = ("timeDate", "timeDuration", "timeCycle")


@dataclass(frozen=True)
class Node:
    """A flow node. `scope`: the process or sub-process that it stands in."""

    id: str
    kind: str
    name: str
    scope: str
    element: etree._Element
    held: Mapping[str, str]  # its properties
    triggers: tuple[etree._Element, ...] = ()

    @property
    def attached_to(self) -> str:
        return self.element.get("attachedToRef") or ""

    @property
    def is_interrupting(self) -> bool:
        return self.element.get("cancelActivity", "true") != "false"

    @property
    def is_event_sub_process(self) -> bool:
        return self.element.get("triggeredByEvent") == "true"

    @property
    def called(self) -> str:
        return self.element.get("calledElement") or ""

    @property
    def default(self) -> str:
        return self.element.get("default") or ""

    @property
    def trigger_kinds(self) -> tuple[str, ...]:
        return tuple(local(each) for each in self.triggers)

    @property
    def operator(self) -> etree._Element | None:
        return self.element.find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")

    @property
    def is_ending_all(self) -> bool:
        """Whether a token here ends its whole scope: what is open beside it is over, too."""
        told = self.trigger_kinds
        return "terminateEventDefinition" in told or (
            self.kind == "endEvent" and "errorEventDefinition" in told
        )

    @property
    def is_throwing(self) -> bool:
        """Whether a token here throws an error or an escalation outwards."""
        return self.kind in ("endEvent", "intermediateThrowEvent") and any(
            each in THROWN for each in self.trigger_kinds
        )

    @property
    def is_conditional(self) -> bool:
        return "conditionalEventDefinition" in self.trigger_kinds

    @property
    def decision(self) -> str:
        """The id of the decision that a business rule task asks."""
        return called_decision(self.element) if self.kind == "businessRuleTask" else ""


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    name: str
    scope: str
    condition: str | None
    element: etree._Element


@dataclass
class Diagram:
    """One process of one file."""

    file: str
    process_id: str
    element: etree._Element
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    lanes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # node id -> lane ids
    lane_groups: dict[str, str] = field(default_factory=dict)

    def place(self, node: Node | None = None) -> Place:
        if node is None:
            name = self.element.get("name") or self.process_id
            return Place(self.file, self.process_id, self.process_id, name, "process")
        return Place(self.file, self.process_id, node.id, node.name, node.kind)

    def at(self, flow: Flow) -> Place:
        name = flow.name or f"{flow.source} → {flow.target}"
        return Place(self.file, self.process_id, flow.id, name, "sequenceFlow")

    def of_kind(self, *kinds: str) -> Iterator[Node]:
        return (node for node in self.nodes.values() if node.kind in kinds)

    def within(self, scope: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.scope == scope]

    @property
    def scopes(self) -> list[str]:
        """The process, then its sub-processes."""
        inner = [node.id for node in self.nodes.values() if node.kind in SUB_PROCESSES]
        return [self.process_id, *inner]

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        return _by(self.flows, lambda flow: flow.source)

    @cached_property
    def incoming(self) -> dict[str, list[Flow]]:
        return _by(self.flows, lambda flow: flow.target)

    @cached_property
    def boundary(self) -> dict[str, list[Node]]:
        """Boundary events by what they sit on."""
        found: dict[str, list[Node]] = {}
        for node in self.of_kind("boundaryEvent"):
            found.setdefault(node.attached_to, []).append(node)
        return found

    def starts(self, scope: str) -> list[Node]:
        return [node for node in self.within(scope) if node.kind == "startEvent"]

    def after(self, node_id: str) -> list[str]:
        """What a token at a node can come to: by a flow, an event on its edge, or going inside."""
        found = [flow.target for flow in self.outgoing.get(node_id, ())]
        found += [node.id for node in self.boundary.get(node_id, ())]
        node = self.nodes.get(node_id)
        if node is not None and node.kind in SUB_PROCESSES:
            found += self.openings(node_id)
        return [each for each in found if each in self.nodes]

    def openings(self, scope: str) -> list[str]:
        """Where a scope begins: its start events, and its event sub-processes."""
        starts = [node.id for node in self.starts(scope)]
        return starts + [n.id for n in self.within(scope) if n.is_event_sub_process]

    def wait_before(self, node: Node) -> bool:
        """Whether an event stands behind an event-based gateway, which waits in its place."""
        flows = self.incoming.get(node.id, ())
        sources = [self.nodes[flow.source] for flow in flows if flow.source in self.nodes]
        return any(source.kind == "eventBasedGateway" for source in sources)

    def is_wait(self, node: Node) -> bool:
        """Whether a case rests at this node."""
        if node.kind == "intermediateCatchEvent":
            return not self.wait_before(node)
        return node.kind in ("userTask", "receiveTask", "eventBasedGateway")


def _by(flows: Iterable[Flow], key: Callable[[Flow], str]) -> dict[str, list[Flow]]:
    found: dict[str, list[Flow]] = {}
    for flow in flows:
        found.setdefault(key(flow), []).append(flow)
    return found


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def read_diagrams(folder: Folder) -> list[Diagram]:
    """Every process of every file; of two with one id both."""
    return [
        _diagram(process, name)
        for name, root in folder.bpmn.items()
        for process in root.iterfind(f"{BPMN}process")
    ]


def _diagram(process: etree._Element, file: str) -> Diagram:
    diagram = Diagram(file, process.get("id") or "", process)
    _read_scope(diagram, process, diagram.process_id)
    for lane in process.iter(f"{BPMN}lane"):
        lane_id = lane.get("id") or ""
        diagram.lane_groups[lane_id] = properties(lane).get("group", "")
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            node_id = (reference.text or "").strip()
            diagram.lanes[node_id] = (*diagram.lanes.get(node_id, ()), lane_id)
    return diagram


def _read_scope(diagram: Diagram, around: etree._Element, scope: str) -> None:
    for child in around.iterchildren(f"{BPMN}*"):
        kind, node_id = local(child), child.get("id") or ""
        if kind == "sequenceFlow":
            diagram.flows.append(_flow(child, scope))
        elif kind in FLOW_NODES and node_id not in diagram.nodes:
            diagram.nodes[node_id] = Node(
                id=node_id,
                kind=kind,
                name=child.get("name") or "",
                scope=scope,
                element=child,
                held=properties(child),
                triggers=tuple(e for e in child.iterchildren(f"{BPMN}*") if _is_trigger(e)),
            )
            if kind in SUB_PROCESSES:
                _read_scope(diagram, child, node_id)


def _is_trigger(element: etree._Element) -> bool:
    return local(element).endswith("EventDefinition") or local(element) == "eventDefinitionRef"


def _flow(element: etree._Element, scope: str) -> Flow:
    said = element.find(f"{BPMN}conditionExpression")
    return Flow(
        id=element.get("id") or "",
        source=element.get("sourceRef") or "",
        target=element.get("targetRef") or "",
        name=element.get("name") or "",
        scope=scope,
        condition=None if said is None else (said.text or "").strip(),
        element=element,
    )


def reached_from(begin: Iterable[str], after: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that can be come to from there, what it begins with included."""
    reached, waiting = set[str](), list(begin)
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting.extend(after(here))
    return reached


def circles(nodes: Collection[str], after: Callable[[str], Iterable[str]]) -> list[tuple[str, ...]]:
    """The strongly connected parts with a circle in them, each in the order of `nodes`."""
    forward = {node: reached_from(after(node), after) for node in nodes}
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for node in nodes:
        if node in forward[node]:
            part = [other for other in nodes if other in forward[node] and node in forward[other]]
            found.setdefault(frozenset(part), tuple(part))
    return list(found.values())
