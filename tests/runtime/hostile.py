"""Hostile folders: one for every sentence the gate knows, each with the element it is said of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.runtime.gate import Effect, Report, Shape, Vocabulary, check
from tests.runtime.sketches import Sketch, errand, extension, folder

Files = dict[str, bytes]

WORDS = Vocabulary(
    operations={
        "applaud": Shape(parameters=("loudness",)),
        "mark": Shape(
            ("flag",),
            frozenset({"flag"}),
            {"flag": frozenset({"red"})},
            effect=Effect(flags=("$flag",)),
        ),
        "unmark": Shape(("flag",), frozenset({"flag"}), effect=Effect(no_flags=("$flag",))),
        "wind": Shape(("clock",), frozenset({"clock"}), effect=Effect(starts=("$clock",))),
        "close": Shape(effect=Effect(stops=("*",))),
        "write": Shape(("letter",), effect=Effect(queues=("$letter",))),
        "serve": Shape(("letter",), effect=Effect(serves=("$letter",))),
        "guess": Shape(answers=("heads", "tails")),
    },
    groups=frozenset({"window"}),
    given={"grade": ("general", "serious")},
)


def checked(files: Files, key: str = "sample") -> Report:
    return check(files, key, WORDS)


def one(sketch: Sketch, *called: Sketch) -> Files:
    return folder(sketch, *called)


def around(build: Callable[[Sketch], Sketch]) -> Files:
    """start > look > (what `build` adds, called `it`) > end"""
    sketch = build(Sketch().start().task("look", waiting_en="wait")).end()
    return folder(sketch.flow("start > look > it > end"))


def changed(before: str, after: str, sketch: Sketch | None = None) -> Files:
    """The errand, or another sketch, with a piece of its XML replaced."""
    files = folder(sketch or errand())
    name = "sample/sample.bpmn"
    text = files[name].decode()
    assert before in text, before
    files[name] = text.replace(before, after, 1).encode()
    return files


def timed(time: str, *, cancel: str = "") -> Files:
    """A boundary timer `late` on `look` with this inside its definition."""
    body = f'<bpmn:timerEventDefinition id="t">{time}</bpmn:timerEventDefinition>'
    sketch = Sketch().start().task("look").end().end("over")
    sketch.node("boundaryEvent", "late", body, attachedToRef="look", cancelActivity=cancel)
    return folder(sketch.flow("start > look > end").flow("late > over"))


def side(end: str = "over", *, rests: bool = True) -> Sketch:
    """A side branch that asks somebody, beside a main path that ends plainly."""
    sketch = Sketch().start().task("look", "after").end().end("over")
    sketch.boundary_timer("late", "look", "step", interrupting=False)
    sketch.flow("start > look > after > end")
    if rests:
        return sketch.task("aside").flow(f"late > aside > {end}")
    return sketch.service("aside", "applaud").flow(f"late > aside > {end}")


def with_file(name: str, content: bytes) -> Files:
    return {**folder(errand()), name: content}


def without(name: str) -> Files:
    files = folder(errand())
    del files[name]
    return files


def told(line: str) -> Files:
    files = folder(errand())
    files["sample/procedure.toml"] += line.encode()
    return files


LETTER = "sample/letters/letter.typ"
LAWS = """
[[laws]]
names = ["旧法"]
until = 2019-06-30
[[laws]]
names = ["今法"]
since = 2019-01-01
until = 2023-04-30
[[laws]]
names = ["新法"]
since = 2020-01-01
"""


def citing(text: str) -> Files:
    """A letter that says this, beside a table of three laws; the edition has been in force since
    1 July 2019 and has no end."""
    letter = f"// title: 函 | letter\n{text}\n"
    files = with_file(LETTER, letter.encode())
    return {**files, "common/laws.toml": LAWS.encode()}


def event(kind: str, definition: str, **attributes: str) -> Files:
    body = f'<bpmn:{definition} id="it_d"/>'
    return around(lambda s: s.node(kind, "it", body, **attributes))


def chosen(sketch: Sketch) -> Sketch:
    """A question `which` with the flows to `red` (if colour is red) and, by default, to `end`."""
    return (
        sketch.start()
        .task("look", "red")
        .asks("look", colour=["red", "green"])
        .exclusive("which", default="end")
        .end()
        .flow("start > look > which > end")
        .flow("which > red", when='colour == "red"')
        .flow("red > end")
    )


def calling(inner: Sketch) -> Files:
    outer = Sketch().start().call("it", "inner").end().flow("start > it > end")
    return folder(outer, inner)


def waiting(*targets: Callable[[Sketch], Sketch]) -> Sketch:
    sketch = Sketch().start().choice("it").end().flow("start > it")
    for number, target in enumerate(targets):
        target(sketch)
        sketch.flow(f"it > way_{number} > end")
    return sketch


def timer(number: int) -> Callable[[Sketch], Sketch]:
    return lambda s: s.catch_timer(f"way_{number}", "step")


def message(number: int) -> Callable[[Sketch], Sketch]:
    return lambda s: s.catch_message(f"way_{number}", "call")


def dmn(rows: str, policy: str = "UNIQUE", **extra: str) -> bytes:
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" '
        f'namespace="urn:d"><decision id="tariff" name="tariff"><variable name="tariff"/>'
        f'<decisionTable id="t" hitPolicy="{policy}"><input id="i"><inputExpression id="ie" '
        'typeRef="number"><text>n</text></inputExpression></input><output id="o" name="fee" '
        f'typeRef="number"/>{rows}</decisionTable></decision></definitions>'
    ).encode()


def row(number: int, cell: str) -> str:
    return (
        f'<rule id="r{number}"><inputEntry id="i{number}"><text>{cell}</text></inputEntry>'
        f'<outputEntry id="o{number}"><text>{number}</text></outputEntry></rule>'
    )


@dataclass(frozen=True)
class Hostile:
    """`at`: the element it is said of, or the file where no element is meant."""

    files: Callable[[], Files]
    at: str


LOOP = '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'
BPMN_FILE = "sample/sample.bpmn"
EMPTY_PROCESS = (
    '<bpmn:process id="other" isExecutable="true"><bpmn:startEvent id="s"/></bpmn:process>'
)


def _self_call(*sketches: tuple[str, str]) -> Files:
    drawn = [
        Sketch(key).start(f"{key}_s").task(f"{key}_t").call(f"{key}_c", to).end(f"{key}_e")
        .flow(f"{key}_s > {key}_t > {key}_c > {key}_e")
        for key, to in sketches
    ]  # fmt: skip
    return folder(*drawn)


def _event_sub_process(definition: str = "", *, flows: bool = False) -> Files:
    body = (
        f'<bpmn:startEvent id="called">{definition}</bpmn:startEvent><bpmn:endEvent id="done"/>'
        '<bpmn:sequenceFlow id="called_to_done" sourceRef="called" targetRef="done"/>'
    )
    sketch = Sketch().start().task("look").end()
    sketch.node("subProcess", "it", body, triggeredByEvent="true")
    sketch.flow("start > look > it > end" if flows else "start > look > end")
    return folder(sketch)


def _inclusive_loop() -> Sketch:
    return (
        Sketch().start().task("look", "left", "right").asks("look", way=["left", "right"])
        .node("inclusiveGateway", "open", default="open_to_right")
        .node("inclusiveGateway", "it")
        .exclusive("again", default="end").end()
        .flow("start > look > open > right > it > again > end")
        .flow("open > left", when='way == "left"').flow("left > it")
        .flow("again > look", when='way == "left"')
    )  # fmt: skip


def _bare_loop() -> Sketch:
    return (
        Sketch().start().task("look").asks("look", way=["on", "off"])
        .exclusive("it", default="note").service("note", "applaud").end()
        .flow("start > look > it > note > it").flow("it > end", when='way == "off"')
    )  # fmt: skip


def _thrown(throws: str, catches: str, *, interrupting: bool = True) -> Sketch:
    """A sub-process that ends by throwing, and an event on its edge."""
    inner = (
        Sketch("inner")
        .start("begin")
        .task("work")
        .end_with("fail", throws, "broken")
        .flow("begin > work > fail")
    )
    return (
        Sketch().start().inside("inner", inner)
        .boundary("caught", "inner", f"{catches}:broken", interrupting=interrupting)
        .end().flow("start > inner > end").flow("caught > end")
    )  # fmt: skip


HOSTILE: dict[str, Hostile] = {
    # reading
    "xml-unreadable": Hostile(lambda: with_file(BPMN_FILE, b"<bpmn"), BPMN_FILE),
    "xml-doctype": Hostile(
        lambda: with_file(BPMN_FILE, b'<!DOCTYPE x [<!ENTITY e "1">]><x>&e;</x>'), BPMN_FILE
    ),
    "xml-too-large": Hostile(
        lambda: with_file(BPMN_FILE, b"<x>" + b"<y/>" * 30_001 + b"</x>"), BPMN_FILE
    ),
    "xml-wrong-root": Hostile(lambda: with_file(BPMN_FILE, b"<html/>"), BPMN_FILE),
    "schema-invalid": Hostile(
        lambda: changed('cancelActivity="false"', 'cancelActivity="perhaps"', side(rests=False)),
        "late",
    ),
    "encoding-changed": Hostile(
        lambda: {
            **folder(errand()),
            BPMN_FILE: errand().xml().decode().replace("UTF-8", "GBK").encode("gbk"),
        },
        BPMN_FILE,
    ),
    "file-unreadable": Hostile(
        lambda: with_file("sample/forms/look.json", b"{"), "sample/forms/look.json"
    ),
    "file-missing": Hostile(lambda: without("sample/procedure.toml"), "sample/procedure.toml"),
    "main-process-missing": Hostile(
        lambda: changed('process id="sample"', 'process id="another"'), "sample"
    ),
    "parser-refused": Hostile(
        lambda: changed(' type="str"', ""),
        "praise",
    ),
    # names
    "id-missing": Hostile(lambda: changed('<bpmn:endEvent id="end"', "<bpmn:endEvent"), BPMN_FILE),
    "flow-id-given": Hostile(lambda: changed('id="start_to_look" ', ""), "start_to_look"),
    "boundary-id-given": Hostile(
        lambda: changed(
            '<bpmn:boundaryEvent id="late" name="late"',
            "<bpmn:boundaryEvent",
            Sketch()
            .start()
            .task("look")
            .end()
            .boundary_timer("late", "look", "step")
            .flow("start > look > end"),
        ),
        "look_timer",
    ),
    "id-doubled": Hostile(lambda: changed('id="praise"', 'id="again"'), "again"),
    "process-id-doubled": Hostile(
        lambda: {**folder(errand()), "sample/copy.bpmn": errand().xml()}, "sample"
    ),
    "operator-named-like-element": Hostile(
        lambda: one(
            Sketch().start().service("applaud", "applaud").end().flow("start > applaud > end")
        ),
        "applaud",
    ),
    "parameter-named-like-element": Hostile(
        lambda: one(
            Sketch().start().service("it", "applaud", end="1").end().flow("start > it > end")
        ),
        "it",
    ),
    "name-hides-characters": Hostile(
        lambda: changed('name="look"', 'name="look\u202ekool"'), "look"
    ),
    "name-english-missing": Hostile(lambda: one(errand()), "look"),
    "name-missing": Hostile(lambda: changed(' name="look"', ""), "look"),
    # elements
    "not-executable": Hostile(
        lambda: changed('isExecutable="true"', 'isExecutable="false"'), "sample"
    ),
    "pools-several": Hostile(
        lambda: changed("</bpmn:definitions>", f"{EMPTY_PROCESS}</bpmn:definitions>"), BPMN_FILE
    ),
    "script-task": Hostile(
        lambda: around(lambda s: s.node("scriptTask", "it", "<bpmn:script>1</bpmn:script>")), "it"
    ),
    "script-in-extension": Hostile(
        lambda: changed(
            "<spiffworkflow:properties>",
            "<spiffworkflow:preScript>import os</spiffworkflow:preScript><spiffworkflow:properties>",
            Sketch().start().task("look").end().flow("start > look > end"),
        ),
        "lane_window",
    ),
    "send-task": Hostile(lambda: around(lambda s: s.node("sendTask", "it")), "it"),
    "plain-task": Hostile(lambda: around(lambda s: s.node("manualTask", "it")), "it"),
    "complex-gateway": Hostile(lambda: around(lambda s: s.node("complexGateway", "it")), "it"),
    "ad-hoc": Hostile(
        lambda: around(lambda s: s.node("adHocSubProcess", "it", '<bpmn:task id="in"/>')), "it"
    ),
    "transaction": Hostile(lambda: around(lambda s: s.node("transaction", "it")), "it"),
    "compensation": Hostile(
        lambda: event("intermediateThrowEvent", "compensateEventDefinition"), "it"
    ),
    "link-event": Hostile(
        lambda: around(
            lambda s: s.node(
                "intermediateCatchEvent", "it", '<bpmn:linkEventDefinition id="d" name="x"/>'
            )
        ),
        "it",
    ),
    "signal-end": Hostile(
        lambda: changed(
            '<bpmn:endEvent id="end" name="end">',
            '<bpmn:endEvent id="end" name="end"><bpmn:signalEventDefinition id="d"/>',
        ),
        "end",
    ),
    "throwing-event": Hostile(
        lambda: event("intermediateThrowEvent", "messageEventDefinition"), "it"
    ),
    "event-unsupported": Hostile(
        lambda: event("intermediateCatchEvent", "errorEventDefinition"), "it"
    ),
    "event-several": Hostile(
        lambda: around(
            lambda s: s.node(
                "intermediateCatchEvent",
                "it",
                '<bpmn:messageEventDefinition id="a"/><bpmn:signalEventDefinition id="b"/>',
            )
        ),
        "it",
    ),
    "element-unsupported": Hostile(
        lambda: changed("</bpmn:process>", '<bpmn:auditing id="watch"/></bpmn:process>'), "watch"
    ),
    "attribute-unsupported": Hostile(
        lambda: (
            around(lambda s: s.receive("it", "call"))
            | changed(
                ' messageRef="message_call"',
                ' messageRef="message_call" instantiate="true"',
                Sketch().start().receive("it", "call").end().flow("start > it > end"),
            )
        ),
        "it",
    ),
    "attribute-foreign": Hostile(
        lambda: changed(
            '<bpmn:userTask id="look"',
            '<bpmn:userTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:formKey="f" id="look"',
        ),
        "look",
    ),
    "extension-unknown": Hostile(
        lambda: changed(
            '<spiffworkflow:properties><spiffworkflow:property name="due"',
            '<spiffworkflow:instructionsForEndUser/><spiffworkflow:properties><spiffworkflow:property name="due"',
        ),
        "look",
    ),
    "property-unknown": Hostile(lambda: around(lambda s: s.task("it", othr_than="look")), "it"),
    "property-doubled": Hostile(
        lambda: changed(
            '<spiffworkflow:property name="due" value="step"/>',
            '<spiffworkflow:property name="due" value="step"/><spiffworkflow:property name="due" value="long"/>',
        ),
        "look",
    ),
    "token-quantity": Hostile(
        lambda: changed('<bpmn:userTask id="look"', '<bpmn:userTask startQuantity="2" id="look"'),
        "look",
    ),
    "multi-instance": Hostile(
        lambda: changed("</bpmn:userTask>", f"{LOOP}</bpmn:userTask>"), "look"
    ),
    "standard-loop": Hostile(
        lambda: changed("</bpmn:userTask>", "<bpmn:standardLoopCharacteristics/></bpmn:userTask>"),
        "look",
    ),
    "data-object": Hostile(
        lambda: changed("</bpmn:process>", '<bpmn:dataObject id="thing"/></bpmn:process>'), "thing"
    ),
    "resource-role": Hostile(
        lambda: changed("</bpmn:userTask>", '<bpmn:potentialOwner id="who"/></bpmn:userTask>'),
        "who",
    ),
    # flows
    "flow-dangling": Hostile(lambda: one(errand().flow("look > nowhere")), "look_to_nowhere"),
    "flow-crosses-sub-process": Hostile(
        lambda: changed(
            "</bpmn:process>",
            '<bpmn:subProcess id="box"><bpmn:sequenceFlow id="through" sourceRef="start" targetRef="look"/></bpmn:subProcess></bpmn:process>',
        ),
        "through",
    ),
    "flow-condition-ignored": Hostile(
        lambda: one(
            Sketch()
            .start()
            .task("look")
            .end()
            .flow("start > look")
            .flow("look > end", when="1 == 1")
        ),
        "look_to_end",
    ),
    "flow-condition-missing": Hostile(
        lambda: one(chosen(Sketch()).task("blue").flow("which > blue > end")), "which_to_blue"
    ),
    "flow-default-conditioned": Hostile(
        lambda: changed('default="which_to_end"', 'default="which_to_red"', chosen(Sketch())),
        "which_to_red",
    ),
    "flow-doubled": Hostile(lambda: one(errand().flow("praise > end")), "praise_to_end"),
    "fork-implicit": Hostile(lambda: one(errand().flow("look > end")), "look"),
    "gateway-without-default": Hostile(
        lambda: changed(' default="which_to_end"', "", chosen(Sketch())), "which"
    ),
    "gateway-default-wrong": Hostile(
        lambda: changed('default="which_to_end"', 'default="red_to_end"', chosen(Sketch())), "which"
    ),
    "gateway-without-way": Hostile(
        lambda: one(errand().exclusive("lost").flow("again > lost")), "lost"
    ),
    "expression-refused": Hostile(
        lambda: changed('verdict == "good"', "__import__(1)"), "good_to_praise"
    ),
    "flow-unnamed": Hostile(lambda: one(errand()), "good_to_praise"),
    # shape
    "start-missing": Hostile(lambda: one(Sketch().task("look").end().flow("look > end")), "sample"),
    "start-several": Hostile(lambda: one(errand().start("second").flow("second > look")), "sample"),
    "start-entered": Hostile(lambda: one(errand().flow("again > start")), "start"),
    "end-missing": Hostile(
        lambda: one(Sketch().start().task("look").flow("start > look")), "sample"
    ),
    "end-left": Hostile(lambda: one(errand().flow("end > look")), "end"),
    "boundary-entered": Hostile(lambda: one(side(rests=False).flow("after > late")), "late"),
    "boundary-nowhere": Hostile(
        lambda: one(errand().boundary_timer("late", "praise", "step").flow("late > end")), "late"
    ),
    "unreachable": Hostile(lambda: one(errand().task("lonely").flow("lonely > end")), "lonely"),
    "no-way-to-end": Hostile(
        lambda: one(chosen(Sketch()).task("pit", "pit_two").flow("red > pit > pit_two > pit")),
        "pit",
    ),
    "loop-without-wait": Hostile(lambda: one(_bare_loop()), "it"),
    "inclusive-join-in-loop": Hostile(lambda: one(_inclusive_loop()), "it"),
    "side-branch-outlives": Hostile(lambda: one(side()), "end"),
    "side-branch-joins": Hostile(lambda: one(side("after")), "after"),
    "side-branch-terminates": Hostile(
        lambda: one(side("stop").end("stop", terminate=True)), "stop"
    ),
    "call-missing": Hostile(lambda: around(lambda s: s.node("callActivity", "it")), "it"),
    "call-unknown": Hostile(lambda: around(lambda s: s.call("it", "nowhere")), "it"),
    "call-recursive": Hostile(
        lambda: _self_call(("sample", "inner"), ("inner", "sample")), "inner_c"
    ),
    "event-sub-process-start": Hostile(_event_sub_process, "it"),
    "event-sub-process-connected": Hostile(lambda: _event_sub_process(flows=True), "it"),
    # events
    "message-missing": Hostile(
        lambda: changed(
            ' messageRef="message_call"',
            "",
            Sketch().start().receive("it", "call").end().flow("start > it > end"),
        ),
        "it",
    ),
    "message-unknown": Hostile(
        lambda: changed(
            'messageRef="message_call"',
            'messageRef="message_none"',
            Sketch().start().receive("it", "call").end().flow("start > it > end"),
        ),
        "it",
    ),
    "signal-unknown": Hostile(
        lambda: _event_sub_process('<bpmn:signalEventDefinition id="d" signalRef="none"/>'),
        "called",
    ),
    "timer-empty": Hostile(lambda: timed(""), "late"),
    "timer-invalid": Hostile(
        lambda: timed('<bpmn:timeDuration>"3 days"</bpmn:timeDuration>'), "late"
    ),
    "timer-quoted": Hostile(lambda: timed("<bpmn:timeDuration>P3D</bpmn:timeDuration>"), "late"),
    "timer-natural-days": Hostile(
        lambda: timed('<bpmn:timeDuration>"P3D"</bpmn:timeDuration>'), "late"
    ),
    "timer-limit-unknown": Hostile(
        lambda: timed('<bpmn:timeDate>due("never")</bpmn:timeDate>'), "late"
    ),
    "timer-clock-unknown": Hostile(
        lambda: timed('<bpmn:timeDate>clock_due("never")</bpmn:timeDate>'), "late"
    ),
    "timer-cycle": Hostile(lambda: timed('<bpmn:timeCycle>"R3/PT1H"</bpmn:timeCycle>'), "late"),
    "condition-missing": Hostile(
        lambda: event("intermediateCatchEvent", "conditionalEventDefinition"), "it"
    ),
    "throw-unknown": Hostile(
        lambda: changed(
            '<bpmn:endEvent id="end" name="end">',
            '<bpmn:endEvent id="end" name="end"><bpmn:errorEventDefinition id="d"/>',
        ),
        "end",
    ),
    "throw-nowhere": Hostile(
        lambda: one(
            Sketch()
            .start()
            .task("look")
            .boundary("it", "look", "error:broken")
            .end()
            .flow("start > look > end")
            .flow("it > end")
        ),
        "it",
    ),
    "error-interrupts": Hostile(
        lambda: one(_thrown("error", "error", interrupting=False)), "caught"
    ),
    "error-uncaught": Hostile(lambda: one(_thrown("error", "escalation")), "fail"),
    "escalation-uncaught": Hostile(lambda: one(_thrown("escalation", "error")), "fail"),
    "event-gateway-timers": Hostile(lambda: one(waiting(timer(0), timer(1))), "it"),
    "event-gateway-target": Hostile(
        lambda: one(waiting(timer(0), message(1)).task("no").flow("it > no > end")), "it"
    ),
    "event-gateway-single": Hostile(lambda: one(waiting(timer(0))), "it"),
    # waits
    "lane-missing": Hostile(
        lambda: changed("<bpmn:flowNodeRef>look</bpmn:flowNodeRef>", ""), "look"
    ),
    "lane-without-group": Hostile(
        lambda: changed('<spiffworkflow:property name="group" value="window"/>', ""), "lane_window"
    ),
    "group-unknown": Hostile(lambda: around(lambda s: s.task("it", group="nobody")), "it"),
    "lane-twice": Hostile(
        lambda: changed(
            "</bpmn:laneSet>",
            f'<bpmn:lane id="two">{extension({"group": "window"})}<bpmn:flowNodeRef>look</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        ),
        "look",
    ),
    "lane-ref-unknown": Hostile(
        lambda: changed(
            "<bpmn:flowNodeRef>look",
            "<bpmn:flowNodeRef>ghost</bpmn:flowNodeRef><bpmn:flowNodeRef>look",
        ),
        "lane_window",
    ),
    "property-missing": Hostile(lambda: around(lambda s: s.task("it", due="")), "it"),
    "limit-unknown": Hostile(lambda: around(lambda s: s.task("it", due="never")), "it"),
    "clock-unknown": Hostile(lambda: around(lambda s: s.task("it", clock="sundial")), "it"),
    "stage-unknown": Hostile(lambda: around(lambda s: s.task("it", stage="limbo")), "it"),
    "stage-missing": Hostile(lambda: around(lambda s: s.task("it", stage="")), "it"),
    "whose-unknown": Hostile(lambda: around(lambda s: s.task("it", whose="mine")), "it"),
    "waiting-english-missing": Hostile(lambda: around(lambda s: s.task("it")), "it"),
    "other-than-unknown": Hostile(lambda: around(lambda s: s.task("it", other_than="ghost")), "it"),
    "form-unknown": Hostile(lambda: around(lambda s: s.task("it", form="blank")), "it"),
    "form-does-not-require": Hostile(
        lambda: with_file(
            "sample/forms/look.json",
            b'{"type": "object", "properties": {"verdict": {"type": "string"}}}',
        ),
        "look",
    ),
    "form-unsound": Hostile(
        lambda: with_file(
            "sample/forms/spare.json", b'{"properties": {"a": {"type": "nonsense"}}}'
        ),
        "sample/forms/spare.json",
    ),
    # operations
    "operation-missing": Hostile(lambda: around(lambda s: s.node("serviceTask", "it")), "it"),
    "operation-unknown": Hostile(lambda: around(lambda s: s.service("it", "explode")), "it"),
    "operation-parameter-unknown": Hostile(
        lambda: around(lambda s: s.service("it", "applaud", pitch="1")), "it"
    ),
    "operation-parameter-missing": Hostile(lambda: around(lambda s: s.service("it", "mark")), "it"),
    "operation-value-unknown": Hostile(
        lambda: around(lambda s: s.service("it", "mark", flag="'blue'")), "it"
    ),
    "letter-unknown": Hostile(
        lambda: around(lambda s: s.service("it", "write", letter="'farewell'")), "it"
    ),
    "answer-not-kept": Hostile(
        lambda: around(lambda s: s.service("it", "applaud", result="noise")), "it"
    ),
    "variable-unknown": Hostile(lambda: changed("verdict ==", "verdikt =="), "good_to_praise"),
    "variable-shadows": Hostile(lambda: one(errand().asks("again", due=[])), "again"),
    # decisions
    "decision-unknown": Hostile(
        lambda: told('[rules]\ntariff = "none"\n'), "sample/procedure.toml"
    ),
    "decision-task-empty": Hostile(lambda: around(lambda s: s.rule("it", "", "answer")), "it"),
    "decision-task-unknown": Hostile(
        lambda: around(lambda s: s.rule("it", "none", "answer")), "it"
    ),
    "decision-task-result": Hostile(
        lambda: around(lambda s: s.rule("it", "tariff", "").beside("a.dmn", dmn(row(1, "-")))), "it"
    ),
    "decision-input-unknown": Hostile(
        lambda: around(
            lambda s: s.rule("it", "tariff", "answer").beside("a.dmn", dmn(row(1, "-")))
        ),
        "it",
    ),
    "decision-doubled": Hostile(
        lambda: {
            **folder(errand()),
            "sample/a.dmn": dmn(row(1, "-")),
            "sample/b.dmn": dmn(row(1, "-")),
        },
        "tariff",
    ),
    "decision-refused": Hostile(
        lambda: with_file(
            "sample/a.dmn",
            dmn(row(1, "][")),
        ),
        "tariff",
    ),
    "decision-overlap": Hostile(
        lambda: with_file(
            "sample/a.dmn", dmn(row(1, "&gt; 1") + row(2, "&gt; 2") + row(3, "&lt;= 1"))
        ),
        "tariff",
    ),
    "decision-gap": Hostile(lambda: with_file("sample/a.dmn", dmn(row(1, "&gt; 1"))), "tariff"),
    "decision-impossible": Hostile(
        lambda: with_file("sample/a.dmn", dmn(row(1, "(1..1)") + row(2, "-"))), "tariff"
    ),
    "decision-masked": Hostile(
        lambda: with_file("sample/a.dmn", dmn(row(1, "-") + row(2, "1"), "FIRST")), "tariff"
    ),
    "decision-unchecked": Hostile(
        lambda: with_file(
            "sample/a.dmn", dmn("".join(row(n, f"[{n}..{n + 1})") for n in range(1000)), "FIRST")
        ),
        "tariff",
    ),
    # laws
    "law-unknown": Hostile(lambda: citing("依照《口罩条例》。"), LETTER),
    "law-not-of-its-time": Hostile(lambda: citing("// basis: 旧法第一条"), LETTER),
    "law-not-yet": Hostile(lambda: citing("依照新法第一条。"), LETTER),
    "law-outlived": Hostile(lambda: citing("依照今法第一条。"), LETTER),
}
