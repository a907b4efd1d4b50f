"""Reads a procedure's folder; the only module that knows the folder's shape."""

import hashlib
import tomllib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.domain.errors import Invalid
from engine.domain.law import Laws, read_laws
from engine.runtime import entries
from engine.runtime.decision_task import DiagramParser
from engine.runtime.decisions import Decisions, read_decisions
from engine.runtime.drawing import Drawing, read_drawings
from engine.runtime.expressions import compile_expression
from engine.runtime.patches import install
from engine.runtime.procedure import Procedure, Runnable
from engine.runtime.xml import read_xml

SHARED = "common"
#: The table of laws that may be cited.
LAWS = f"{SHARED}/laws.toml"
#: What of a folder is part of a version; scenarios and read-me files only prove it.
KEPT = (".bpmn", ".dmn", ".json", ".toml", ".typ", ".svg")
NOT_KEPT = ("scenarios/", "calendars/", "training/", "editions/")
#: Folder of a procedure's later editions: each holds what it says otherwise.
EDITIONS = "editions"

Files = Mapping[str, bytes]
T = TypeVar("T")

install()


def procedure_keys(workflows: Path) -> tuple[str, ...]:
    """The folders that are procedures: those with a procedure.toml."""
    return tuple(sorted(p.parent.name for p in workflows.glob("*/procedure.toml")))


def editions(workflows: Path, key: str) -> tuple[str, ...]:
    """The later editions of a procedure by the names of their folders; '' is the first."""
    later = (workflows / key / EDITIONS).glob("*/procedure.toml")
    return ("", *sorted(path.parent.name for path in later))


def place_of(path: Path) -> tuple[Path, str, str]:
    """What a procedure's folder, or that of an edition, is: (workflows, key, edition)."""
    if path.parent.name == EDITIONS:
        return path.parents[2], path.parents[1].name, path.name
    return path.parent, path.name, ""


def read_folder(workflows: Path, key: str, edition: str = "") -> dict[str, bytes]:
    """The files of a procedure and of what it shares: name relative to workflows/ -> content.

    An edition takes over the files of the procedure's folder but those it has itself, and those
    that its procedure.toml names in `leaves_out`.
    """
    if not (workflows / key / "procedure.toml").is_file():
        raise Invalid(f"{key} 不是流程文件夹：缺 procedure.toml。", f"{key} has no procedure.toml")
    files = {
        path.relative_to(workflows).as_posix(): path.read_bytes()
        for folder in (key, SHARED)
        for path in sorted((workflows / folder).rglob("*"))
        if _is_kept(path.relative_to(workflows).as_posix())
    }
    return _edited(files, workflows / key / EDITIONS / edition, key) if edition else files


def _edited(files: Files, folder: Path, key: str) -> dict[str, bytes]:
    own = {
        f"{key}/{name}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if _is_kept(f"{key}/{(name := path.relative_to(folder).as_posix())}")
    }
    told = _toml(own, f"{key}/procedure.toml")
    left = {f"{key}/{name}" for name in told.get("leaves_out", ())}
    if unknown := left - files.keys():
        raise Invalid(f"leaves_out：没有 {unknown}。", f"leaves_out: there is no {unknown}")
    return {name: content for name, content in files.items() if name not in left} | own


def kept(files: Files) -> dict[str, bytes]:
    """Those of the files that are part of a version."""
    return {name: content for name, content in files.items() if _is_kept(name)}


def _is_kept(name: str) -> bool:
    inside = name.split("/", 1)[-1]
    return name.endswith(KEPT) and not inside.startswith(NOT_KEPT)


