"""Messages, signals and timers: each names something that exists, and can come about."""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from engine.domain.errors import EngineError
from engine.domain.gate_report import Finding
from engine.runtime import clock_timers
from engine.runtime.expressions import compile_expression
from engine.runtime.gate.context import Context, condition_of
from engine.runtime.gate.diagram import TIMES, Diagram, Node, local
from engine.runtime.gate.reading import BPMN
from engine.runtime.gate.rules import found

LIMIT = re.compile(r"""due\(\s*(["'])(?P<name>[^"']*)\1\s*\)""")
CLOCK = re.compile(rf"""(?:{"|".join(clock_timers.EVENTS)})\(\s*(["'])(?P<name>[^"']*)\1\s*\)""")
DURATION = re.compile(
    r"P(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
)
ROUNDS = re.compile(r"R([1-9]\d{0,3})?")
QUOTED = re.compile(r"""(["'])(?P<text>[^"']*)\1""")


def check_events(context: Context, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        if node.kind == "receiveTask" or "messageEventDefinition" in node.trigger_kinds:
            yield from _message(context, diagram, node)
        if "signalEventDefinition" in node.trigger_kinds and not context.of_signal(diagram, node):
            told = context.reference(node, "signalRef")
            yield found("signal-unknown", diagram.place(node), ref=told)
        if node.is_conditional and not condition_of(node):
            yield found("condition-missing", diagram.place(node))
        for trigger in node.triggers:
            if local(trigger) == "timerEventDefinition":
                yield from _timer(context, diagram, node, trigger)


def _message(context: Context, diagram: Diagram, node: Node) -> Iterator[Finding]:
    reference = context.reference(node, "messageRef")
    if not reference:
        yield found("message-missing", diagram.place(node))
    elif not context.of_message(diagram, node)[0]:
        yield found("message-unknown", diagram.place(node), ref=reference)


def _timer(
    context: Context, diagram: Diagram, node: Node, trigger: etree._Element
) -> Iterator[Finding]:
    place = diagram.place(node)
    said = list(trigger.iterchildren(*(f"{BPMN}{time}" for time in TIMES)))
    source = (said[0].text or "").strip() if said else ""
    if not source:
        yield found("timer-empty", place)
        return
    if local(said[0]) == "timeCycle" and not _may_repeat(node):
        yield found("timer-cycle", place, source=source)
        return
    limit = LIMIT.fullmatch(source)
    if limit and local(said[0]) == "timeDate":
        limits = context.folder.table("limits")
        if limit["name"] not in limits:
            known = ", ".join(sorted(limits))
            yield found("timer-limit-unknown", place, name=limit["name"], known=known)
        return
    clock = CLOCK.fullmatch(source)
    if clock and local(said[0]) == "timeDate":
        clocks = context.folder.table("clocks")
        if clock["name"] not in clocks:
            known = ", ".join(sorted(clocks))
            yield found("timer-clock-unknown", place, name=clock["name"], known=known)
        return
    yield from _written(diagram, node, local(said[0]), source)


def _may_repeat(node: Node) -> bool:
    """A cycle rings beside the work, and never interrupts it."""
    return node.kind == "boundaryEvent" and not node.is_interrupting


def _written(diagram: Diagram, node: Node, kind: str, source: str) -> Iterator[Finding]:
    """A time that is written out: an ISO 8601 text in quotation marks, as the engine wants it."""
    place, quoted = diagram.place(node), QUOTED.fullmatch(source)
    wrong = _wrong(source) if quoted is None else _not_iso(kind, quoted["text"])
    if wrong:
        yield found("timer-invalid", place, source=source, why=wrong)
    else:
        yield found("timer-natural-days", place, source=source)


def _wrong(source: str) -> tuple[str, str]:
    try:
        compile_expression(source)
    except EngineError as problem:
        return str(problem), problem.english
    return '不是 due("…") 也不是加引号的时间', 'neither due("…") nor a time in quotation marks'


def _not_iso(kind: str, text: str) -> tuple[str, str] | None:
    if kind == "timeDuration":
        if DURATION.fullmatch(text):
            return None
        return "时长应写作 PT1H、P3D", "a duration reads PT1H, P3D"
    return _no_cycle(text) if kind == "timeCycle" else _no_moment(text)


def _no_cycle(text: str) -> tuple[str, str] | None:
    rounds, *start, length = text.split("/") if text.count("/") in (1, 2) else ("", "")
    told = DURATION.fullmatch(length)
    if not ROUNDS.fullmatch(rounds) or told is None:
        return "周期应写作 R3/P1D（三次）、R/P7D（不限次）", "a cycle reads R3/P1D, R/P7D"
    if not any(int(n[:-1]) for n in told.groups()[:4] if n) and not _minutes(told[5] or ""):
        return "一个周期至少一分钟", "a round lasts a minute at least"
    return _no_moment(start[0]) if start else None


def _minutes(time: str) -> float:
    """How long the part behind the T is, seconds left out."""
    return sum(int(n) for n in re.findall(r"(\d+)[HM]", time))


def _no_moment(text: str) -> tuple[str, str] | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "时刻应写作 2020-03-02T09:00:00+08:00", "a moment reads 2020-03-02T09:00:00+08:00"
    if moment.tzinfo is None:
        return "时刻缺时区 +08:00", "the moment lacks its offset, +08:00"
    return None
