"""DMN files in a few lines: a table as rows of texts, cells separated by bars."""

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from engine.runtime.decisions import Decisions, read_decisions

DATA = Path(__file__).parent / "data"
DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def column(kind: str, heading: str) -> str:
    """`name:type = allowed values`, with an output's default after a tilde."""
    written, _, default = heading.partition("~")
    head, _, allowed = written.partition("=")
    name, _, type_ref = (part.strip() for part in head.partition(":"))
    typed = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    values = f"<{kind}Values>{text(allowed)}</{kind}Values>" if allowed.strip() else ""
    if kind == "input":
        return f"<input><inputExpression{typed}>{text(name)}</inputExpression>{values}</input>"
    named = f" name={quoteattr(name)}" if name else ""
    fallback = f"<defaultOutputEntry>{text(default)}</defaultOutputEntry>" if default else ""
    return f"<output{named}{typed}>{values}{fallback}</output>"


def text(content: str) -> str:
    return f"<text>{escape(content.strip())}</text>"


def rule(cells: str, inputs: int) -> str:
    """`in | in | out | out // annotation`."""
    written, _, annotation = cells.partition("//")
    parts = [part.strip() for part in written.split("|")]
    entries = [f"<inputEntry>{text(part)}</inputEntry>" for part in parts[:inputs]]
    entries += [f"<outputEntry>{text(part)}</outputEntry>" for part in parts[inputs:]]
    if annotation:
        entries.append(f"<annotationEntry>{text(annotation)}</annotationEntry>")
    return f"<rule>{''.join(entries)}</rule>"


def decision(
    rows: Iterable[str],
    *,
    inputs: Iterable[str] = ("x: number",),
    outputs: Iterable[str] = ("y",),
    hit: str = "UNIQUE",
    aggregation: str = "",
    decision_id: str = "d",
    name: str = "",
    requires: Iterable[str] = (),
) -> str:
    inputs, outputs = list(inputs), list(outputs)
    aggregated = f" aggregation={quoteattr(aggregation)}" if aggregation else ""
    required = "".join(
        f'<informationRequirement><requiredDecision href="#{each}"/></informationRequirement>'
        for each in requires
    )
    return (
        f"<decision id={quoteattr(decision_id)} name={quoteattr(name or decision_id)}>{required}"
        f"<decisionTable hitPolicy={quoteattr(hit)}{aggregated}>"
        + "".join(column("input", each) for each in inputs)
        + "".join(column("output", each) for each in outputs)
        + "".join(rule(each, len(inputs)) for each in rows)
        + "</decisionTable></decision>"
    )


def file(*decisions: str, more: str = "", namespace: str = DMN_13) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{namespace}" name="sample" '
        f'namespace="urn:sample">{more}{"".join(decisions)}</definitions>'
    ).encode()


def read(*decisions: str, more: str = "") -> Decisions:
    return read_decisions(file(*decisions, more=more), "sample.dmn")


def read_data(filename: str) -> Decisions:
    return read_decisions((DATA / filename).read_bytes(), filename)
