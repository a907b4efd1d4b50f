"""The place that a finding about some XML is said of: the element, or the nearest that has an id."""

from lxml import etree

from engine.runtime.gate.reading import BPMN, BPMN_NAMESPACE
from engine.runtime.gate.rules import Place

#: Parts of an element that no modeller would look for by their own ids.
_PARTS = ("EventDefinition", "Expression", "flowNodeRef", "LoopCharacteristics", "laneSet")


def place_of(element: etree._Element, file: str) -> Place:
    at: etree._Element | None = element
    while at is not None and not _is_named(at):
        at = at.getparent()
    if at is None:
        return Place(file)
    process = next(iter(at.iterancestors(f"{BPMN}process")), None)
    if at.tag == f"{BPMN}process":
        process = at
    process_id = "" if process is None else process.get("id") or ""
    kind = etree.QName(at).localname
    name = at.get("name") or ""
    if kind == "sequenceFlow" and not name:
        name = f"{at.get('sourceRef')} → {at.get('targetRef')}"
    return Place(file, process_id, at.get("id") or "", name, kind)


def _is_named(element: etree._Element) -> bool:
    name = etree.QName(element)
    return (
        name.namespace == BPMN_NAMESPACE
        and bool(element.get("id"))
        and not name.localname.endswith(_PARTS)
        and name.localname != "definitions"
    )
