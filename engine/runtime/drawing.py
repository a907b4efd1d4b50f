"""What a BPMN file says beyond what SpiffWorkflow keeps: groups, limits, sentences, flows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.domain.words import Words

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"

#: Kinds of element at which a case rests.
WAITS = frozenset({"userTask", "manualTask", "receiveTask", "eventBasedGateway"})
FLOW_NODES = WAITS | {
    "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent",
    "serviceTask", "callActivity", "subProcess", "exclusiveGateway", "parallelGateway",
    "inclusiveGateway", "businessRuleTask", "task", "scriptTask", "sendTask", "complexGateway",
    "adHocSubProcess", "transaction",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Element:
    """One drawn element with the extension properties of workflows/README.md."""

    id: str
    process_id: str
    kind: str
    title: Words
    group: str | None
    properties: Mapping[str, str]
    operation: str | None
    attached_to: str | None

    @property
    def form(self) -> str | None:
        return self.properties.get("form")

    @property
    def due(self) -> str | None:
        return self.properties.get("due")

    @property
    def clock(self) -> str | None:
        return self.properties.get("clock")

    @property
    def whose(self) -> str:
        return self.properties.get("whose", "office")

    @property
    def stage(self) -> str | None:
        return self.properties.get("stage")

    @property
    def waiting(self) -> Words:
        zh = self.properties.get("waiting", f"等待{self.title.zh}")
        return Words(zh, self.properties.get("waiting_en", ""))

    @property
    def other_than(self) -> tuple[str, ...]:
        named = self.properties.get("other_than", "")
        return tuple(part.strip() for part in named.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Drawing:
    """One BPMN process: its file, its elements, its sequence flows by (source, target)."""

    process_id: str
    title: Words
    filename: str
    xml: bytes
    elements: Mapping[str, Element]
    flows: Mapping[tuple[str, str], str]
    calls: frozenset[str]
    expressions: tuple[tuple[str, str], ...]  # (element id, source)
    decisions: frozenset[str]  # ids of the decisions that its tasks ask
    messages: frozenset[str]


def read_drawings(root: etree._Element, filename: str, raw: bytes) -> tuple[Drawing, ...]:
    """Every process of one BPMN file."""
    return tuple(_drawing(process, filename, raw) for process in root.iterfind(f"{BPMN}process"))


def _drawing(process: etree._Element, filename: str, raw: bytes) -> Drawing:
    process_id = process.get("id") or ""
    groups = dict(_groups(process))
    nodes = [n for n in process.iter(f"{BPMN}*") if etree.QName(n).localname in FLOW_NODES]
    elements = {e.id: e for e in (_element(n, process_id, _group_of(n, groups)) for n in nodes)}
    flows = {
        (f.get("sourceRef") or "", f.get("targetRef") or ""): f.get("id") or ""
        for f in process.iter(f"{BPMN}sequenceFlow")
    }
    held = properties(process)
    root = process.getroottree().getroot()
    return Drawing(
        process_id=process_id,
        title=Words(process.get("name") or process_id, held.get("name_en", "")),
        filename=filename,
        xml=raw,
        elements=elements,
        flows=flows,
        calls=frozenset(n.get("calledElement") or "" for n in process.iter(f"{BPMN}callActivity")),
        expressions=tuple(_expressions(process)),
        decisions=frozenset(map(called_decision, process.iter(f"{BPMN}businessRuleTask"))),
        messages=frozenset(m.get("name") or "" for m in root.iterfind(f"{BPMN}message")),
    )


def _groups(process: etree._Element) -> Iterator[tuple[str, str]]:
    for lane in process.iter(f"{BPMN}lane"):
        group = properties(lane).get("group")
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            if group and reference.text:
                yield reference.text.strip(), group


def _group_of(node: etree._Element, groups: Mapping[str, str]) -> str | None:
    """The group of the lane it stands in; inside a sub-process, that of the sub-process."""
    around = (node, *node.iterancestors())
    found = (groups.get(each.get("id") or "") for each in around)
    return next((group for group in found if group), None)


def _element(node: etree._Element, process_id: str, group: str | None) -> Element:
    held = properties(node)
    operator = node.find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")
    identifier = node.get("id") or ""
    return Element(
        id=identifier,
        process_id=process_id,
        kind=etree.QName(node).localname,
        title=Words(node.get("name") or identifier, held.get("name_en", "")),
        group=group,
        properties=held,
        operation=None if operator is None else operator.get("id"),
        attached_to=node.get("attachedToRef"),
    )


def properties(node: etree._Element) -> dict[str, str]:
    """The spiffworkflow:properties of an element."""
    path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
    return {p.get("name") or "": p.get("value") or "" for p in node.iterfind(path)}


def called_decision(node: etree._Element) -> str:
    """The id of the decision that a business rule task asks; empty where it names none."""
    told = node.findtext(f"{BPMN}extensionElements/{SPIFF}calledDecisionId") or ""
    return str(told).strip()


def _expressions(process: etree._Element) -> Iterator[tuple[str, str]]:
    """(element id, source) of every condition, timer and operation parameter."""
    written = ("conditionExpression", "condition", "timeDate", "timeDuration", "timeCycle")
    for node in process.iter(*(f"{BPMN}{kind}" for kind in written)):
        yield _owner(node), (node.text or "").strip()
    for parameter in process.iter(f"{SPIFF}parameter"):
        yield _owner(parameter), (parameter.get("value") or "").strip()


def _owner(node: etree._Element) -> str:
    named: etree._Element | None = node
    while named is not None:
        kind = etree.QName(named).localname
        if kind in FLOW_NODES or kind == "sequenceFlow":
            return named.get("id") or ""
        named = named.getparent()
    return ""
