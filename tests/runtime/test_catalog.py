"""A procedure's folder: what belongs to a version, and what does not hold together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.domain.errors import EngineError, Invalid
from engine.runtime import catalog
from engine.settings import ROOT
from tests.runtime.sketches import Sketch, errand, folder, rework

WORKFLOWS = ROOT / "workflows"


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    """A workflows folder with one small procedure, something shared, and things that do not count."""
    put = folder(errand()) | {
        "common/departments.toml": b'[groups.window]\nzh = "x"\n',
        "common/calendars/2020.csv": b"2020-01-01",
        "sample/scenarios/good.json": b"{}",
        "sample/README.md": b"read me",
        "other/notes.txt": b"no procedure",
    }
    for name, content in put.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def test_a_folder_is_a_procedure_when_it_says_so(workflows: Path) -> None:
    assert catalog.procedure_keys(workflows) == ("sample",)
    with pytest.raises(Invalid, match=r"procedure\.toml"):
        catalog.read_folder(workflows, "other")


def test_a_version_is_what_the_procedure_needs_to_run_and_nothing_that_only_proves_it(
    workflows: Path,
) -> None:
    names = set(catalog.read_folder(workflows, "sample"))
    assert names == {*folder(errand()), "common/departments.toml"}


@pytest.mark.parametrize(
    "name", ["sample/forms/look.json", "sample/sample.bpmn", "common/departments.toml"]
)
def test_a_changed_byte_is_another_version(workflows: Path, name: str) -> None:
    before = catalog.digest(catalog.read_folder(workflows, "sample"))
    path = workflows / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert catalog.digest(catalog.read_folder(workflows, "sample")) != before


@pytest.mark.parametrize("name", ["sample/scenarios/good.json", "common/calendars/2020.csv"])
def test_a_changed_scenario_or_calendar_is_not(workflows: Path, name: str) -> None:
    before = catalog.digest(catalog.read_folder(workflows, "sample"))
    (workflows / name).write_bytes(b"changed")
    assert catalog.digest(catalog.read_folder(workflows, "sample")) == before


def test_a_file_under_another_name_is_another_version() -> None:
    assert catalog.digest({"a": b"1", "b": b"2"}) != catalog.digest({"a": b"2", "b": b"1"})
    assert catalog.digest({"ab": b"c"}) != catalog.digest({"a": b"bc"})
    assert catalog.digest({"a": b"1", "b": b"2"}) == catalog.digest({"b": b"2", "a": b"1"})


def test_a_version_comes_out_of_its_package_as_it_went_in() -> None:
    files = catalog.read_folder(WORKFLOWS, "credit_repair")
    assert catalog.unpack(catalog.pack(files)) == files


def test_a_copied_folder_under_a_new_name_is_a_new_procedure(tmp_path: Path) -> None:
    shutil.copytree(WORKFLOWS, tmp_path / "workflows")
    folders = tmp_path / "workflows"
    (folders / "credit_repair").rename(folders / "second")
    for path in (folders / "second").glob("p*"):
        text = path.read_text("utf-8").replace("credit_repair", "second")
        path.write_text(text, "utf-8")
    for path in (folders / "second").glob("*.bpmn"):
        text = path.read_text("utf-8").replace("credit_repair_", "second_")
        path.write_text(text, "utf-8")
    drawn = catalog.load(catalog.read_folder(folders, "second"), "second")
    original = catalog.load(catalog.read_folder(WORKFLOWS, "credit_repair"), "credit_repair")
    shared = {"supervision", "extension", "promise"}
    assert set(drawn.runnables) == {"second", "second_revocation"} | shared
    assert {each.replace("second", "credit_repair") for each in drawn.runnables} == set(
        original.runnables
    )
    assert {"second_examination", "second_takedown"} <= set(drawn.drawings)
    assert not [key for key in drawn.drawings if key.startswith("credit_repair")]


def test_the_main_process_and_what_nobody_calls_can_be_started() -> None:
    outer = Sketch("outer").start().call("inside", "sample").end().flow("start > inside > end")
    aside = rework("aside")
    drawn = catalog.load(folder(outer, errand(), aside), "outer")
    assert set(drawn.runnables) == {"outer", "aside"}
    assert set(drawn.drawings) == {"outer", "sample", "aside"}


def test_only_what_some_expression_reads_is_a_variable() -> None:
    files = folder(errand())
    files["sample/procedure.toml"] += b"""
