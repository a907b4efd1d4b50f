"""Procedures of one's own making, put into a folder and used: no Python knows them by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.domain.errors import StepFailed, TaskNotOpen
from engine.persistence import models
from engine.runtime import catalog, gate
from engine.runtime.gate import GateRefused
from engine.services import cases, deploying, deployments, tasks
from tests.offices import FIRM, Practice, open_practice
from tests.oracle import unsound
from tests.runtime.sketches import Sketch
from tests.services.crowds import refusals, together
from tests.services.sample_folders import sharing, write

Opened = Callable[..., Practice]


@pytest.fixture
def opened(database_url: str, tmp_path: Path) -> Iterator[Opened]:
    """Opens a practice whose only procedure is drawn by the given sketches."""
    workflows = sharing(tmp_path, "decisions")
    with ExitStack() as stack:

        def open_with(*sketches: Sketch, deployed: bool = True) -> Practice:
            if sketches:
                write(workflows, *sketches)
            practice = open_practice(database_url, tmp_path, workflows=workflows, deployed=deployed)
            return stack.enter_context(closing(practice))

        yield open_with


def file(practice: Practice) -> str:
    return cases.file(
        practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
    ).number


def side_by_side(branches: int) -> Sketch:
    keys = [f"part_{number}" for number in range(branches)]
    sketch = Sketch().start().parallel("fork", "join").task(*keys, "after").end()
    for key in keys:
        sketch.flow(f"fork > {key} > join")
    return sketch.flow("start > fork").flow("join > after > end")


def test_eight_branches_completed_in_the_same_instant_are_all_done_and_joined_once(
    opened: Opened,
) -> None:
    practice = opened(side_by_side(8))
    another = opened(deployed=False)
    number = file(practice)
    parts = practice.open_tasks(number)
    assert len(parts) == 8
    outcomes = together(
        *(
            lambda t=task, w=where: tasks.complete(
                w.office, practice["zhou"], t.id, {}, now=practice.now
            )
            for task, where in zip(parts, [practice, another] * 4, strict=True)
        )
    )
    assert refusals(outcomes) == []
    assert [task.element_id for task in practice.open_tasks(number)] == ["after"]
    assert practice.kinds(number).count("task_completed") == 8
    assert unsound(practice.office) == []
    practice.answer(number, "after", {})
    (instance,) = practice.of_case(models.ProcessInstance, number)
    assert (instance.is_finished, instance.version) == (True, 10)


def test_of_eight_rivals_the_first_ends_the_others(opened: Opened) -> None:
    keys = [f"part_{number}" for number in range(8)]
    sketch = Sketch().start().parallel("fork").task(*keys).end(terminate=True).flow("start > fork")
    for key in keys:
        sketch.flow(f"fork > {key} > end")
    practice = opened(sketch)
    another = opened(deployed=False)
    number = file(practice)
    outcomes = together(
        *(
            lambda t=task, w=where: tasks.complete(
                w.office, practice["zhou"], t.id, {}, now=practice.now
            )
            for task, where in zip(
                practice.open_tasks(number), [practice, another] * 4, strict=True
            )
        )
    )
    assert [type(each) for each in refusals(outcomes)] == [TaskNotOpen] * 7
    states = sorted(task.state for task in practice.of_case(models.Task, number))
    assert states == ["cancelled"] * 7 + ["completed"]


def test_messages_that_came_too_early_are_all_delivered_once_they_fit(opened: Opened) -> None:
    """The second that came makes room for the first: both are delivered in one step."""
    sketch = (
        Sketch()
        .start()
        .task("look", "after")
        .receive("second", "second")
        .receive("first", "first")
        .end()
        .flow("start > look > second > first > after > end")
    )
    practice = opened(sketch)
    number = file(practice)
    for message in ("first", "second"):
        cases.message(practice.office, practice["lin"], number, message, {}, now=practice.now)
    assert practice.case(number).waiting_messages == 2
    practice.answer(number, "look", {})
    assert [task.element_id for task in practice.open_tasks(number)] == ["after"]
    assert practice.case(number).waiting_messages == 0
    assert [wait.ended_at for wait in practice.of_case(models.Wait, number)] == [practice.now] * 2


def test_an_answer_that_leads_nowhere_leaves_the_case_where_it_was(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploying, "judged", overlooking)
    sketch = (
        Sketch()
        .start()
        .task("look")
        .asks("look", colour=[])
        .exclusive("which")
        .task("red")
        .end()
        .flow("start > look > which")
        .flow("which > red", when='colour == "red"')
        .flow("red > end")
    )
    practice = opened(sketch)
    number = file(practice)
    state = [row.state for row in practice.of_case(models.ProcessInstance, number)]
    with pytest.raises(StepFailed, match="which"):
        practice.answer(number, "look", {"colour": "green"})
    assert [row.state for row in practice.of_case(models.ProcessInstance, number)] == state
    assert [task.element_id for task in practice.open_tasks(number)] == ["look"]
    practice.answer(number, "look", {"colour": "red"})
    assert [task.element_id for task in practice.open_tasks(number)] == ["red"]


def overlooking(files: Mapping[str, bytes], key: str) -> gate.Verdict:
    """A gate that finds nothing: what it would refuse must still do no harm."""
    return gate.Verdict(gate.Report(), dict(files), catalog.load(files, key))


# ── deploying ───────────────────────────────────────────────────────────────────────────────────


def versions(practice: Practice) -> list[tuple[str, int]]:
    held = models.ProcessDefinition
    found = practice.all(select(held).order_by(held.version))
    return [(row.procedure, row.version) for row in found]


def deploy(practice: Practice) -> Any:
    path = practice.office.workflows / "sample"
    return deployments.deploy_folder(practice.office, practice["feng"], path, now=practice.now)


def test_unchanged_files_deploy_nothing_and_changed_ones_a_new_version(opened: Opened) -> None:
    practice = opened(side_by_side(2))
    assert deploy(practice) is None
    form = practice.office.workflows / "sample/forms/after.json"
    form.write_bytes(form.read_bytes() + b"\n")
    assert deploy(practice) is not None
    assert deploy(practice) is None
    assert versions(practice) == [("sample", 1), ("sample", 2)]


def test_a_running_case_stays_on_its_version_and_a_new_one_takes_the_newest(
    opened: Opened,
) -> None:
    practice = opened(side_by_side(2))
    running = file(practice)
    diagram = practice.office.workflows / "sample/sample.bpmn"
    diagram.write_bytes(side_by_side(3).xml())
    for form in ("part_2",):
        source = practice.office.workflows / "sample/forms/part_1.json"
        shutil.copy(source, source.with_name(f"{form}.json"))
    assert deploy(practice) is not None
    fresh = file(practice)
    assert len(practice.open_tasks(running)) == 2
    assert len(practice.open_tasks(fresh)) == 3
    for key in ("part_0", "part_1", "after"):
        practice.answer(running, key, {})
    assert practice.open_tasks(running) == []


def test_what_the_gate_refuses_is_not_deployed_and_the_old_version_goes_on(
    opened: Opened,
) -> None:
    practice = opened(side_by_side(2))
    diagram = practice.office.workflows / "sample/sample.bpmn"
    diagram.write_bytes(diagram.read_bytes().replace(b'value="window"', b'value="nobody"'))
    with pytest.raises(GateRefused) as refused:
        deploy(practice)
    assert "sample/sample.bpmn#part_0" in refused.value.fields
    assert versions(practice) == [("sample", 1)]
    assert len(practice.open_tasks(file(practice))) == 2
