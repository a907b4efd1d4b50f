"""A changed folder is handed in: judged, shown against what lives, deployed, and never undone by a restart."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.domain.actor import SYSTEM, Actor
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.gate_report import GateRefused
from engine.persistence import models
from engine.services import cases, deployments, folder_uploads
from engine.settings import ROOT
from tests.offices import FIRM, MONDAY, Practice, open_practice
from tests.runtime.sketches import Sketch, folder

ADMIN = Actor(
    uuid4(), "qin", "秦立", department="credit_office", groups=frozenset({"administrator"})
)


@pytest.fixture
def practice(database_url: str, tmp_path: Path) -> Iterator[Practice]:
    """A practice whose only procedure is `sample`: two tasks one after the other."""
    workflows = tmp_path / "workflows"
    for name, content in {**folder(two_steps()), **shared()}.items():
        path = workflows / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with closing(open_practice(database_url, tmp_path, workflows=workflows)) as opened:
        yield opened


def shared() -> dict[str, bytes]:
    common = ROOT / "workflows" / "common"
    names = [
        "departments.toml",
        "notices.toml",
        "sites.toml",
        *(f"calendars/{path.name}" for path in (common / "calendars").glob("*")),
    ]
    return {f"common/{name}": (common / name).read_bytes() for name in names}


def two_steps(*, english: str = "x", second: str = "after") -> Sketch:
    held = {"waiting_en": english, "name_en": english}
    sketch = Sketch().start().task("look", second, **held).end()
    sketch.flow(f"start > look > {second} > end")
    sketch.nodes = [
        each.replace(' name="start"', "").replace(' name="end"', "") for each in sketch.nodes
    ]
    return sketch


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    # packed: beyond 500 kB the test client leaves a temporary file open
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def handed(practice: Practice, files: dict[str, bytes], name: str = "sample.zip") -> Any:
    return folder_uploads.unpacked(practice.office, zipped(files), name)


def changed() -> dict[str, bytes]:
    return folder(two_steps(second="check"))


def versions(practice: Practice) -> list[tuple[int, str]]:
    held = models.ProcessDefinition
    return [
        (row.version, row.deployed_by) for row in practice.all(select(held).order_by(held.version))
    ]


def kept(practice: Practice) -> int:
    return len(practice.all(select(models.FolderUpload)))


def test_a_changed_folder_becomes_the_newest_version_and_says_what_it_changes(
    practice: Practice,
) -> None:
    number = cases.file(
        practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
    ).number
    upload_id = folder_uploads.keep(practice.office, ADMIN, handed(practice, changed()), now=MONDAY)
    assert versions(practice) == [(1, "system")]

    seen = folder_uploads.upload(practice.office, ADMIN, upload_id, now=MONDAY, full=True)
    assert (seen.procedure, seen.next_version, seen.is_new) == ("sample", 2, True)
    assert seen.report.is_accepted
    assert {(each.kind, each.element_id) for each in seen.changes} == {
        ("added", "check"),
        ("removed", "after"),
    }
    assert [(each.element_id, each.count, each.becomes) for each in seen.live] == [
        ("look", 1, "kept")
    ]
    assert seen.current is not None
    assert (seen.current.version, seen.current.live_cases) == (1, 1)

    folder_uploads.deploy_upload(practice.office, ADMIN, upload_id, now=MONDAY)
    assert versions(practice) == [(1, "system"), (2, "qin")]
    done = folder_uploads.upload(practice.office, ADMIN, upload_id, now=MONDAY)
    assert (done.version, done.deployed_by) == (2, "qin")
    (line,) = folder_uploads.uploads(practice.office, ADMIN)
    assert (line.version, line.refusals) == (2, 0)

    practice.answer(number, "look", {})
    assert [task.element_id for task in practice.open_tasks(number)] == ["after"]
    fresh = cases.file(
        practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
    ).number
    practice.answer(fresh, "look", {})
    assert [task.element_id for task in practice.open_tasks(fresh)] == ["check"]


def test_a_restart_does_not_undo_what_was_handed_in(practice: Practice) -> None:
    folder_uploads.deploy_handed(practice.office, ADMIN, handed(practice, changed()), now=MONDAY)
    assert deployments.deploy_all(practice.office, SYSTEM, now=MONDAY) == ()
    assert [version for version, _ in versions(practice)] == [1, 2]
    back = handed(practice, folder(two_steps()))
    folder_uploads.deploy_handed(practice.office, ADMIN, back, now=MONDAY)
    assert [version for version, _ in versions(practice)] == [1, 2, 3]


def test_looking_keeps_nothing(practice: Practice) -> None:
    before = practice.everything()
    seen = folder_uploads.look(practice.office, ADMIN, handed(practice, changed()), now=MONDAY)
    assert seen.report.is_accepted
    assert practice.everything() == before


def test_what_the_gate_refuses_is_not_kept_and_every_fault_is_named(practice: Practice) -> None:
    files = changed()
    files["sample/sample.bpmn"] = files["sample/sample.bpmn"].replace(b'"window"', b'"nobody"')
    with pytest.raises(GateRefused) as refused:
        folder_uploads.deploy_handed(practice.office, ADMIN, handed(practice, files), now=MONDAY)
    assert "sample/sample.bpmn#look" in refused.value.fields
    assert kept(practice) == 0
    upload_id = folder_uploads.keep(practice.office, ADMIN, handed(practice, files), now=MONDAY)
    with pytest.raises(GateRefused):
        folder_uploads.deploy_upload(practice.office, ADMIN, upload_id, now=MONDAY)
    assert [version for version, _ in versions(practice)] == [1]


def test_warnings_want_a_reason_and_it_is_kept(practice: Practice) -> None:
    warned = folder(two_steps(english="", second="check"))
    with pytest.raises(Invalid) as refused:
        folder_uploads.deploy_handed(practice.office, ADMIN, handed(practice, warned), now=MONDAY)
    assert set(refused.value.named) == {"reason"}
    assert kept(practice) == 0
    view = folder_uploads.deploy_handed(
        practice.office, ADMIN, handed(practice, warned), reason="英文随后补", now=MONDAY
    )
    assert view.reason == "英文随后补"
    assert view.report.warnings


def test_the_same_files_again_are_a_conflict_and_so_is_deploying_twice(practice: Practice) -> None:
    same = handed(practice, folder(two_steps()))
    with pytest.raises(Conflict):
        folder_uploads.deploy_handed(practice.office, ADMIN, same, now=MONDAY)
    upload_id = folder_uploads.keep(practice.office, ADMIN, handed(practice, changed()), now=MONDAY)
    folder_uploads.deploy_upload(practice.office, ADMIN, upload_id, now=MONDAY)
    with pytest.raises(Conflict):
        folder_uploads.deploy_upload(practice.office, ADMIN, upload_id, now=MONDAY)


def test_what_was_mended_is_deployed_mended(practice: Practice) -> None:
    files = changed()
    files["sample/sample.bpmn"] = files["sample/sample.bpmn"].replace(b' id="start_to_look"', b"")
    view = folder_uploads.deploy_handed(practice.office, ADMIN, handed(practice, files), now=MONDAY)
    assert [each.code for each in view.report.repairs] == ["flow-id-given"]
    number = cases.file(
        practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
    ).number
    (diagram,) = cases.diagrams(practice.office, practice["feng"], number, now=practice.now)
    assert diagram.elements["start_to_look"] == "done"


SHAPES: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "as one folder": lambda files: files,
    "with what is shared": lambda files: {**files, **shared()},
    "inside another": lambda files: {f"workflows/{name}": held for name, held in files.items()},
    "as the zip itself": lambda files: {
        n.removeprefix("sample/"): held for n, held in files.items()
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_folder_is_found_however_it_was_packed(practice: Practice, shape: str) -> None:
    found = handed(practice, SHAPES[shape](changed()))
    assert found.procedure == "sample"
    assert set(changed()) <= set(found.files)
    assert "common/departments.toml" in found.files


@pytest.mark.parametrize(
    "files",
    [
        {"a/readme.txt": b"1"},
        {**changed(), "other/procedure.toml": b'key = "other"'},
        {"sample/procedure.toml": b'key = "../../etc"'},
        {"sample/procedure.toml": b"= nonsense"},
        {"sample/procedure.toml": b"title = 3"},
        {"sample/procedure.toml": b'key = "another"'},
    ],
    ids=["none", "two", "path", "no toml", "odd toml", "another key"],
)
def test_what_is_not_one_procedure_is_refused(practice: Practice, files: dict[str, bytes]) -> None:
    with pytest.raises(Invalid):
        handed(practice, files)


def test_only_administrators_may(practice: Practice) -> None:
    office, clerk, folder_of_it = practice.office, practice["wang"], handed(practice, changed())
    for ask in (
        lambda: folder_uploads.look(office, clerk, folder_of_it, now=MONDAY),
        lambda: folder_uploads.keep(office, clerk, folder_of_it, now=MONDAY),
        lambda: folder_uploads.deploy_handed(office, clerk, folder_of_it, now=MONDAY),
        lambda: folder_uploads.deploy_upload(office, clerk, uuid4(), now=MONDAY),
        lambda: folder_uploads.upload(office, clerk, uuid4(), now=MONDAY),
        lambda: folder_uploads.uploads(office, clerk),
    ):
        with pytest.raises(NotPermitted):
            ask()
    with pytest.raises(NotFound):
        folder_uploads.upload(office, ADMIN, uuid4(), now=MONDAY)
