"""Ids and names: present, unique, not taken for something else, and reading as they are."""

import unicodedata
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.domain.gate_report import Finding
from engine.runtime.gate.context import Context
from engine.runtime.gate.diagram import SUB_PROCESSES, Diagram, local
from engine.runtime.gate.places import place_of
from engine.runtime.gate.reading import BPMN, BPMN_NAMESPACE, SPIFF
from engine.runtime.gate.rules import Place, found

#: Categories of Unicode that nobody sees: controls, directions, private and unassigned signs.
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
LINE_BREAKS = frozenset("\n\r\t")


def check_ids(root: etree._Element, file: str) -> Iterator[Finding]:
    """Ids of one file. The engine looks elements up by id over the whole of it."""
    elements = [e for e in root.iter(f"{BPMN}*") if e.get("id")]
    times = Counter(e.get("id") for e in elements)
    for element in elements:
        if times[element.get("id")] > 1:
            yield found("id-doubled", place_of(element, file), id=element.get("id"))
    for operator in root.iter(f"{SPIFF}serviceTaskOperator", f"{SPIFF}parameter"):
        if times[operator.get("id")]:
            is_operator = local(operator) == "serviceTaskOperator"
            code = "operator-named-like-element" if is_operator else "parameter-named-like-element"
            yield found(code, place_of(operator, file), id=operator.get("id"))
    for element in root.iter(f"{{{BPMN_NAMESPACE}}}*"):
        if any(_is_unseen(sign) for sign in element.get("name") or ""):
            yield found("name-hides-characters", place_of(element, file))


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in UNSEEN and sign not in LINE_BREAKS


def check_names(diagram: Diagram) -> Iterator[Finding]:
    """Nodes without an id; names that people will miss."""
    for node in diagram.nodes.values():
        place = diagram.place(node)
        if not node.id:
            yield found("id-missing", Place(diagram.file, diagram.process_id, kind=node.kind))
        elif node.name and not node.held.get("name_en"):
            yield found("name-english-missing", place)
        elif not node.name and node.kind in ("userTask", "serviceTask", "receiveTask"):
            yield found("name-missing", place)


def check_process_ids(context: Context) -> Iterator[Finding]:
    """One id, one process: over the procedure's folder and common together."""
    seen: dict[str, Diagram] = {}
    for diagram in context.diagrams:
        other = seen.setdefault(diagram.process_id, diagram)
        if other is not diagram:
            place = diagram.place()
            yield found("process-id-doubled", place, id=diagram.process_id, other=other.file)
        for node in diagram.of_kind(*SUB_PROCESSES):
            other = seen.setdefault(node.id, diagram)
            if other is not diagram:
                yield found("id-doubled", diagram.place(node), id=node.id)
    if context.folder.key not in seen and not context.folder.unread:
        yield found("main-process-missing", Place(context.folder.key), key=context.folder.key)
