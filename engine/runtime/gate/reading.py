"""Bytes in, a document out: the files of a folder as the gate looks at them, and what is unreadable."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from lxml import etree

from engine.domain.gate_report import Finding
from engine.runtime.catalog import LAWS, LEFT_TO_SHARED, SHARED
from engine.runtime.gate.rules import Place, found
from engine.runtime.xml import XmlRefused, read_xml

Files = Mapping[str, bytes]

BPMN_NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN = f"{{{BPMN_NAMESPACE}}}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"


@dataclass
class Folder:
    """What could be read of a procedure's folder, before anything is believed of it.

    `told`: procedure.toml with what it leaves to common/shared.toml. Its own forms take the place
    of shared ones.
    """

    key: str
    files: Files
    told: dict[str, Any] = field(default_factory=dict)
    bpmn: dict[str, etree._Element] = field(default_factory=dict)
    dmn: dict[str, etree._Element] = field(default_factory=dict)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()

    @property
    def unread(self) -> set[str]:
        """Diagrams that are no XML: of what they hold nothing is known, so nothing is missed."""
        return {name for name in self.files if name.endswith(".bpmn")} - self.bpmn.keys()

    @property
    def letters(self) -> frozenset[str]:
        return frozenset(
            name.rpartition("/")[2].removesuffix(".typ")
            for name in self.files
            if name.endswith(".typ")
        )

    def table(self, name: str) -> dict[str, Any]:
        """A table of procedure.toml; empty when it is none."""
        return _table(self.told, name)


def _table(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    held = told.get(name)
    return held if isinstance(held, dict) else {}


def read_folder(files: Files, key: str) -> tuple[Folder, list[Finding]]:
    """Every file read as far as it can be; what cannot is a finding."""
    folder, findings = Folder(key, files), list[Finding]()
    for name in sorted(files, key=lambda name: (not name.startswith(f"{SHARED}/"), name)):
        findings.extend(_read(folder, name, files[name]))
    folder.told, problems = _toml(files, f"{key}/procedure.toml")
    shared, more = _shared(files, f"{SHARED}/shared.toml")
    for part in LEFT_TO_SHARED:
        folder.told[part] = {**_table(shared, part), **folder.table(part)}
    departments, even_more = _shared(files, f"{SHARED}/departments.toml")
    folder.groups = frozenset(_table(departments, "groups"))
    _, faults = _shared(files, LAWS)
    return folder, [*findings, *problems, *more, *even_more, *faults]


def _read(folder: Folder, name: str, raw: bytes) -> Iterator[Finding]:
    try:
        if name.endswith(".bpmn"):
            folder.bpmn[name] = read_bpmn(raw, name)
        elif name.endswith(".dmn"):
            folder.dmn[name] = read_xml(raw, name)
        elif "/forms/" in name and name.endswith(".json"):
            folder.forms[name.rpartition("/")[2].removesuffix(".json")] = _form(raw)
    except XmlRefused as problem:
        yield found(f"xml-{problem.kind}", Place(name), why=problem.why, limit=problem.why)
    except _WrongRoot as problem:
        yield found("xml-wrong-root", Place(name), root=str(problem))
    except ValueError as problem:
        yield found("file-unreadable", Place(name), why=str(problem))


class _WrongRoot(ValueError):
    pass


def read_bpmn(raw: bytes, name: str) -> etree._Element:
    """The root of a BPMN file. XmlRefused or ValueError for anything else."""
    root = read_xml(raw, name)
    if root.tag != f"{BPMN}definitions":
        raise _WrongRoot(root.tag)
    return root


def _form(raw: bytes) -> dict[str, Any]:
    told = orjson.loads(raw)
    if not isinstance(told, dict):
        raise ValueError("not a JSON object")
    return told


def _shared(files: Files, name: str) -> tuple[dict[str, Any], list[Finding]]:
    """A file that may be missing."""
    return _toml(files, name) if name in files else ({}, [])


def read_told(files: Files, name: str) -> dict[str, Any]:
    """A TOML file; empty where it is none, which is said elsewhere."""
    return _toml(files, name)[0]


def _toml(files: Files, name: str) -> tuple[dict[str, Any], list[Finding]]:
    if name not in files:
        return {}, [found("file-missing", Place(name))]
    try:
        return tomllib.loads(files[name].decode()), []
    except ValueError as problem:  # not TOML, or not UTF-8
        return {}, [found("file-unreadable", Place(name), why=str(problem))]
