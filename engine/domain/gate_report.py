"""What the gate says of a folder: findings on elements, for people and programs alike."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.words import Words


class Severity(StrEnum):
    """A refusal keeps the folder out; a warning does not; what was repaired is deployed mended."""

    REFUSAL = "refusal"
    WARNING = "warning"
    REPAIRED = "repaired"


ORDER = {Severity.REFUSAL: 0, Severity.WARNING: 1, Severity.REPAIRED: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about one element. `code` is stable; `zh`, `en`: what, and what to draw.

    `kind` is the element's name in BPMN or DMN, empty where a whole file is meant. Of a decision
    table `rows` (from 1) and `column` say where. Names and values come from the diagram: hostile
    text, to be shown as text only.
    """

    code: str
    severity: Severity
    file: str
    process_id: str
    element_id: str
    name: str
    kind: str
    zh: str
    en: str
    rows: tuple[int, ...] = ()
    column: str = ""

    @property
    def words(self) -> Words:
        """As sentences of their own."""
        return Words(self.zh, self.en[:1].upper() + self.en[1:])

    @property
    def place(self) -> str:
        """file#element, or the file alone."""
        return f"{self.file}#{self.element_id}" if self.element_id else self.file


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a process was walked: states seen, moves made, elements reached of those drawn."""

    process_id: str
    states: int
    moves: int
    reached: int
    drawn: int
    ends: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, refusals first, and the walks of the simulation (none before it ran)."""

    findings: tuple[Finding, ...] = ()
    walks: tuple[Walk, ...] = ()

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return self._of(Severity.REFUSAL)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return self._of(Severity.WARNING)

    @property
    def repairs(self) -> tuple[Finding, ...]:
        return self._of(Severity.REPAIRED)

    @property
    def is_accepted(self) -> bool:
        return not self.refusals

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.severity is severity)

    def told(self) -> dict[str, Any]:
        """The report as JSON tells it."""
        return {
            "accepted": self.is_accepted,
            "refusals": len(self.refusals),
            "warnings": len(self.warnings),
            "repairs": len(self.repairs),
            "findings": [asdict(each) for each in self.findings],
            "walks": [asdict(each) for each in self.walks],
        }


def report_of(findings: Iterable[Finding], walks: Iterable[Walk] = ()) -> Report:
    """A report without repetitions, refusals first, each kind by file in the order found."""
    unique = dict.fromkeys(findings)
    return Report(tuple(sorted(unique, key=lambda f: (ORDER[f.severity], f.file))), tuple(walks))


class GateRefused(Invalid):
    """A folder that may not be deployed."""

    slug = "gate-refused"

    def __init__(self, report: Report) -> None:
        first = report.refusals[0]
        fields: dict[str, str | Words] = {}
        for each in report.refusals:
            fields.setdefault(each.place, each.words)
        super().__init__(
            f"不能部署，共 {len(report.refusals)} 处：{first.name}（{first.element_id}）{first.zh}",
            f"refused, {len(report.refusals)} findings: {first.place}: {first.en}",
            fields=fields,
        )
        self.report = report

    @property
    def extra(self) -> dict[str, Any]:
        return {"report": self.report.told()}


@dataclass(frozen=True, slots=True)
class Change:
    """What a folder draws otherwise. `kind`: added | removed | changed; `told`: what is different."""

    kind: str
    process_id: str
    element_id: str
    title: Words
    told: tuple[Words, ...] = ()
