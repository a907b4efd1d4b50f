"""What the checks look at together: the folder, its diagrams, and what the office knows."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.domain.errors import EngineError
from engine.domain.form import is_required
from engine.runtime.catalog import SHARED
from engine.runtime.decisions import DecisionRefused, Decisions, read_decisions
from engine.runtime.expressions import Expression, compile_expression
from engine.runtime.gate.diagram import Diagram, Flow, Node, reached_from
from engine.runtime.gate.reading import BPMN, SPIFF, Folder
from engine.runtime.gate.vocabulary import Vocabulary
from engine.runtime.xml import XmlRefused


@dataclass
class Context:
    folder: Folder
    diagrams: list[Diagram]
    vocabulary: Vocabulary

    @cached_property
    def by_id(self) -> dict[str, Diagram]:
        return {diagram.process_id: diagram for diagram in reversed(self.diagrams)}

    @cached_property
    def used(self) -> list[Diagram]:
        """The folder's own processes, and the shared ones that they call or have started.

        What common/ holds besides needs not fit this procedure: nothing ever starts it here.
        """
        own = [each.process_id for each in self.diagrams if not each.file.startswith(f"{SHARED}/")]
        later = [str(each["process"]) for each in self._follow_ups if each.get("process")]
        used = reached_from([*own, *later, *self.vocabulary.begun], self._leads_to)
        return [each for each in self.diagrams if each.process_id in used]

    @cached_property
    def given(self) -> dict[str, tuple[Any, ...]]:
        """What a case may know at its start: what the office knows of every case, [given] of
        procedure.toml, the choices of the application and of what begins a follow-up."""
        held = dict(self.vocabulary.given) | self._choices_of("application")
        grades = self.folder.told.get("grades")
        if isinstance(grades, list) and grades:
            held["grade"] = tuple(map(str, grades))
        for each in self._follow_ups:
            form = self.folder.forms.get(str(each["form"]), {})
            told = self._choices_of(str(each["form"])).items()
            held |= {name: values for name, values in told if is_required(form, name)}
        return held | {name: (value,) for name, value in self.folder.table("given").items()}

    @property
    def _follow_ups(self) -> list[dict[str, Any]]:
        table = self.folder.table("follow_up")
        return [{"form": key, **each} for key, each in table.items() if isinstance(each, dict)]

    def _choices_of(self, form: str) -> dict[str, tuple[Any, ...]]:
        asked = self.folder.forms.get(form, {}).get("properties")
        questions = asked.items() if isinstance(asked, dict) else ()
        return {
            name: choices
            for name, question in questions
            if isinstance(question, dict) and (choices := _choices(question))
        }

    def _leads_to(self, process_id: str) -> list[str]:
        diagram = self.by_id.get(process_id)
        if diagram is None:
            return []
        found = [node.called for node in diagram.of_kind("callActivity")]
        for node in diagram.of_kind("serviceTask"):
            name = "" if node.operator is None else node.operator.get("id") or ""
            shape = self.vocabulary.operations.get(name)
            found += [shape.begins] if shape is not None and shape.begins else []
        return found

    @cached_property
    def decisions(self) -> dict[str, Decisions]:
        """The sound decision tables of the folder by id; what is wrong with others is said there."""
        found: dict[str, Decisions] = {}
        for name in self.folder.dmn:
            with suppress(DecisionRefused, XmlRefused):
                tables = read_decisions(self.folder.files[name], name)
                found |= dict.fromkeys(tables.ids, tables)
        return found

    def declared(self, diagram: Diagram, kind: str, reference: str) -> str:
        """The code of an error or escalation that a file defines; empty for none of that id."""
        for element in self.folder.bpmn[diagram.file].iterfind(f"{BPMN}{kind}"):
            if element.get("id") == reference:
                return element.get(f"{kind}Code") or ""
        return ""

    def of_message(self, diagram: Diagram, node: Node) -> tuple[str, str]:
        """(name, variable) of the message a node waits for; without a variable it has its name."""
        reference = self.reference(node, "messageRef")
        for message in self.folder.bpmn[diagram.file].iterfind(f"{BPMN}message"):
            if message.get("id") == reference:
                name = message.get("name") or ""
                said = next(node.element.iter(f"{SPIFF}messageVariable"), None)
                return name, ((said.text or "").strip() if said is not None else "") or name
        return "", ""

    def of_signal(self, diagram: Diagram, node: Node) -> str:
        reference = self.reference(node, "signalRef")
        for signal in self.folder.bpmn[diagram.file].iterfind(f"{BPMN}signal"):
            if signal.get("id") == reference:
                return signal.get("name") or ""
        return ""

    @staticmethod
    def reference(node: Node, attribute: str) -> str:
        """The id of a message or signal, without the prefix that some tools write before it."""
        holder = node.element if node.kind == "receiveTask" else next(iter(node.triggers), None)
        told = "" if holder is None else holder.get(attribute) or ""
        return told.rpartition(":")[2]


def _choices(question: dict[str, Any]) -> tuple[Any, ...]:
    listed, options = question.get("enum"), question.get("oneOf")
    if isinstance(listed, list):
        return tuple(listed)
    held = options if isinstance(options, list) else []
    return tuple(each["const"] for each in held if isinstance(each, dict) and "const" in each)


@dataclass(frozen=True, slots=True)
class Read:
    """An expression of a diagram. `by`: the node that evaluates it; `flow`: where it is written.
    `waits`: what is not known yet is waited for."""

    by: Node
    source: str
    flow: Flow | None = None
    parameter: str = ""
    waits: bool = False


def reads(diagram: Diagram) -> Iterator[Read]:
    """Conditions and parameters; timers and decision tables are looked at by themselves."""
    for node in diagram.nodes.values():
        if node.is_conditional and (said := condition_of(node)):
            yield Read(node, said, waits=True)
    for flow in diagram.flows:
        source = diagram.nodes.get(flow.source)
        if flow.condition is not None and source is not None and source.kind.endswith("Gateway"):
            yield Read(source, flow.condition, flow)
    for node in diagram.of_kind("serviceTask"):
        operator = node.operator
        for parameter in operator.iter(f"{SPIFF}parameter") if operator is not None else ():
            told = (parameter.get("value") or "").strip()
            yield Read(node, told, parameter=parameter.get("id") or "")


def condition_of(node: Node) -> str:
    """What a conditional event waits for; empty where nothing is written."""
    said = next(node.element.iter(f"{BPMN}condition"), None)
    return "" if said is None else (said.text or "").strip()


def asked_with(context: Context, node: Node) -> frozenset[str]:
    """The variables that a decision task's table reads."""
    tables = context.decisions.get(node.decision)
    return frozenset() if tables is None else tables.variables(node.decision)


def compiled(source: str) -> Expression | None:
    """The expression, or None where it is refused (which is said elsewhere)."""
    try:
        return compile_expression(source)
    except EngineError:
        return None
