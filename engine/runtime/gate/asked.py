"""What service tasks ask for: operations, their parameters and values, letters, answers kept."""

import ast
from collections.abc import Iterator, Set
from dataclasses import dataclass

from lxml import etree

from engine.domain.gate_report import Finding
from engine.runtime.gate.context import Context
from engine.runtime.gate.diagram import Diagram
from engine.runtime.gate.reading import SPIFF
from engine.runtime.gate.rules import Place, found
from engine.runtime.gate.vocabulary import Shape


@dataclass(frozen=True, slots=True)
class Asked:
    """One service task's request."""

    place: Place
    operation: str
    shape: Shape
    parameters: dict[str, str]  # name -> expression


def check_operations(context: Context, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.of_kind("serviceTask"):
        place, operator = diagram.place(node), node.operator
        name = "" if operator is None else operator.get("id") or ""
        shape = context.vocabulary.operations.get(name)
        if not name or operator is None:
            yield found("operation-missing", place)
        elif shape is None:
            yield found("operation-unknown", place, name=name)
        else:
            asked = Asked(place, name, shape, _parameters(operator))
            yield from _fits(asked)
            yield from _values(context, asked)
            variable = operator.get("resultVariable") or ""
            if variable and not shape.answers:
                yield found("answer-not-kept", place, operation=name, name=variable)


def _parameters(operator: etree._Element) -> dict[str, str]:
    return {
        each.get("id") or "": (each.get("value") or "").strip()
        for each in operator.iter(f"{SPIFF}parameter")
    }


def _fits(asked: Asked) -> Iterator[Finding]:
    shape, known = asked.shape, ", ".join(asked.shape.parameters) or "–"
    for name in asked.parameters:
        if name not in shape.parameters:
            yield found(
                "operation-parameter-unknown",
                asked.place,
                operation=asked.operation,
                name=name,
                known=known,
            )
    for name in sorted(shape.required - asked.parameters.keys()):
        yield found(
            "operation-parameter-missing", asked.place, operation=asked.operation, name=name
        )


def _values(context: Context, asked: Asked) -> Iterator[Finding]:
    """Values that are written out; what an expression gives is seen by the simulation."""
    for name, source in asked.parameters.items():
        value = constant(source)
        if value is None:
            continue
        known: Set[str] | None = asked.shape.values.get(name)
        if name == "clock":
            known = context.folder.table("clocks").keys()
        if name == "letter" and value and value not in context.folder.letters:
            yield found("letter-unknown", asked.place, name=value)
        elif known is not None and value not in known:
            yield found(
                "operation-value-unknown",
                asked.place,
                operation=asked.operation,
                name=name,
                value=value,
                known=", ".join(sorted(known)),
            )
    for letter in asked.shape.letters:
        wanted = _filled(letter, asked.parameters)
        if wanted and wanted not in context.folder.letters:
            yield found("letter-unknown", asked.place, name=wanted)


def _filled(pattern: str, parameters: dict[str, str]) -> str:
    """`reconsideration_$result_is` with the parameter's value; '' where that is not written out."""
    head, sign, name = pattern.partition("$")
    value = constant(parameters.get(name, "")) if sign else ""
    return "" if value is None else f"{head}{value}"


def constant(source: str) -> str | None:
    """The text that an expression is, if it is nothing but a text."""
    try:
        value = ast.literal_eval(source)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
    return value if isinstance(value, str) else None
