"""Decision tables of a folder, and the parts that procedure.toml gives them to play."""

from collections.abc import Iterator
from dataclasses import replace

from engine.domain.gate_report import Finding
from engine.runtime.decisions import DecisionRefused, Decisions, read_decisions
from engine.runtime.decisions.form_answers import form_answers
from engine.runtime.gate.reading import Folder
from engine.runtime.gate.rules import Place, found
from engine.runtime.gate.schemas import dmn_faults
from engine.runtime.xml import XmlRefused

#: Keys of [rules] whose values are no decisions.
NO_DECISIONS = frozenset({"regime"})


def check_decisions(folder: Folder) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for name, root in folder.dmn.items():
        yield from _schema(name, root)
        try:
            decisions = read_decisions(folder.files[name], name)
        except DecisionRefused as refused:
            for problem in refused.problems:
                at = problem.place.decision_id
                why = (
                    f"{problem.place.zh}：{problem.zh}",
                    f"{problem.place.english}: {problem.english}",
                )
                told = found("decision-refused", Place(name, "", at, at, "decision"), why=why)
                rows = (problem.place.row,) if problem.place.row else ()
                yield replace(told, rows=rows, column=problem.place.column)
            continue
        except XmlRefused:
            continue
        yield from _doubled(name, decisions, owners)
        for finding in decisions.findings(form_answers(folder.forms)):
            place = Place(name, "", finding.decision_id, finding.decision_id, "decision")
            why = (finding.sentence_zh, finding.sentence_en)
            yield replace(found(f"decision-{finding.kind}", place, why=why), rows=finding.rows)
    for rule, decision in folder.table("rules").items():
        if rule not in NO_DECISIONS and decision not in owners:
            yield found("decision-unknown", Place(f"{folder.key}/procedure.toml"), name=decision)


def _schema(name: str, root: object) -> Iterator[Finding]:
    for element, why in dmn_faults(root):  # type: ignore[arg-type]  # an lxml element
        yield found(
            "schema-invalid", Place(name, "", element.get("id") or ""), standard="DMN", why=why
        )


def _doubled(name: str, decisions: Decisions, owners: dict[str, str]) -> Iterator[Finding]:
    for decision_id in decisions.ids:
        other = owners.setdefault(decision_id, name)
        if other != name:
            place = Place(name, "", decision_id, decision_id, "decision")
            yield found("decision-doubled", place, name=decision_id, other=other)
