"""Refuses at deploy what would stall, lie or run code: the element, its name, and why."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from engine.domain.errors import EngineError, Invalid
from engine.runtime.drawing import WAITS, Drawing, Element
from engine.runtime.expressions import compile_expression
from engine.runtime.procedure import Procedure

#: Kinds of element that the runtime carries as drawn.
CARRIED = WAITS - {"manualTask"} | {
    "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "serviceTask",
    "callActivity", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
}  # fmt: skip
WHOSE = frozenset({"office", "applicant", "department", "court", "superior", "expert"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a diagram, for people and programs."""

    file: str
    process_id: str
    element_id: str
    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Report:
    refusals: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


class GateRefused(Invalid):
    """A folder that may not be deployed."""

    slug = "gate-refused"

    def __init__(self, report: Report) -> None:
        fields = {f"{f.file}#{f.element_id}": f.zh for f in report.refusals}
        first = report.refusals[0]
        super().__init__(
            f"不能部署，共 {len(report.refusals)} 处：{first.name}（{first.element_id}）{first.zh}",
            f"refused, {len(report.refusals)} findings: {first.element_id}: {first.en}",
            fields=fields,
        )
        self.report = report


Check = Callable[[Procedure, Drawing, Element], Iterator[tuple[str, str]]]


def check(procedure: Procedure, operations: Collection[str], groups: Collection[str]) -> Report:
    """What may not be deployed, and what the modeller should look at."""
    refusals: list[Finding] = []
    warnings: list[Finding] = []
    for drawing in procedure.drawings.values():
        reached = _reached(drawing)
        for element in drawing.elements.values():
            for zh, en in _wrong(procedure, drawing, element, operations, groups):
                refusals.append(_finding(drawing, element, zh, en))
            if element.id not in reached:
                refusals.append(_finding(drawing, element, "从开始走不到这里。", "is unreachable"))
            for zh, en in _doubtful(element):
                warnings.append(_finding(drawing, element, zh, en))
        refusals.extend(_bad_expressions(drawing))
    return Report(tuple(refusals), tuple(warnings))


def _finding(drawing: Drawing, element: Element, zh: str, en: str) -> Finding:
    title = element.title.zh
    return Finding(drawing.filename, drawing.process_id, element.id, title, zh, en)


def _wrong(
    procedure: Procedure,
    drawing: Drawing,
    element: Element,
    operations: Collection[str],
    groups: Collection[str],
) -> Iterator[tuple[str, str]]:
    if element.kind not in CARRIED:
        yield f"不支持元素 {element.kind}。", f"{element.kind} is not supported"
        return
    if element.kind == "serviceTask" and element.operation not in operations:
        yield f"没有操作 {element.operation}。", f"there is no operation {element.operation}"
    if element.operation and element.operation in drawing.elements:
        yield "操作名与元素编号相同，解析器会混淆。", "operation and element share an id"
    if element.kind in WAITS:
        yield from _wrong_wait(procedure, element, groups)


def _wrong_wait(
    procedure: Procedure, element: Element, groups: Collection[str]
) -> Iterator[tuple[str, str]]:
    if element.group not in groups:
        yield f"泳道没有已知的岗位组（{element.group}）。", f"no known group ({element.group})"
    for name in ("due", "clock", "whose", "waiting"):
        if not element.properties.get(name):
            yield f"缺属性 {name}。", f"lacks the property {name}"
    yield from _unknown_names(procedure, element)
    if element.whose not in WHOSE:
        yield f"whose 的值 {element.whose} 不明。", f"unknown value {element.whose} of whose"


def _unknown_names(procedure: Procedure, element: Element) -> Iterator[tuple[str, str]]:
    if element.due and element.due not in procedure.limits:
        yield f"没有时限 {element.due}。", f"there is no limit {element.due}"
    if element.clock and element.clock not in procedure.clocks:
        yield f"没有时钟 {element.clock}。", f"there is no clock {element.clock}"
    if element.kind == "userTask" and element.form not in procedure.forms:
        yield f"没有表单 {element.form}。", f"there is no form {element.form}"
    if element.stage and element.stage not in {stage.key for stage in procedure.stages}:
        yield f"没有阶段 {element.stage}。", f"there is no stage {element.stage}"


def _doubtful(element: Element) -> Iterator[tuple[str, str]]:
    if element.kind in WAITS and not element.properties.get("waiting_en"):
        yield "等待说明没有英文。", "the waiting sentence has no English"
    if element.kind == "userTask" and not element.stage:
        yield "没有写所在阶段。", "names no stage"


def _bad_expressions(drawing: Drawing) -> Iterator[Finding]:
    for element_id, source in drawing.expressions:
        try:
            compile_expression(source)
        except EngineError as problem:
            yield Finding(
                drawing.filename,
                drawing.process_id,
                element_id,
                element_id,
                f"表达式 {source[:60]} 不能用：{problem}",
                f"expression {source[:60]!r}: {problem.english}",
            )


def _reached(drawing: Drawing) -> frozenset[str]:
    after: dict[str, list[str]] = {}
    for source, target in drawing.flows:
        after.setdefault(source, []).append(target)
    for element in drawing.elements.values():
        if element.attached_to:
            after.setdefault(element.attached_to, []).append(element.id)
    waiting = [e.id for e in drawing.elements.values() if e.kind == "startEvent"]
    reached: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting.extend(after.get(here, ()))
    return frozenset(reached)
