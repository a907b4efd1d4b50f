"""The XML schemas of BPMN 2.0 and DMN 1.1 to 1.3, as SpiffWorkflow ships them."""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator
from SpiffWorkflow.dmn.parser.BpmnDmnParser import SCHEMAS

#: Faults told of one file: who has mended these sees the next.
MOST_FAULTS = 50


@cache
def _bpmn() -> etree.XMLSchema:
    schema: etree.XMLSchema = BpmnValidator().validator
    return schema


@cache
def _dmn(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))


def bpmn_faults(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """(element, what the schema says of it), in the order of the file."""
    return _faults(_bpmn(), root)


def dmn_faults(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The same for DMN 1.1 to 1.3; other editions are left to the evaluator's own reader."""
    path = SCHEMAS.get(etree.QName(root).namespace or "")
    return _faults(_dmn(path), root) if path else iter(())


def _faults(schema: etree.XMLSchema, root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    if schema.validate(root):
        return
    log: Any = schema.error_log  # the stubs of lxml know no way to read it
    prefixes = {p: n for e in root.iter(etree.Element) for p, n in e.nsmap.items() if p}
    for entry in islice(log, MOST_FAULTS):
        yield _at(root, entry.path, prefixes), _plain(entry.message)


def _at(root: etree._Element, path: str | None, prefixes: dict[str, str]) -> etree._Element:
    """What a path of the log leads to; the root where prefixes are mixed up beyond telling."""
    try:
        where = root.getroottree().xpath(path, namespaces=prefixes) if path else []
    except etree.XPathError:
        return root
    found = where[0] if isinstance(where, list) and where else root
    return found if isinstance(found, etree._Element) else root


def _plain(message: str) -> str:
    """Without the namespaces that lxml writes before every name."""
    parts = message.split("{")
    return parts[0] + "".join(part.partition("}")[2] or part for part in parts[1:])