[limits.step_urgent]
amount = 1
unit = "working_days"
zh = "short"
replaces = "step"
when = 'haste == "great"'
"""
    assert catalog.load(files, "sample").variables == {"verdict", "haste"}


def test_a_variant_takes_the_place_of_a_limit_once_its_condition_holds() -> None:
    drawn = catalog.load(catalog.read_folder(WORKFLOWS, "credit_repair"), "credit_repair")
    assert drawn.limit("handling", {}).key == "handling"
    assert drawn.limit("handling", {"cause": "none"}).key == "handling"
    assert drawn.limit("handling", {"cause": "epidemic"}).key == "handling_epidemic"
    with pytest.raises(Invalid, match="nonsense"):
        drawn.limit("nonsense", {})


def test_each_form_letter_and_table_of_the_folder_is_found_by_its_name() -> None:
    drawn = catalog.load(catalog.read_folder(WORKFLOWS, "credit_repair"), "credit_repair")
    assert {"application", "review_filing", "supplement"} <= set(drawn.forms)
    assert {"eligibility", "grading", "publication_period"} <= set(drawn.decisions)
    with pytest.raises(Invalid, match="nonsense"):
        drawn.form("nonsense")


# ── what does not hold together ─────────────────────────────────────────────────────────────────

BROKEN = {
    "sample/procedure.toml": (b"= nonsense", "procedure.toml"),
    "sample/forms/look.json": (b"{", "look.json"),
    "sample/forms/again.json": (b"[]", "again.json"),
    "sample/sample.bpmn": (b"<bpmn", "sample.bpmn"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named(name: str) -> None:
    content, told = BROKEN[name]
    with pytest.raises(EngineError, match=told):
        catalog.load({**folder(errand()), name: content}, "sample")


def test_a_missing_file_is_named() -> None:
    files = folder(errand())
    del files["sample/procedure.toml"]
    with pytest.raises(Invalid, match=r"procedure\.toml"):
        catalog.load(files, "sample")


def test_the_main_process_bears_the_name_of_the_folder() -> None:
    files = folder(errand())
    files["sample/sample.bpmn"] = rework("another").xml()
    with pytest.raises(Invalid, match="sample"):
        catalog.load(files, "sample")


def test_the_key_in_the_folder_is_that_of_the_folder() -> None:
    files = folder(errand())
    files["sample/procedure.toml"] = files["sample/procedure.toml"].replace(b"sample", b"other", 1)
    with pytest.raises(Invalid, match="key"):
        catalog.load(files, "sample")


def test_two_processes_of_one_name_are_refused() -> None:
    files = folder(errand())
    files["sample/copy.bpmn"] = files["sample/sample.bpmn"]
    with pytest.raises(Invalid, match="重复"):
        catalog.load(files, "sample")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'<!DOCTYPE x [<!ENTITY e "1">]><x>&e;</x>', "DOCTYPE"),
        (b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>', "DOCTYPE"),
        (b"<x>" + b" " * 4_000_000 + b"</x>", "4000000"),
    ],
    ids=["entity", "outside", "huge"],
)
def test_xml_that_could_reach_out_or_exhaust_is_refused(raw: bytes, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        catalog.load({**folder(errand()), "sample/sample.bpmn": raw}, "sample")


def test_what_the_library_cannot_read_is_refused_with_file_and_element() -> None:
    named_alike = Sketch().start().service("applaud", "applaud").end()
    with pytest.raises(Invalid, match=r"sample/sample\.bpmn#applaud"):
        catalog.load(folder(named_alike.flow("start > applaud > end")), "sample")
    nowhere = Sketch().start().call("inside", "nowhere").end()
    with pytest.raises(Invalid, match="nowhere"):
        catalog.load(folder(nowhere.flow("start > inside > end")), "sample")


@pytest.mark.parametrize("condition", ["__import__('os')", "verdict.__class__", "open('x')", "1 +"])
def test_an_expression_that_is_none_of_ours_is_refused(condition: str) -> None:
    sketch = errand()
    sketch.flows = [
        flow.replace('verdict == "good"', condition.replace("'", "&apos;")) for flow in sketch.flows
    ]
    with pytest.raises(EngineError):
        catalog.load(folder(sketch), "sample")


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_a_diagram_may_be_in_any_encoding_it_declares(encoding: str) -> None:
    text = errand().xml().decode().replace("UTF-8", encoding).replace('name="look"', 'name="核对"')
    files = {**folder(errand()), "sample/sample.bpmn": text.encode(encoding)}
    drawn = catalog.load(files, "sample")
    assert drawn.element("sample", "look").title.zh == "核对"
