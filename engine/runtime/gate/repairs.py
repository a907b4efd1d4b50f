"""What the gate mends by itself: always in the same way, and always said in the report."""

import re
from collections.abc import Iterator

from lxml import etree

from engine.domain.gate_report import Finding
from engine.runtime.gate.places import place_of
from engine.runtime.gate.reading import BPMN, Files, read_bpmn
from engine.runtime.gate.rules import Place, found
from engine.runtime.xml import XmlRefused

BOM = b"\xef\xbb\xbf"
UNQUOTED = {
    "timeDuration": re.compile(r"P(?=[\dT])[\d.YMDTHSW]*"),
    "timeCycle": re.compile(r"R\d*/([^/\s\"']+/)?P(?=[\dT])[\d.YMDTHSW]*"),
    "timeDate": re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[-+]\d\d:?\d\d)"),
}


def repair(files: Files) -> tuple[dict[str, bytes], list[Finding]]:
    """The files with their diagrams mended. What cannot be read is left for the gate to refuse.

    Deterministic, and mending what is mended changes nothing: a version keeps its hash.
    """
    mended, findings = dict(files), list[Finding]()
    for name, raw in sorted(files.items()):
        if not name.endswith(".bpmn"):
            continue
        try:
            root = read_bpmn(raw, name)
        except (XmlRefused, ValueError):
            continue
        here = [*_encoding(root, raw, name), *_mend(root, name)]
        if here:
            mended[name] = etree.tostring(
                root.getroottree(), xml_declaration=True, encoding="UTF-8"
            )
        findings += here
    return mended, findings


def _encoding(root: etree._Element, raw: bytes, name: str) -> Iterator[Finding]:
    declared = root.getroottree().docinfo.encoding or "UTF-8"
    if raw.startswith(BOM):
        declared = "UTF-8 (BOM)"
    if declared.upper() != "UTF-8":
        yield found("encoding-changed", Place(name), encoding=declared)


def _mend(root: etree._Element, name: str) -> Iterator[Finding]:
    used = {e.get("id") for e in root.iter(f"{BPMN}*") if e.get("id")}
    for node in list(root.iter(f"{BPMN}sequenceFlow", f"{BPMN}boundaryEvent")):
        if not node.get("id"):
            given = _free(_wanted(node), used)
            node.set("id", given)
            used.add(given)
            kind = etree.QName(node).localname
            code = "flow-id-given" if kind == "sequenceFlow" else "boundary-id-given"
            yield found(code, place_of(node, name), id=given)
    for time in root.iter(*(f"{BPMN}{kind}" for kind in UNQUOTED)):
        written = (time.text or "").strip()
        if UNQUOTED[etree.QName(time).localname].fullmatch(written):
            time.text = f'"{written}"'
            yield found("timer-quoted", place_of(time, name), source=written)


def _wanted(node: etree._Element) -> str:
    if etree.QName(node).localname == "sequenceFlow":
        return f"{node.get('sourceRef') or 'flow'}_to_{node.get('targetRef') or 'nowhere'}"
    told = [etree.QName(each).localname for each in node.iterchildren(f"{BPMN}*")]
    triggers = [each for each in told if each.endswith("EventDefinition")]
    trigger = triggers[0].removesuffix("EventDefinition") if triggers else "event"
    return f"{node.get('attachedToRef') or 'boundary'}_{trigger}"


def _free(wanted: str, used: set[str | None]) -> str:
    number, given = 1, wanted
    while given in used:
        number += 1
        given = f"{wanted}_{number}"
    return given
