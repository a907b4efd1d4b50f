"""All checks in their order: each group only where the one before left something to look at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.domain.errors import EngineError
from engine.domain.gate_report import Finding, Report, Severity, report_of
from engine.runtime import catalog
from engine.runtime.gate.asked import check_operations
from engine.runtime.gate.branches import check_side_branches
from engine.runtime.gate.citations import check_citations
from engine.runtime.gate.context import Context
from engine.runtime.gate.deciding import check_decision_tasks
from engine.runtime.gate.diagram import Diagram, read_diagrams
from engine.runtime.gate.elements import check_file, check_kinds
from engine.runtime.gate.events import check_events
from engine.runtime.gate.flows import check_expressions, check_flows, check_gateways
from engine.runtime.gate.forms import check_forms
from engine.runtime.gate.loops import Waits, check_calls, check_loops, check_recursion
from engine.runtime.gate.naming import check_ids, check_names, check_process_ids
from engine.runtime.gate.places import place_of
from engine.runtime.gate.reading import Files, Folder, read_folder
from engine.runtime.gate.repairs import repair
from engine.runtime.gate.rules import Place, found
from engine.runtime.gate.schemas import bpmn_faults
from engine.runtime.gate.shape import check_processes, check_shape
from engine.runtime.gate.simulation import simulate
from engine.runtime.gate.tables import check_decisions
from engine.runtime.gate.throwing import check_throws
from engine.runtime.gate.variables import check_variables
from engine.runtime.gate.vocabulary import Vocabulary
from engine.runtime.gate.waits import check_lanes, check_waits
from engine.runtime.procedure import Procedure


@dataclass(frozen=True, slots=True)
class Verdict:
    """The report; the files as they would be deployed; the procedure, unless it was refused."""

    report: Report
    files: dict[str, bytes]
    procedure: Procedure | None


def check(files: Files, key: str, vocabulary: Vocabulary) -> Report:
    """What may not be deployed, what a modeller should look at, what was mended."""
    return examine(files, key, vocabulary).report


def examine(files: Files, key: str, vocabulary: Vocabulary) -> Verdict:
    """The whole gate over a procedure's files (names relative to workflows/). Raises nothing."""
    mended, findings = repair(files)
    findings += drawn_findings(mended, key, vocabulary)
    if _refuses(findings):
        return Verdict(report_of(findings), mended, None)
    procedure, problems = _load(mended, key)
    if procedure is None:
        return Verdict(report_of(findings + problems), mended, None)
    folder, _ = read_folder(mended, key)
    walked, walks = simulate(Context(folder, read_diagrams(folder), vocabulary), procedure)
    return Verdict(report_of(findings + walked, walks), mended, procedure)


def drawn_findings(files: Files, key: str, vocabulary: Vocabulary) -> list[Finding]:
    """What can be said of the files without running anything."""
    folder, findings = read_folder(files, key)
    context = Context(folder, read_diagrams(folder), vocabulary)
    findings += check_processes(context.diagrams)
    if any(each.code == "xml-too-large" for each in findings):
        return findings  # the rest would take as long as its author likes
    findings += check_process_ids(context)
    for name, root in folder.bpmn.items():
        findings += check_ids(root, name)
        findings += check_file(root, name)
    for diagram in context.used:
        findings += _of_diagram(context, diagram)
    findings += check_calls(context)
    findings += _over_calls(context)
    findings += check_variables(context)
    findings += check_forms(folder)
    findings += check_decisions(folder)
    findings += check_citations(folder)
    return findings + list(_schema(folder, findings))


def _of_diagram(context: Context, diagram: Diagram) -> Iterator[Finding]:
    yield from check_kinds(diagram)
    yield from check_names(diagram)
    yield from check_flows(diagram)
    yield from check_gateways(diagram)
    yield from check_expressions(diagram)
    yield from check_shape(diagram)
    yield from check_events(context, diagram)
    yield from check_lanes(context, diagram)
    yield from check_waits(context, diagram)
    yield from check_operations(context, diagram)
    yield from check_throws(context, diagram)
    yield from check_decision_tasks(context, diagram)


def _over_calls(context: Context) -> Iterator[Finding]:
    recursion = list(check_recursion(context))
    yield from recursion
    if recursion:
        return  # what a process that never begins would pass or outlive cannot be told
    waits = Waits(context)
    for diagram in context.used:
        yield from check_loops(diagram, waits)
        yield from check_side_branches(diagram, waits)


def _schema(folder: Folder, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The XML schema, where nothing better has been said of the element."""
    told = {(each.file, each.element_id) for each in findings if each.severity is Severity.REFUSAL}
    for name, root in folder.bpmn.items():
        for element, why in bpmn_faults(root):
            place = place_of(element, name)
            if (name, place.element_id) not in told:
                yield found("schema-invalid", place, standard="BPMN 2.0", why=why)


def _refuses(findings: Iterable[Finding]) -> bool:
    return any(each.severity is Severity.REFUSAL for each in findings)


def _load(files: Files, key: str) -> tuple[Procedure | None, list[Finding]]:
    """The procedure as it would run; what still keeps it from loading is a refusal."""
    try:
        return catalog.load(files, key), []
    except EngineError as problem:
        return None, [_unloadable(key, problem)]
    except Exception as problem:  # noqa: BLE001 - whatever a hostile folder makes a library raise
        why = f"{type(problem).__name__}: {problem}"
        return None, [found("file-unreadable", Place(f"{key}/procedure.toml"), why=why)]


def _unloadable(key: str, problem: EngineError) -> Finding:
    why = (str(problem), problem.english)
    cause = problem.__cause__
    if isinstance(cause, ValidationException):
        name = cause.file_name or ""
        place = Place(name, "", cause.id or "", cause.name or "")
        return found("parser-refused", place, why=why)
    return found("file-unreadable", Place(f"{key}/procedure.toml"), why=why)
