"""Versions: what is deployed stays as it is, and what differs between two can be read."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.domain.errors import Invalid, NotFound, NotPermitted
from engine.persistence import models
from engine.services import procedures
from tests.runtime.sketches import Sketch
from tests.services.versions import Drawn, Redrawn, drawn

__all__ = ["drawn"]


def two() -> Sketch:
    return Sketch().start().task("a", "b").end().flow("start > a > b > end")


def test_running_cases_stay_on_their_version_and_new_ones_take_the_newest(drawn: Drawn) -> None:
    held = drawn(two())
    old = held.file()
    to = held.redraw(Sketch().start().task("z").end().flow("start > z > end"))
    new = held.file()
    practice = held.practice
    assert practice.case(old).definition_id == held.definition_id
    assert practice.case(new).definition_id == to
    assert [task.element_id for task in practice.open_tasks(old)] == ["a"]
    assert [task.element_id for task in practice.open_tasks(new)] == ["z"]
    shown = procedures.definitions(practice.office, practice["feng"], now=practice.now)
    assert [(one.version, one.live_cases) for one in shown] == [(2, 1), (1, 1)]
    one = procedures.definition(practice.office, practice["feng"], to, now=practice.now)
    assert (one.definition_id, one.live_cases) == (to, 1)


def test_the_files_of_a_version_are_those_that_were_deployed(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    office, feng = practice.office, practice["feng"]
    names = {file.name for file in procedures.files(office, feng, held.definition_id)}
    assert {"sample/sample.bpmn", "sample/procedure.toml", "sample/forms/a.json"} <= names
    before = procedures.file(office, feng, held.definition_id, "sample/sample.bpmn")
    held.redraw(Sketch().start().task("z").end().flow("start > z > end"))
    assert procedures.file(office, feng, held.definition_id, "sample/sample.bpmn") == before
    with pytest.raises(NotFound):
        procedures.file(office, feng, held.definition_id, "../settings.py")


def test_two_versions_differ_in_what_was_drawn_asked_and_limited(drawn: Drawn) -> None:
    held = drawn(two().asks("a", colour=[]))
    changed = (
        Sketch()
        .start()
        .task("a", due="long")
        .task("b", "c")
        .asks("a", size=[])
        .end()
        .flow("start > a > c > end")
    )
    changed.nodes = [node for node in changed.nodes if 'id="b"' not in node]
    changed.lanes["window"].remove("b")
    to = held.redraw(changed, **{"amount = 10": "amount = 12"})
    practice = held.practice
    found = procedures.diff(practice.office, practice["feng"], held.definition_id, to)
    assert {(file.name, file.kind) for file in found.files} >= {
        ("sample/sample.bpmn", "changed"),
        ("sample/forms/c.json", "added"),
        ("sample/procedure.toml", "changed"),
    }
    (diagram,) = found.diagrams
    assert {(c.element_id, c.kind) for c in diagram.changes} == {
        ("a", "changed"),
        ("b", "removed"),
        ("c", "added"),
    }
    (due,) = next(c.told for c in diagram.changes if c.element_id == "a")
    assert (due.zh, due.en) == ("时限：step → long", "limit: step → long")
    assert diagram.before_marks == {
        "a": "changed", "b": "removed", "a_to_b": "removed", "b_to_end": "removed",
    }  # fmt: skip
    assert diagram.after_marks == {
        "a": "changed", "c": "added", "a_to_c": "added", "c_to_end": "added",
    }  # fmt: skip
    (limit,) = found.limits
    assert (limit.kind, limit.name.zh) == ("changed", "总时限")
    assert ("10 个工作日" in limit.before, "12 个工作日" in limit.after) == (True, True)
    assert {(form.name.zh, form.kind) for form in found.forms} >= {
        ("colour", "removed"),
        ("size", "added"),
    }
    assert any("-amount = 10" in other.lines for other in found.others)


def test_a_version_differs_in_nothing_from_itself(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    found = procedures.diff(
        practice.office, practice["feng"], held.definition_id, held.definition_id
    )
    assert not any(
        (found.files, found.diagrams, found.limits, found.forms, found.decisions, found.others)
    )


def test_only_those_who_supervise_read_versions(drawn: Drawn) -> None:
    held = drawn(two())
    practice, same = held.practice, (held.definition_id, held.definition_id)
    for actor in (practice.firm, practice["zhou"]):
        with pytest.raises(NotPermitted):
            procedures.diff(practice.office, actor, *same)
        with pytest.raises(NotPermitted):
            procedures.files(practice.office, actor, held.definition_id)


def test_versions_of_two_procedures_are_not_compared(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    _as_if_of_another_procedure(held)
    (other,) = practice.all(
        select(models.ProcessDefinition.id).where(models.ProcessDefinition.procedure == "other")
    )
    with pytest.raises(Invalid):
        procedures.diff(practice.office, practice["feng"], held.definition_id, other)


def _as_if_of_another_procedure(held: Redrawn) -> None:
    to = held.redraw(Sketch().start().task("z").end().flow("start > z > end"))
    with held.practice.office.uow.begin() as session:
        session.get_one(models.ProcessDefinition, to).procedure = "other"
