"""Every element, event, attribute and extension against the allow-list: never ignored."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.domain.gate_report import Finding
from engine.runtime.drawing import FLOW_NODES
from engine.runtime.gate.allowed import (
    ATTRIBUTES,
    CARRIED,
    EVERYWHERE,
    EXTENSION_ATTRIBUTES,
    EXTENSIONS,
    FOR_PEOPLE,
    HARMLESS,
    LOOKS,
    PROPERTIES,
    QUANTITIES,
    READ,
    REFUSED,
    REFUSED_ELEMENTS,
    REFUSED_TRIGGERS,
    SCRIPTS,
    TRIGGERS,
    XSI,
)
from engine.runtime.gate.diagram import Diagram, Node, local
from engine.runtime.gate.places import place_of
from engine.runtime.gate.reading import BPMN_NAMESPACE, SPIFF
from engine.runtime.gate.rules import found

SPIFF_NAMESPACE = SPIFF.strip("{}")


def check_file(root: etree._Element, file: str) -> Iterator[Finding]:
    """All that stands in a file, whether or not it belongs to a process."""
    for element in root.iter(etree.Element):
        namespace = etree.QName(element).namespace or ""
        if namespace in LOOKS:
            continue
        if namespace == BPMN_NAMESPACE:
            yield from _element(element, file)
            yield from _attributes(element, file)
        elif namespace == SPIFF_NAMESPACE:
            yield from _extension(element, file)
        else:
            yield found("extension-unknown", place_of(element, file), name=_prefixed(element))


def _element(element: etree._Element, file: str) -> Iterator[Finding]:
    kind = local(element)
    if kind in FLOW_NODES or kind in READ or kind in FOR_PEOPLE:
        return
    if kind in REFUSED_ELEMENTS:
        yield found(REFUSED_ELEMENTS[kind], place_of(element, file), kind=kind)
    elif not kind.endswith("EventDefinition") and not _is_inside_refused(element):
        code = REFUSED.get(kind, "element-unsupported")
        yield found(code, place_of(element, file), kind=kind, definition=kind)


def _is_inside_refused(element: etree._Element) -> bool:
    """Whether it is a part of something that is refused as a whole."""
    around = {local(each) for each in element.iterancestors(f"{{{BPMN_NAMESPACE}}}*")}
    return any(k in REFUSED or k in REFUSED_ELEMENTS or k in REFUSED_TRIGGERS for k in around)


def _attributes(element: etree._Element, file: str) -> Iterator[Finding]:
    kind = local(element)
    known = ATTRIBUTES.get(kind, frozenset())
    if kind in REFUSED or kind in REFUSED_ELEMENTS:
        return
    for name, value in attributes_of(element):
        place = place_of(element, file)
        if name.startswith("{"):
            if not name.startswith(XSI) and name[1:].partition("}")[0] not in LOOKS:
                yield found("attribute-foreign", place, name=name.partition("}")[2])
        elif name in {"id", "name"} | known or (name, value) in HARMLESS:
            continue
        elif name in QUANTITIES:
            yield found("token-quantity", place, name=name, value=value)
        elif (name, value) == ("isForCompensation", "true"):
            yield found("compensation", place)
        else:
            yield found("attribute-unsupported", place, name=name, value=value)


def attributes_of(element: etree._Element) -> list[tuple[str, str]]:
    return sorted((str(name), str(value)) for name, value in element.attrib.items())


def _extension(element: etree._Element, file: str) -> Iterator[Finding]:
    name, place = local(element), place_of(element, file)
    if name in SCRIPTS:
        yield found("script-in-extension", place, name=name)
    elif name not in EXTENSION_ATTRIBUTES or not _is_at_home(element):
        if not _is_inside_unknown(element):
            yield found("extension-unknown", place, name=f"spiffworkflow:{name}")
    else:
        for attribute, value in attributes_of(element):
            if attribute not in EXTENSION_ATTRIBUTES[name]:
                yield found("attribute-unsupported", place, name=attribute, value=value)
        if name == "properties":
            yield from _properties(element, file)


def _is_at_home(element: etree._Element) -> bool:
    """Whether an extension hangs on an element that reads it."""
    around, name = element.getparent(), local(element)
    if around is None or name not in EXTENSIONS:
        return around is not None and local(around) in (
            "properties",
            "parameters",
            "serviceTaskOperator",
        )
    holder = around.getparent()
    homes = EXTENSIONS[name]
    return not homes or (holder is not None and local(holder) in homes)


def _is_inside_unknown(element: etree._Element) -> bool:
    around = element.getparent()
    return (
        around is not None
        and etree.QName(around).namespace == SPIFF_NAMESPACE
        and local(around) not in EXTENSION_ATTRIBUTES
    )


def _properties(element: etree._Element, file: str) -> Iterator[Finding]:
    around = element.getparent()
    holder = around.getparent() if around is not None else None
    kind = local(holder) if holder is not None else ""
    known = PROPERTIES.get(kind, EVERYWHERE)
    names = [each.get("name") or "" for each in element.iterchildren(f"{SPIFF}property")]
    for name, count in Counter(names).items():
        if name not in known:
            told = ", ".join(sorted(known))
            yield found("property-unknown", place_of(element, file), name=name, known=told)
        elif count > 1:
            yield found("property-doubled", place_of(element, file), name=name)


def _prefixed(element: etree._Element) -> str:
    return f"{element.prefix}:{local(element)}" if element.prefix else local(element)


def check_kinds(diagram: Diagram) -> Iterator[Finding]:
    """Flow nodes and their triggers."""
    for node in diagram.nodes.values():
        place = diagram.place(node)
        if node.kind not in CARRIED:
            code = REFUSED.get(node.kind, "element-unsupported")
            yield from _refused(diagram, node, code)
        elif len(node.triggers) > 1:
            yield found("event-several", place, count=len(node.triggers))
        else:
            yield from _trigger(diagram, node)


def _refused(diagram: Diagram, node: Node, code: str) -> Iterator[Finding]:
    told = [REFUSED_TRIGGERS[each] for each in node.trigger_kinds if each in REFUSED_TRIGGERS]
    definition = ", ".join(node.trigger_kinds) or "none"
    code = told[0] if told else code
    yield found(code, diagram.place(node), kind=node.kind, definition=definition)


def _trigger(diagram: Diagram, node: Node) -> Iterator[Finding]:
    context = node.kind
    around = diagram.nodes.get(node.scope)
    if context == "startEvent" and around is not None and around.is_event_sub_process:
        context = "eventSubProcess"
    if context not in TRIGGERS:
        return
    trigger = node.trigger_kinds[0] if node.triggers else "none"
    if trigger in TRIGGERS[context]:
        return
    place, allowed = diagram.place(node), ", ".join(TRIGGERS[context])
    if trigger in REFUSED_TRIGGERS:
        yield found(REFUSED_TRIGGERS[trigger], place)
    elif (node.kind, trigger) == ("endEvent", "signalEventDefinition"):
        yield found("signal-end", place)
    elif node.kind in ("endEvent", "intermediateThrowEvent"):
        yield found("throwing-event", place, definition=trigger)
    else:
        yield found("event-unsupported", place, definition=trigger, allowed=allowed)