def digest(files: Files) -> str:
    """SHA-256 over names and contents: the identity of a version."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return total.hexdigest()


def pack(files: Files) -> bytes:
    return zlib.compress(orjson.dumps({k: b64encode(v).decode() for k, v in files.items()}))


def unpack(raw: bytes) -> dict[str, bytes]:
    stored = orjson.loads(zlib.decompress(raw))
    return {name: b64decode(content) for name, content in stored.items()}


def load(files: Files, key: str) -> Procedure:
    """A procedure in memory. Invalid with the file's name when the folder does not hold together."""
    told = _told(files, key)
    if told.get("key", key) != key:
        raise Invalid(f"procedure.toml 的 key 应为 {key}。", f"procedure.toml: key must be {key}")
    drawings, decisions, forms = _drawings(files), _decisions(files), _forms(files)
    return Procedure(
        key=key,
        prefix=told["prefix"],
        document_mark=told.get("document_mark", told["prefix"]),
        edition=str(told["edition"]),
        title=entries.words(told["title"]),
        summary=entries.words(told["summary"]),
        basis=tuple(told.get("basis", ())),
        effective_from=told["effective_from"],
        effective_to=entries.optional_date(told.get("effective_to")),
        applicants=frozenset(told.get("applicants", ())),
        record_kinds=entries.record_kinds(told.get("record_kinds", ())),
        filing=entries.filing(told.get("filing", {})),
        entrance=entries.entrance(told),
        given=dict(told.get("given", {})),
        lanes=dict(told.get("lanes", {})),
        letterhead=entries.letterhead(told.get("letterhead", {})),
        outcomes={k: entries.words(v) for k, v in told.get("outcomes", {}).items()},
        reconsidering=entries.reconsidering(told.get("reconsideration")),
        emergency=entries.emergency(told.get("emergency")),
        copies=entries.copies(told.get("copies")),
        follow_ups={
            k: entries.follow_up(k, v, drawings, forms)
            for k, v in told.get("follow_up", {}).items()
        },
        stages=tuple(entries.stage(entry) for entry in told["stages"]),
        limits=_each(told["limits"], entries.limit),
        clocks=_each(told["clocks"], entries.clock),
        grounds=_each(told.get("grounds", {}), entries.ground),
        commitments=_each(told.get("commitments", {}), entries.commitment),
        papers=tuple(entries.paper(p) for p in told.get("papers", ())),
        rules=told.get("rules", {}),
        forms=forms,
        drawings=drawings,
        runnables=_runnables(files, drawings, _begun(told, key)),
        decisions=decisions,
        files=files,
        variables=_variables(told, drawings) | _asked_with(drawings, decisions),
        laws=laws_of(files),
    )


def _each(told: Mapping[str, Any], read: Callable[[str, Any], T]) -> dict[str, T]:
    return {key: read(key, entry) for key, entry in told.items()}


def laws_of(files: Files) -> Laws:
    """The table of laws of a version; one without any cites what it likes.

    The law that an edition rests on and that ends with it stays the law of its open cases.
    """
    if LAWS not in files:
        return Laws()
    name = next((each for each in files if each.endswith("/procedure.toml")), "")
    return _laws(files[LAWS], name, files.get(name, b""))


@lru_cache(maxsize=64)
def _laws(table: bytes, name: str, procedure: bytes) -> Laws:
    """Read once for each version: every letter asks what it may cite."""
    laws = read_laws(_toml({LAWS: table}, LAWS))
    told = _toml({name: procedure}, name)
    return laws.kept_by(tuple(told.get("basis", ())), told.get("effective_to"))


#: What a procedure may leave to workflows/common/shared.toml, entry by entry.
LEFT_TO_SHARED = ("limits", "clocks", "outcomes", "grounds", "commitments", "rules")


def _told(files: Files, key: str) -> dict[str, Any]:
    """procedure.toml, with what it leaves to what all procedures share."""
    told, shared = _toml(files, f"{key}/procedure.toml"), f"{SHARED}/shared.toml"
    if shared in files:
        common = _toml(files, shared)
        for part in LEFT_TO_SHARED:
            told[part] = {**common.get(part, {}), **told.get(part, {})}
    return told


