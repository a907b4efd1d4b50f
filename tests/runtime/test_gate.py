"""The gate: what may not be deployed, each with the element and a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.runtime import catalog, gate
from tests.runtime.sketches import Sketch, errand, folder

OPERATIONS, GROUPS = {"applaud"}, {"window"}


def checked(*sketches: Sketch) -> gate.Report:
    drawn = catalog.load(folder(*sketches), sketches[0].process_id)
    return gate.check(drawn, OPERATIONS, GROUPS)


def around(build: Callable[[Sketch], Sketch]) -> Sketch:
    """start > task > (what `build` adds, called `it`) > end"""
    sketch = build(Sketch().start().task("look", waiting_en="wait")).end()
    return sketch.flow("start > look > it > end")


def test_a_sound_diagram_passes() -> None:
    assert checked(errand()).refusals == ()


#: What is wrong -> the element it is said of, and a word of the sentence.
WRONG: dict[str, tuple[Sketch, str, str]] = {
    "unknown operation": (around(lambda s: s.service("it", "explode")), "it", "explode"),
    "unknown group": (around(lambda s: s.task("it", group="nobody")), "it", "nobody"),
    "no due": (around(lambda s: s.task("it", due="")), "it", "due"),
    "unknown limit": (around(lambda s: s.task("it", due="never")), "it", "never"),
    "no clock": (around(lambda s: s.task("it", clock="")), "it", "clock"),
    "unknown clock": (around(lambda s: s.task("it", clock="sundial")), "it", "sundial"),
    "no sentence": (around(lambda s: s.task("it", waiting="")), "it", "waiting"),
    "whose time": (around(lambda s: s.task("it", whose="mine")), "it", "mine"),
    "unknown form": (around(lambda s: s.task("it", form="blank")), "it", "blank"),
    "unknown stage": (around(lambda s: s.task("it", stage="limbo")), "it", "limbo"),
    "script": (
        around(lambda s: s.node("scriptTask", "it", "<bpmn:script>1</bpmn:script>")),
        "it",
        "scriptTask",
    ),
    "manual task": (around(lambda s: s.node("manualTask", "it")), "it", "manualTask"),
    "plain task": (around(lambda s: s.node("task", "it")), "it", "task"),
    "throwing event": (
        around(lambda s: s.node("intermediateThrowEvent", "it")),
        "it",
        "intermediateThrowEvent",
    ),
    "unreachable": (errand().task("lonely").flow("lonely > end"), "lonely", "unreachable"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_would_stall_or_lie_is_refused_and_named(what: str) -> None:
    sketch, element_id, word = WRONG[what]
    found = [f for f in checked(sketch).refusals if f.element_id == element_id]
    assert any(word in finding.en for finding in found), found
    assert all(finding.zh for finding in found)
    assert {(finding.file, finding.process_id) for finding in found} == {
        ("sample/sample.bpmn", "sample")
    }


def test_a_called_process_is_checked_as_well() -> None:
    inner = Sketch("inner").start().service("it", "explode").end().flow("start > it > end")
    outer = Sketch().start().call("inside", "inner").end().flow("start > inside > end")
    (finding,) = checked(outer, inner).refusals
    assert (finding.process_id, finding.element_id) == ("inner", "it")


def test_a_boundary_event_is_reached_through_what_it_is_attached_to() -> None:
    sketch = errand().boundary_timer("late", "look", "step").end("over").flow("late > over")
    assert checked(sketch).refusals == ()


def test_a_missing_translation_or_stage_is_a_warning_and_no_refusal() -> None:
    report = checked(around(lambda s: s.task("it", stage="")))
    assert report.refusals == ()
    assert sorted(w.en for w in report.warnings if w.element_id == "it") == [
        "names no stage",
        "the waiting sentence has no English",
    ]


def test_the_refusal_names_every_finding_by_file_and_element() -> None:
    sketch = around(lambda s: s.service("it", "explode")).task("lonely")
    refused = gate.GateRefused(checked(sketch))
    assert refused.slug == "gate-refused"
    assert refused.fields.keys() == {"sample/sample.bpmn#it", "sample/sample.bpmn#lonely"}
    assert "it" in str(refused)
