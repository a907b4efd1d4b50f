"""The gate: what may not be deployed, each with its element and a sentence in two languages."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.domain.errors import EngineError
from engine.runtime import catalog, gate
from engine.runtime.gate.rules import rules
from engine.settings import ROOT
from tests.runtime.hostile import BPMN_FILE, HOSTILE, WORDS, around, checked, one, side
from tests.runtime.sketches import Sketch, endless, errand, folder, rework
from tests.runtime.straying import STRAYING


@pytest.mark.parametrize("sound", [errand, endless, rework], ids=lambda each: each.__name__)
def test_a_sound_diagram_passes(sound: type[Sketch]) -> None:
    assert checked(one(sound())).refusals == ()


@pytest.mark.parametrize("code", HOSTILE)
def test_what_would_stall_or_lie_is_said_of_the_element_by_its_name(code: str) -> None:
    hostile = HOSTILE[code]
    report = checked(hostile.files())
    found = [each for each in report.findings if each.code == code]
    assert found, [(each.code, each.place) for each in report.findings]
    assert hostile.at in {each.element_id or each.file for each in found}
    rule = rules()[code]
    assert {each.severity for each in found} == {rule.severity}
    for each in found:
        assert "{" not in each.zh + each.en
        assert any("一" <= sign <= "鿿" for sign in each.zh)
        assert each.name
        assert each.file


def test_every_sentence_of_the_gate_is_proven_by_a_folder_that_deserves_it() -> None:
    assert rules().keys() - HOSTILE.keys() - STRAYING.keys() == set()


def test_a_called_process_is_checked_as_well() -> None:
    inner = Sketch("inner").start().service("it", "explode").end().flow("start > it > end")
    outer = Sketch().start().call("inside", "inner").end().flow("start > inside > end")
    (finding,) = checked(folder(outer, inner)).refusals
    assert (finding.process_id, finding.element_id) == ("inner", "it")


def test_a_shared_process_that_nothing_uses_need_not_fit_the_procedure() -> None:
    stray = Sketch("stray").start().service("it", "explode").end().flow("start > it > end")
    files = {**folder(errand()), "common/stray.bpmn": stray.xml()}
    assert checked(files).refusals == ()


def test_a_side_branch_of_operations_alone_may_stand_beside_a_plain_end() -> None:
    assert checked(one(side(rests=False))).refusals == ()


def test_a_boundary_event_is_reached_through_what_it_is_attached_to() -> None:
    sketch = errand().boundary_timer("late", "look", "step").end("over").flow("late > over")
    assert checked(one(sketch)).refusals == ()


def test_the_refusal_names_every_finding_by_file_and_element_in_both_languages() -> None:
    files = folder(
        Sketch().start().service("it", "explode").task("lonely").end().flow("start > it > end")
    )
    refused = gate.GateRefused(checked(files))
    assert refused.slug == "gate-refused"
    assert {"sample/sample.bpmn#it", "sample/sample.bpmn#lonely"} <= refused.fields.keys()
    assert "lonely" in str(refused)
    told = refused.extra["report"]
    assert told["accepted"] is False
    assert {
        "code",
        "severity",
        "file",
        "process_id",
        "element_id",
        "name",
        "kind",
        "zh",
        "en",
        "rows",
        "column",
    } == set(told["findings"][0])


def test_the_report_of_one_folder_is_always_the_same() -> None:
    files = HOSTILE["multi-instance"].files()
    assert checked(files) == checked(dict(reversed(files.items())))


def test_labels_of_a_diagram_come_out_as_text_without_signs_that_nobody_sees() -> None:
    hostile = "<script>alert(1)</script>\u202e"
    files = folder(Sketch().start().node("scriptTask", "it").end().flow("start > it > end"))
    text = files[BPMN_FILE].decode()
    escaped = hostile.replace("<", "&lt;")
    files[BPMN_FILE] = text.replace('name="it"', f'name="{escaped}"').encode()
    (finding,) = [each for each in checked(files).findings if each.code == "script-task"]
    assert finding.name == "<script>alert(1)</script> "


# ── mended ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "code", [c for c, r in rules().items() if r.severity is gate.Severity.REPAIRED]
)
def test_what_is_mended_is_mended_alike_each_time_and_only_once(code: str) -> None:
    files = HOSTILE[code].files()
    mended, findings = gate.repair(files)
    assert code in {each.code for each in findings}
    assert gate.repair(files)[0] == mended
    assert gate.repair(mended) == (mended, [])
    assert catalog.load(mended, "sample").key == "sample"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_a_diagram_in_any_encoding_is_kept_in_utf_8_with_the_same_names(encoding: str) -> None:
    declared = "UTF-8" if encoding == "utf-8-sig" else encoding
    text = errand().xml().decode().replace("UTF-8", declared).replace('name="look"', 'name="核对"')
    files = {**folder(errand()), BPMN_FILE: text.encode(encoding)}
    verdict = gate.examine(files, "sample", WORDS)
    assert [each.code for each in verdict.report.repairs] == ["encoding-changed"]
    assert verdict.procedure is not None
    drawing = verdict.procedure.drawings["sample"]
    assert "核对" in drawing.xml.decode("utf-8")
    assert drawing.elements["look"].title.zh == "核对"


def test_a_diagram_that_needs_no_mending_keeps_its_bytes() -> None:
    files = folder(errand())
    assert gate.repair(files) == (files, [])


def test_a_flow_that_was_given_an_id_is_shown_as_taken() -> None:
    files = HOSTILE["flow-id-given"].files()
    verdict = gate.examine(files, "sample", WORDS)
    assert verdict.procedure is not None
    assert verdict.procedure.drawings["sample"].flows["start", "look"] == "start_to_look"


# ── nothing but its report ──────────────────────────────────────────────────────────────────────

SHIPPED = sorted((ROOT / "workflows").rglob("*.bpmn"))
SEEDS = [
    errand().xml(),
    rework().xml(),
    one(side())[BPMN_FILE],
    *(p.read_bytes() for p in SHIPPED[:2]),
]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_done_to_its_bytes_a_folder_gets_a_report_and_nothing_is_raised(
    data: st.DataObject,
) -> None:
    raw = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        length = data.draw(st.integers(0, 12))
        raw[at : at + length] = data.draw(st.binary(max_size=12))
    assert isinstance(checked(with_bytes(bytes(raw))), gate.Report)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_whatever_is_done_to_its_elements_a_folder_gets_a_report_and_nothing_is_raised(
    raw: bytes, chance: random.Random
) -> None:
    root = etree.fromstring(raw)
    for _ in range(chance.randint(1, 5)):
        shake(root, chance)
    report = checked(with_bytes(etree.tostring(root)))
    assert isinstance(report, gate.Report)


def with_bytes(raw: bytes) -> dict[str, bytes]:
    forms = {**folder(side()), **folder(rework()), **folder(errand())}
    return {**forms, BPMN_FILE: raw}


def shake(root: etree._Element, chance: random.Random) -> None:
    """Take away, double, move or retouch one element."""
    elements = [each for each in root.iter(etree.Element) if each.getparent() is not None]
    if not elements:
        return
    at, other = chance.choice(elements), chance.choice(elements)
    around_it = at.getparent()
    assert around_it is not None
    way = chance.randint(0, 4)
    if way == 0:
        around_it.remove(at)
    elif way == 1:
        around_it.append(etree.fromstring(etree.tostring(at)))
    elif way == 2 and at not in other.iterancestors() and at is not other:
        other.append(at)
    elif way == 3 and at.attrib:
        key = chance.choice(sorted(map(str, at.attrib)))
        at.set(key, chance.choice(["", "look", "end", "true", "0", str(other.get("id") or "x")]))
    else:
        at.tag, at.text = other.tag, chance.choice(["", "P1D", 'due("step")', "verdict", "1 +"])


def crowd(kind: str) -> bytes:
    """As large as a file may be: tasks in a row, processes, or elements that no schema knows."""
    head = errand().xml().decode().partition("<bpmn:process")[0]
    if kind == "processes":
        body = "".join(f'<bpmn:process id="p{n}" isExecutable="true"/>' for n in range(9_000))
    elif kind == "faults":
        body = '<bpmn:process id="sample" isExecutable="true">'
        body += "<bpmn:userTask odd='1'/>" * 9_000 + "</bpmn:process>"
    else:
        keys = [f"t{n}" for n in range(9_000)]
        flows = "".join(
            f'<bpmn:sequenceFlow id="f{a}" sourceRef="{a}" targetRef="{b}"/>'
            for a, b in pairwise(keys)
        )
        tasks = "".join(f'<bpmn:serviceTask id="{key}"/>' for key in keys)
        body = f'<bpmn:process id="sample" isExecutable="true">{tasks}{flows}</bpmn:process>'
    return f"{head}{body}</bpmn:definitions>".encode()


@pytest.mark.parametrize("kind", ["processes", "faults", "tasks"])
def test_a_file_as_large_as_may_be_is_judged_without_taking_for_ever(kind: str) -> None:
    assert not checked(with_bytes(crowd(kind))).is_accepted


@pytest.mark.parametrize(
    "schema",
    [
        b'{"$ref": "http://example.org/schema.json"}',
        b'{"properties": {"a": {"$ref": "#/properties/a"}}}',
        b'{"properties": {"a": true}}',
        b'{"properties": {"a": {"x-show-if": {"field": "b", "in": [1]}}}}',
        b'{"properties": {"a": {"x-show-if": {"field": "a", "in": [1]}}}}',
        b'{"properties": {"a": {"format": "date", "x-day": "tomorrow"}}}',
        b'{"properties": {"a": {"type": "string", "x-day": "past"}}}',
        b'{"required": "a"}',
        b'{"properties": []}',
        b'{"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}',
        b'{"properties": {"a": {"items": {"pattern": "^(a|a)*$"}}}}',
    ],
)
def test_a_form_that_could_reach_out_or_go_in_circles_is_refused(schema: bytes) -> None:
    files = {**folder(errand()), "sample/forms/spare.json": schema}
    assert "form-unsound" in {each.code for each in checked(files).refusals}


def test_of_a_diagram_that_cannot_be_read_nothing_else_is_said() -> None:
    files = folder(errand())
    name = next(name for name in files if name.endswith(".bpmn"))
    cut = {**files, name: files[name][: len(files[name]) // 2]}
    assert {each.code for each in checked(cut).refusals} == {"xml-unreadable"}


def test_a_folder_without_anything_gets_a_report() -> None:
    assert {each.code for each in checked({}).refusals} == {"file-missing", "main-process-missing"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_the_gate_says_of_a_shipped_diagram_under_another_name_is_a_report(path: Path) -> None:
    try:
        report = gate.check({f"other/{path.name}": path.read_bytes()}, "other", WORDS)
    except EngineError as problem:
        pytest.fail(str(problem))
    assert not report.is_accepted


def test_a_sketch_with_a_warning_is_still_let_in() -> None:
    report = checked(around(lambda s: s.task("it", stage="")))
    assert report.is_accepted
    assert "stage-missing" in {each.code for each in report.warnings}