def _variables(told: Mapping[str, Any], drawings: Mapping[str, Drawing]) -> frozenset[str]:
    """What the conditions of diagrams and of limits read."""
    sources = (source for drawing in drawings.values() for _, source in drawing.expressions)
    conditions = (entries.condition(each) for each in told["limits"].values())
    read = (*map(compile_expression, sources), *filter(None, conditions))
    return frozenset().union(*(each.names for each in read))


def _asked_with(
    drawings: Mapping[str, Drawing], decisions: Mapping[str, Decisions]
) -> frozenset[str]:
    """What the decisions read that diagrams ask."""
    asked = frozenset().union(*(each.decisions for each in drawings.values()))
    known = (decisions[each].variables(each) for each in asked if each in decisions)
    return frozenset().union(*known)


def _toml(files: Files, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(files[name].decode())
    except KeyError:
        raise Invalid(f"缺文件 {name}。", f"{name} is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Invalid(f"{name} 无法读取：{problem}", f"{name}: {problem}") from None


def _named(files: Files, ending: str) -> Iterable[tuple[str, bytes]]:
    return ((name, raw) for name, raw in files.items() if name.endswith(ending))


def _forms(files: Files) -> dict[str, dict[str, Any]]:
    """By name; a procedure's own takes the place of a shared one."""
    forms: dict[str, dict[str, Any]] = {}
    for name, raw in sorted(_named(files, ".json"), key=lambda each: _is_own(each[0])):
        folder, _, filename = name.rpartition("/")
        if folder.endswith("/forms"):
            forms[filename.removesuffix(".json")] = _json(name, raw)
    return forms


def _is_own(name: str) -> bool:
    return not name.startswith(f"{SHARED}/")


def _json(name: str, raw: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise Invalid(f"{name} 不是合法的 JSON：{problem}", f"{name}: {problem}") from None
    if not isinstance(told, dict):
        raise Invalid(f"{name} 应为 JSON 对象。", f"{name} must be a JSON object")
    return told


def _decisions(files: Files) -> dict[str, Decisions]:
    read = (read_decisions(raw, name) for name, raw in _named(files, ".dmn"))
    return {decision_id: each for each in read for decision_id in each.ids}


def _drawings(files: Files) -> dict[str, Drawing]:
    drawings: dict[str, Drawing] = {}
    for name, raw in _named(files, ".bpmn"):
        for each in read_drawings(read_xml(raw, name), name, raw):
            if each.process_id in drawings:
                raise Invalid(
                    f"{name}：流程编号 {each.process_id} 重复。",
                    f"{name}: process id {each.process_id} is used twice",
                )
            drawings[each.process_id] = each
    return drawings


def _begun(told: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The main process, and those that follow-ups begin, whether a diagram calls them too or not."""
    return (key, *(str(e["process"]) for e in told.get("follow_up", {}).values() if "process" in e))


def _runnables(
    files: Files, drawings: Mapping[str, Drawing], begun: tuple[str, ...]
) -> dict[str, Runnable]:
    """Those that are begun, and every process that nothing calls (operations start them)."""
    key = begun[0]
    if key not in drawings:
        raise Invalid(f"没有流程 {key}。", f"no process has the id {key}")
    parser = DiagramParser()
    for name, raw in _named(files, ".bpmn"):
        parser.add_bpmn_xml(read_xml(raw, name).getroottree(), name)
    called = frozenset().union(*(each.calls for each in drawings.values()))
    try:
        return {
            each: Runnable(each, parser.get_spec(each), parser.get_subprocess_specs(each))
            for each in drawings
            if each in begun or each not in called
        }
    except ValidationException as problem:
        where = f"{problem.file_name or key}#{problem.id}"
        zh, en = f"{where} 无法读取：{problem}", f"{where}: {problem}"
        raise Invalid(zh, en, fields={where: str(problem)}) from problem
