"""Small diagrams, drawn in a few words; knows nothing of the engine, so the bare library may read them too."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

WAITING = {
    "due": "step",
    "clock": "handling",
    "whose": "office",
    "waiting": "等待",
    "stage": "work",
}
TOML = """
key = "{key}"
prefix = "XY"
edition = "1"
effective_from = 2019-07-01
title = {{ zh = "样例", en = "sample" }}
summary = {{ zh = "样例", en = "sample" }}
stages = [{{ key = "work", zh = "办理", en = "work" }}]
[limits.step]
amount = 3
unit = "working_days"
zh = "环节时限"
en = "time for a step"
basis = "样例"
[limits.long]
amount = 10
unit = "working_days"
zh = "总时限"
en = "time for all"
basis = "样例"
[clocks.handling]
zh = "办理期限"
en = "handling"
"""


@dataclass
class Sketch:
    """One BPMN process; nodes first, then `flow("a > b > c")`."""

    process_id: str = "sample"
    nodes: list[str] = field(default_factory=list)
    lanes: dict[str, list[str]] = field(default_factory=dict)
    flows: list[str] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)
    #: (kind, name) of what is thrown and caught: signal, error, escalation.
    events: set[tuple[str, str]] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    asked: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    signals: set[str] = field(default_factory=set)
    #: Decision tables that lie beside it: file name -> DMN.
    tables: dict[str, bytes] = field(default_factory=dict)

    def node(
        self, kind: str, key: str, body: str = "", *, group: str = "", **attributes: str
    ) -> Sketch:
        told = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value)
        self.nodes.append(f'<bpmn:{kind} id="{key}" name="{key}"{told}>{body}</bpmn:{kind}>')
        self.lanes.setdefault(group or "window", []).append(key)
        return self

    def start(self, key: str = "start", awaits: str = "", *, interrupting: bool = True) -> Sketch:
        """`awaits`: what starts an event sub-process, as in `caught`."""
        body = self._caught(key, awaits) if awaits else ""
        return self.node("startEvent", key, body, isInterrupting="" if interrupting else "false")

    def inside(self, key: str, inner: Sketch, *, triggered: bool = False) -> Sketch:
        """An embedded sub-process, or (`triggered`) an event sub-process."""
        self.messages |= inner.messages
        self.events |= inner.events
        self.forms |= inner.forms
        for group, keys in inner.lanes.items():
            self.lanes.setdefault(group, []).extend(keys)
        body = "".join((*inner.nodes, *inner.flows))
        return self.node("subProcess", key, body, triggeredByEvent="true" if triggered else "")

    def catch(self, key: str, awaits: str) -> Sketch:
        """An intermediate event; `awaits` as in `caught`."""
        held = extension(WAITING) if awaits.startswith("condition:") else ""
        return self.node("intermediateCatchEvent", key, held + self._caught(key, awaits))

    def throw(self, key: str, kind: str, name: str) -> Sketch:
        return self.node("intermediateThrowEvent", key, self._refers(key, kind, name))

    def end_with(self, key: str, kind: str, name: str) -> Sketch:
        return self.node("endEvent", key, self._refers(key, kind, name))

    def boundary(self, key: str, on: str, awaits: str, *, interrupting: bool = True) -> Sketch:
        cancel = "" if interrupting else "false"
        body = self._caught(key, awaits)
        return self.node("boundaryEvent", key, body, attachedToRef=on, cancelActivity=cancel)

    def _caught(self, key: str, awaits: str) -> str:
        """`message:name`, `signal:name`, `error:code`, `escalation:code`, `timer:limit`,
        `clock_warning:clock`, `clock_due:clock`, `duration:PT1H`, `cycle:R3/PT1H` or
        `condition:expression`."""
        kind, _, name = awaits.partition(":")
        if kind == "message":
            return self._awaits(key, name)
        if kind == "timer":
            return _timer(key, name)
        if kind in ("clock_warning", "clock_due"):
            return _timer_at(key, f'{kind}("{name}")')
        if kind in ("duration", "cycle"):
            tag = "timeDuration" if kind == "duration" else "timeCycle"
            inner = f"<bpmn:{tag}>{escape(quoted(name))}</bpmn:{tag}>"
            return (
                f'<bpmn:timerEventDefinition id="{key}_timer">{inner}</bpmn:timerEventDefinition>'
            )
        if kind == "condition":
            inner = f"<bpmn:condition>{escape(name)}</bpmn:condition>"
            return (
                f'<bpmn:conditionalEventDefinition id="{key}_condition">{inner}'
                "</bpmn:conditionalEventDefinition>"
            )
        return self._refers(key, kind, name)

    def _refers(self, key: str, kind: str, name: str) -> str:
        if not name:  # catches all
            return f'<bpmn:{kind}EventDefinition id="{key}_{kind}"/>'
        self.events.add((kind, name))
        return f'<bpmn:{kind}EventDefinition id="{key}_{kind}" {kind}Ref="{kind}_{name}"/>'

    def end(self, key: str = "end", *, terminate: bool = False) -> Sketch:
        body = f'<bpmn:terminateEventDefinition id="{key}_t"/>' if terminate else ""
        return self.node("endEvent", key, body)

    def task(self, *keys: str, group: str = "window", **properties: str) -> Sketch:
        for key in keys:
            self.forms.add(key)
            held = {**WAITING, "form": key, **properties}
            self.node("userTask", key, extension(held), group=group)
        return self

    def asks(self, form: str, **choices: list[str]) -> Sketch:
        """What a form demands: name -> the choices; no choices is any text."""
        self.forms.add(form)
        self.asked.setdefault(form, {}).update(choices)
        return self

    def service(self, key: str, operation: str, result: str = "", **arguments: str) -> Sketch:
        """A service task; `arguments` are expressions."""
        asked = "".join(
            f'<spiffworkflow:parameter id="{name}" type="str" value={quoteattr(value)}/>'
            for name, value in arguments.items()
        )
        named = f" resultVariable={quoteattr(result)}" if result else ""
        body = (
            f'<bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="{operation}"{named}>'
            f"<spiffworkflow:parameters>{asked}</spiffworkflow:parameters>"
            "</spiffworkflow:serviceTaskOperator></bpmn:extensionElements>"
        )
        return self.node("serviceTask", key, body)

    def rule(self, key: str, decision: str, result: str) -> Sketch:
        """A business rule task that asks a decision."""
        body = extension({"result": result}).replace(
            "<bpmn:extensionElements>",
            "<bpmn:extensionElements>"
            f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>",
        )
        return self.node(
            "businessRuleTask", key, body if decision else extension({"result": result})
        )

    def beside(self, name: str, table: bytes) -> Sketch:
        """A decision table in the folder."""
        self.tables[name] = table
        return self

    def exclusive(self, key: str, *, default: str = "") -> Sketch:
        """`default`: the element to which the default flow goes."""
        return self.node("exclusiveGateway", key, default=default and f"{key}_to_{default}")

    def parallel(self, *keys: str) -> Sketch:
        for key in keys:
            self.node("parallelGateway", key)
        return self

    def call(self, key: str, process_id: str) -> Sketch:
        return self.node("callActivity", key, calledElement=process_id)

    def choice(self, key: str) -> Sketch:
        return self.node("eventBasedGateway", key, extension(WAITING))

    def receive(self, key: str, message: str) -> Sketch:
        return self.node("receiveTask", key, extension(WAITING), messageRef=self._message(message))

    def catch_message(self, key: str, message: str) -> Sketch:
        return self.node("intermediateCatchEvent", key, self._awaits(key, message))

    def catch_timer(self, key: str, limit: str) -> Sketch:
        return self.node("intermediateCatchEvent", key, _timer(key, limit))

    def boundary_timer(self, key: str, on: str, limit: str, *, interrupting: bool = True) -> Sketch:
        cancel = "" if interrupting else "false"
        return self.node(
            "boundaryEvent", key, _timer(key, limit), attachedToRef=on, cancelActivity=cancel
        )

    def boundary_message(
        self, key: str, on: str, message: str, *, interrupting: bool = True
    ) -> Sketch:
        cancel = "" if interrupting else "false"
        body = self._awaits(key, message)
        return self.node("boundaryEvent", key, body, attachedToRef=on, cancelActivity=cancel)

    def flow(self, path: str, *, when: str = "") -> Sketch:
        """`a > b > c`; `when` is the condition of every flow of the path."""
        steps = [step.strip() for step in path.split(">")]
        said = (
            f"<bpmn:conditionExpression>{escape(when)}</bpmn:conditionExpression>" if when else ""
        )
        for source, target in itertools.pairwise(steps):
            self.flows.append(
                f'<bpmn:sequenceFlow id="{source}_to_{target}" sourceRef="{source}" '
                f'targetRef="{target}">{said}</bpmn:sequenceFlow>'
            )
        return self

    def _message(self, message: str) -> str:
        self.messages.add(message)
        return f"message_{message}"

    def _awaits(self, key: str, message: str) -> str:
        reference = self._message(message)
        return f'<bpmn:messageEventDefinition id="{key}_message" messageRef="{reference}"/>'

    def xml(self) -> bytes:
        lanes = "".join(
            f'<bpmn:lane id="lane_{group}" name="{group}">{extension({"group": group})}'
            + "".join(f"<bpmn:flowNodeRef>{key}</bpmn:flowNodeRef>" for key in keys)
            + "</bpmn:lane>"
            for group, keys in self.lanes.items()
        )
        messages = "".join(
            f'<bpmn:message id="message_{each}" name="{each}"/>' for each in sorted(self.messages)
        ) + "".join(
            f'<bpmn:signal id="signal_{each}" name="{each}"/>' for each in sorted(self.signals)
        )
        events = "".join(_declared(kind, name) for kind, name in sorted(self.events))
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
            f'targetNamespace="http://example.org/sketch" id="definitions_{self.process_id}">'
            f'{messages}{events}<bpmn:process id="{self.process_id}" isExecutable="true">'
            f'<bpmn:laneSet id="lanes_{self.process_id}">{lanes}</bpmn:laneSet>'
            f"{''.join(self.nodes)}{''.join(self.flows)}</bpmn:process></bpmn:definitions>"
        ).encode()


def extension(held: dict[str, str]) -> str:
    each = "".join(
        f'<spiffworkflow:property name="{name}" value={quoteattr(value)}/>'
        for name, value in held.items()
        if value
    )
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f"{each}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def quoted(text: str) -> str:
    return f'"{text}"'


def _declared(kind: str, name: str) -> str:
    code = "" if kind == "signal" else f' {kind}Code="{name}"'
    return f'<bpmn:{kind} id="{kind}_{name}" name="{name}"{code}/>'


def _timer(key: str, limit: str) -> str:
    return _timer_at(key, limit if limit.startswith('"') else f'due("{limit}")')


def _timer_at(key: str, moment: str) -> str:
    return (
        f'<bpmn:timerEventDefinition id="{key}_timer">'
        f"<bpmn:timeDate>{escape(moment)}</bpmn:timeDate></bpmn:timerEventDefinition>"
    )


def folder(main: Sketch, *called: Sketch) -> dict[str, bytes]:
    """The files of a procedure with these processes, as engine/runtime/catalog.py reads them."""
    key = main.process_id
    files = {f"{key}/procedure.toml": TOML.format(key=key).encode()}
    for each in (main, *called):
        files[f"{key}/{each.process_id}.bpmn"] = each.xml()
        for form in each.forms:
            told = _form(form, each.asked.get(form, {}))
            files[f"{key}/forms/{form}.json"] = json.dumps(told).encode()
        files |= {f"{key}/{name}": table for name, table in each.tables.items()}
    files[f"{key}/forms/application.json"] = json.dumps({"type": "object"}).encode()
    return files


def _form(key: str, choices: dict[str, list[str]]) -> dict[str, object]:
    questions = {
        name: {"type": "string", "title": name, **({"enum": values} if values else {})}
        for name, values in choices.items()
    }
    return {"title": key, "type": "object", "properties": questions, "required": [*questions]}


def errand() -> Sketch:
    """One task, a question, an operation."""
    return (
        Sketch()
        .start()
        .task("look")
        .asks("look", verdict=["good", "bad"])
        .exclusive("good", default="again")
        .service("praise", "applaud", loudness="1 + 1")
        .task("again")
        .end()
        .flow("start > look > good > again > end")
        .flow("good > praise", when='verdict == "good"')
        .flow("praise > end")
    )


def nearer_of_two() -> Sketch:
    """A choice between two timers."""
    return (
        Sketch()
        .start()
        .choice("wait")
        .catch("soon", "duration:PT1H")
        .catch("late", "duration:PT2H")
        .task("early", "overdue")
        .end()
        .flow("start > wait > soon > early > end")
        .flow("wait > late > overdue > end")
    )


def rework(process_id: str = "sample") -> Sketch:
    """Two tasks side by side, joined, then a decision that may send both back."""
    return (
        Sketch(process_id)
        .start()
        .exclusive("begin", default="fork")
        .parallel("fork", "join")
        .task("left", "right", "sign")
        .asks("sign", verdict=["again", "enough"])
        .exclusive("enough", default="end")
        .end()
        .flow("start > begin > fork > left > join > sign > enough > end")
        .flow("fork > right > join")
        .flow("enough > begin", when='verdict == "again"')
    )


def endless() -> Sketch:
    """A task that may be done again and again, with an automatic step in between."""
    return (
        Sketch()
        .start()
        .exclusive("begin", default="work")
        .task("work")
        .asks("work", verdict=["again", "enough"])
        .service("note", "applaud", loudness="1")
        .exclusive("enough", default="begin")
        .end()
        .flow("start > begin > work > note > enough > begin")
        .flow("enough > end", when='verdict == "enough"')
    )
