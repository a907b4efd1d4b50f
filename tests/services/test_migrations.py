"""Running cases go onto another version: found out before, done in batches, undone while they rest."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from engine.domain.errors import Conflict, Invalid, NotPermitted
from engine.domain.views import MigrationReport
from engine.persistence import models
from engine.services import (
    case_migration,
    cases,
    deployments,
    jobs,
    migration_batches,
    migrations,
    tasks,
    timers,
)
from engine.settings import ROOT
from tests.offices import Practice, day, open_practice
from tests.oracle import contradictions
from tests.runtime.sketches import Sketch
from tests.services.crowds import refusals, together
from tests.services.versions import Drawn, Redrawn, drawn

__all__ = ["drawn"]


def two(*extra: str) -> Sketch:
    return Sketch().start().task("a", "b", *extra).end().flow("start > a > b > end")


def three() -> Sketch:
    return Sketch().start().task("a", "b", "c").end().flow("start > a > b > c > end")


def timed(sketch: Sketch, limit: str = "step") -> Sketch:
    return (
        sketch.task("late")
        .boundary_timer("over", "a", limit, interrupting=False)
        .flow("over > late > end")
    )


def preview(held: Redrawn, to: UUID, **mapping: str) -> MigrationReport:
    practice = held.practice
    return migrations.preview(
        practice.office, practice["feng"], held.definition_id, to, mapping, now=practice.now
    )


def order(held: Redrawn, to: UUID, *, accepts_losses: bool = False, **mapping: str) -> UUID:
    practice = held.practice
    return migrations.start(
        practice.office,
        practice["feng"],
        held.definition_id,
        to,
        mapping,
        reason="the new diagram is clearer",
        accepts_losses=accepts_losses,
        now=practice.now,
    )


def migrate(held: Redrawn, to: UUID, **more: Any) -> UUID:
    migration_id = order(held, to, **more)
    held.practice.run_jobs()
    return migration_id


def states(practice: Practice, migration_id: UUID) -> dict[str, int]:
    shown = migrations.get(practice.office, practice["feng"], migration_id, now=practice.now)
    return dict(shown.counts)


def places(practice: Practice, number: str) -> list[str]:
    return sorted(task.element_id for task in practice.open_tasks(number))


def test_a_dry_run_names_every_case_and_changes_nothing(drawn: Drawn) -> None:
    held = drawn(timed(three()))
    practice = held.practice
    at_a, at_b, at_c = (held.file() for _ in range(3))
    practice.answer(at_b, "a", {})
    practice.answer(at_c, "a", {})
    practice.answer(at_c, "b", {})
    to = held.redraw(Sketch().start().task("a", "c").end().flow("start > a > c > end"))
    before = practice.everything()
    report = preview(held, to)
    assert practice.everything() == before
    assert {case.number: case.verdict for case in report.cases} == {
        at_a: "loses",
        at_b: "needs_mapping",
        at_c: "fits",
    }
    assert report.counts == {"fits": 1, "loses": 1, "needs_mapping": 1, "breaks": 0}
    (lost,) = next(case.findings for case in report.cases if case.number == at_a)
    assert (lost.verdict, lost.element_id) == ("loses", "over")
    (unmatched,) = report.unmatched
    assert (unmatched.place.element_id, unmatched.cases) == ("b", 1)
    assert {place.element_id for place in unmatched.candidates} == {"a", "c"}
    assert preview(held, to, b="c").counts["needs_mapping"] == 0


def test_claims_drafts_due_moments_timers_and_clocks_survive(drawn: Drawn) -> None:
    held = drawn(timed(two()))
    practice = held.practice
    number = held.file()
    task = practice.open_task(number, "a")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    tasks.save_draft(practice.office, practice["zhou"], task.id, {"colour": "r"}, now=practice.now)
    to = held.redraw(timed(three(), "long").asks("a", colour=[]))
    (timer,) = practice.all(select(models.Timer))
    practice.show(practice.now + timedelta(hours=3))
    migration_id = migrate(held, to)
    assert states(practice, migration_id) == {"migrated": 1}
    after = practice.open_task(number, "a")
    assert (after.id, after.assignee, after.state) == (task.id, "zhou", "claimed")
    assert (after.draft, after.due_at) == ({"colour": "r"}, task.due_at)
    (armed,) = practice.all(select(models.Timer))
    assert (armed.id, armed.due_at) == (timer.id, timer.due_at), "not begun again"
    assert practice.case(number).definition_id == to
    practice.move_to(day(3, 9))
    assert places(practice, number) == ["a", "late"], "the breach is not lost"
    practice.answer(number, "a", {"colour": "red"})
    practice.answer(number, "b", {})
    assert places(practice, number) == ["c", "late"]
    assert contradictions(practice.office) == []


def test_the_history_tells_who_moved_the_case_and_why(drawn: Drawn) -> None:
    held = drawn(two())
    number = held.file()
    migrate(held, held.redraw(three()))
    line = held.practice.history(number)[-1]
    assert (line.kind, line.actor) == ("case_migrated", "feng")
    assert line.detail == "the new diagram is clearer"
    assert line.title == "流程改版：第 1 次发布 → 第 2 次发布"
    shown = cases.history(held.practice.office, held.practice.firm, number, now=held.practice.now)
    assert "case_migrated" not in {event.kind for event in shown}


def test_a_mapping_renames_tasks_waits_and_timers(drawn: Drawn) -> None:
    held = drawn(timed(two()))
    practice = held.practice
    number = held.file()
    task = practice.open_task(number, "a")
    (timer,) = practice.all(select(models.Timer))
    renamed = (
        Sketch()
        .start()
        .task("z", "b", "late")
        .boundary_timer("ended", "z", "step", interrupting=False)
        .end()
        .flow("start > z > b > end")
        .flow("ended > late > end")
    )
    migrate(held, held.redraw(renamed), a="z", over="ended")
    assert practice.open_task(number, "z").id == task.id
    (after,) = practice.all(select(models.Timer))
    assert (after.id, after.element_id) == (timer.id, "ended")
    assert practice.case(number).step == "sample:z"
    practice.answer(number, "z", {})
    assert places(practice, number) == ["b"]


def test_a_step_done_before_is_still_told_when_the_new_version_has_it_no_more(
    drawn: Drawn,
) -> None:
    held = drawn(three())
    practice = held.practice
    number = held.file()
    practice.answer(number, "a", {})
    practice.answer(number, "b", {})
    migrate(held, held.redraw(Sketch().start().task("a", "c").end().flow("start > a > c > end")))
    shown = cases.get(practice.office, practice["feng"], number, now=practice.now)
    assert sorted(task.title.zh for task in shown.tasks) == ["a", "b", "c"]
    assert cases.diagrams(practice.office, practice["feng"], number, now=practice.now)
    done = tasks.inbox(practice.office, practice["zhou"], scope="done", now=practice.now)
    assert {task.element_id for task in done.items} >= {"b"}


def test_a_new_timer_counts_from_when_the_step_began(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    number = held.file()
    to = held.redraw(timed(two()))
    practice.show(day(3, 4))
    report = preview(held, to)
    assert "从这一步开始时起算" in report.cases[0].findings[0].told.zh
    migrate(held, to)
    (timer,) = practice.all(select(models.Timer))
    assert timer.armed_at == practice.open_task(number, "a").created_at
    assert timer.due_at == practice.open_task(number, "a").due_at
    practice.move_to(day(3, 6))
    assert places(practice, number) == ["a", "late"]


def test_a_new_limit_is_for_steps_to_come(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    number = held.file()
    due_at = practice.open_task(number, "a").due_at
    migrate(held, held.redraw(two(), **{"amount = 3": "amount = 1"}))
    assert practice.open_task(number, "a").due_at == due_at
    practice.answer(number, "a", {})
    due = practice.open_task(number, "b").due_at
    assert due is not None
    assert due_at is not None
    assert due < due_at


def test_losses_are_taken_only_when_accepted(drawn: Drawn) -> None:
    held = drawn(timed(two()))
    practice = held.practice
    number = held.file()
    to = held.redraw(two())
    with pytest.raises(Invalid):
        order(held, to)
    migration_id = migrate(held, to, accepts_losses=True)
    assert states(practice, migration_id) == {"migrated": 1}
    assert practice.all(select(models.Timer)) == []
    assert practice.history(number)[-1].changes["findings"]


def test_an_answer_in_a_draft_that_the_new_form_does_not_ask_is_told(drawn: Drawn) -> None:
    held = drawn(two().asks("a", colour=[], size=[]))
    practice = held.practice
    number = held.file()
    task = practice.open_task(number, "a")
    draft = {"colour": "red", "size": "10"}
    tasks.save_draft(practice.office, practice["zhou"], task.id, draft, now=practice.now)
    (case,) = preview(held, held.redraw(two().asks("a", colour=[]))).cases
    assert case.verdict == "loses"
    assert [finding.element_id for finding in case.findings] == ["a"]
    assert "size" in case.findings[0].told.en


def test_a_task_of_another_lane_goes_to_its_group_and_leaves_who_is_not_in_it(
    drawn: Drawn,
) -> None:
    held = drawn(two())
    practice = held.practice
    number = held.file()
    task = practice.open_task(number, "a")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    moved = Sketch().start().task("a", group="credit_clerk").task("b").end()
    to = held.redraw(moved.flow("start > a > b > end"))
    (case,) = preview(held, to).cases
    assert case.verdict == "loses"
    migrate(held, to, accepts_losses=True)
    after = practice.open_task(number, "a")
    assert (after.candidate_group, after.assignee, after.state) == ("credit_clerk", None, "ready")


def test_what_breaks_stays_on_its_version(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    at_a, at_b = held.file(), held.file()
    practice.answer(at_b, "a", {})
    to = held.redraw(Sketch().start().receive("a", "m").task("b").end().flow("start > a > b > end"))
    migration_id = migrate(held, to)
    assert states(practice, migration_id) == {"migrated": 1, "left": 1}
    assert practice.case(at_a).definition_id == held.definition_id
    assert practice.case(at_b).definition_id == to
    practice.answer(at_a, "a", {})
    assert places(practice, at_a) == ["b"]


def test_many_cases_go_in_batches_that_follow_each_other(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    count = migration_batches.BATCH + 3
    for _ in range(count):
        held.file()
    to = held.redraw(three())
    migration_id = order(held, to)
    assert states(practice, migration_id) == {"waiting": count}
    (job_id,) = jobs.due_jobs(practice.office)
    assert jobs.run(practice.office, job_id)
    assert states(practice, migration_id) == {"migrated": migration_batches.BATCH, "waiting": 3}
    shown = migrations.get(practice.office, practice["feng"], migration_id, now=practice.now)
    assert shown.state == "running"
    practice.run_jobs()
    assert states(practice, migration_id) == {"migrated": count}
    shown = migrations.get(practice.office, practice["feng"], migration_id, now=practice.now)
    assert (shown.state, shown.finished_at) == ("done", practice.now)


def test_a_batch_that_dies_is_done_again_from_where_it_was(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = drawn(two())
    practice = held.practice
    numbers = [held.file() for _ in range(3)]
    migration_id = order(held, held.redraw(three()))
    real, calls = case_migration.apply, 0

    def dies(*given: Any, **named: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        real(*given, **named)

    with monkeypatch.context() as killed:
        killed.setattr(migration_batches, "apply", dies)
        with pytest.raises(KeyboardInterrupt):
            practice.run_jobs()
    assert states(practice, migration_id) == {"waiting": 3}, "no half of a batch remains"
    practice.run_jobs()
    assert states(practice, migration_id) == {"migrated": 3}
    for number in numbers:
        assert practice.kinds(number).count("case_migrated") == 1


def test_a_case_completed_while_it_waits_for_its_turn_is_carried_as_it_stands_then(
    drawn: Drawn,
) -> None:
    held = drawn(two())
    practice = held.practice
    done, further = held.file(), held.file()
    migration_id = order(held, held.redraw(three()))
    practice.answer(further, "a", {})
    for step in ("a", "b"):
        practice.answer(done, step, {})
    practice.run_jobs()
    assert states(practice, migration_id)["migrated"] >= 1
    practice.answer(further, "b", {})
    assert places(practice, further) == ["c"]


def test_completions_and_a_migration_at_the_same_moment_lose_nothing(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    other = drawn(deployed=False).practice
    numbers = [held.file() for _ in range(6)]
    migration_id = order(held, held.redraw(three()))
    open_now = [practice.open_task(number, "a").id for number in numbers]

    def complete(task_id: UUID) -> None:
        tasks.complete(other.office, other["zhou"], task_id, {}, now=practice.now)

    outcomes = together(practice.run_jobs, *(lambda t=task_id: complete(t) for task_id in open_now))
    assert refusals(outcomes) == []
    practice.run_jobs()
    assert states(practice, migration_id) == {"migrated": 6}
    for number in numbers:
        assert places(practice, number) == ["b"]
        practice.answer(number, "b", {})
        assert places(practice, number) == ["c"]
    assert contradictions(practice.office) == []


@pytest.mark.parametrize("place", ["review_filing", "give_opinion", "first_review", "verify"])
def test_cases_of_credit_repair_go_on_to_their_end_on_a_changed_copy(
    database_url: str, tmp_path: Path, place: str
) -> None:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    with closing(open_practice(database_url, tmp_path, workflows=workflows)) as practice:
        number, task = practice.at(place)
        old = practice.case(number).definition_id
        clocks = {c.key: (c.state, c.due_at) for c in practice.of_case(models.Clock, number)}
        for path in workflows.glob("*/*.bpmn"):
            relabelled = re.sub(r'(<bpmn:userTask [^>]*name=")', r"\1新", path.read_text("utf-8"))
            path.write_text(relabelled, "utf-8")
        folder = workflows / "credit_repair"
        to = deployments.deploy_folder(practice.office, practice["feng"], folder, now=practice.now)
        assert to is not None
        migration_id = migrate(Redrawn(practice, old), to)
        assert states(practice, migration_id) == {"migrated": 1}
        after = practice.open_task(number, place)
        assert (after.id, after.due_at) == (task.id, task.due_at)
        assert clocks == {
            c.key: (c.state, c.due_at) for c in practice.of_case(models.Clock, number)
        }
        shown = cases.get(practice.office, practice["feng"], number, now=practice.now)
        assert shown.waiting[0].step.zh.startswith("新")
        assert contradictions(practice.office) == []
        practice.drive_to(number, "rate")
        practice.complete(number, "rate")
        assert practice.case(number).outcome == "granted"
        assert contradictions(practice.office) == []


# ── undoing ─────────────────────────────────────────────────────────────────────────────────────


def undo(held: Redrawn, migration_id: UUID, *numbers: str) -> dict[str, str]:
    practice = held.practice
    told = migrations.undo(
        practice.office,
        practice["feng"],
        migration_id,
        numbers,
        reason="it was a mistake",
        now=practice.now,
    )
    return dict(told)


def test_a_case_that_rests_goes_back_as_it_was(drawn: Drawn) -> None:
    held = drawn(timed(two()))
    practice = held.practice
    number = held.file()
    renamed = Sketch().start().task("z", "b").end().flow("start > z > b > end")
    row = practice.of_case(models.ProcessInstance, number)[0]
    before, task = row.state, practice.open_task(number, "a")
    (timer,) = practice.all(select(models.Timer))
    migration_id = migrate(held, held.redraw(renamed), accepts_losses=True, a="z")
    assert practice.all(select(models.Timer)) == []
    assert undo(held, migration_id, number) == {number: "undone"}
    row = practice.of_case(models.ProcessInstance, number)[0]
    assert (row.state, row.definition_id) == (before, held.definition_id)
    assert practice.case(number).definition_id == held.definition_id
    assert practice.open_task(number, "a").due_at == task.due_at
    (again,) = practice.all(select(models.Timer))
    assert (again.id, again.due_at, again.sequence) == (timer.id, timer.due_at, timer.sequence)
    assert practice.case(number).step == "sample:a"
    assert contradictions(practice.office) == []
    practice.move_to(day(3, 9))
    assert places(practice, number) == ["a", "late"]
    assert practice.kinds(number).count("case_migrated") == 2


def test_a_case_that_has_moved_since_stays(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    number = held.file()
    to = held.redraw(three())
    migration_id = migrate(held, to)
    practice.answer(number, "a", {})
    assert "不能撤销" in undo(held, migration_id, number)[number]
    assert practice.case(number).definition_id == to
    assert places(practice, number) == ["b"]


def test_what_was_taken_back_is_not_taken_back_twice(drawn: Drawn) -> None:
    held = drawn(two())
    number = held.file()
    migration_id = migrate(held, held.redraw(three()))
    undo(held, migration_id, number)
    assert undo(held, migration_id, number)[number] != "undone"


# ── who, and what is refused ────────────────────────────────────────────────────────────────────


def test_a_migration_wants_a_reason_an_administrator_and_two_versions_of_one_procedure(
    drawn: Drawn,
) -> None:
    held = drawn(two())
    practice = held.practice
    held.file()
    to = held.redraw(three())
    given: tuple[UUID, UUID, dict[str, str]] = (held.definition_id, to, {})
    for actor in (practice["fang"], practice["zhou"], practice.firm):
        with pytest.raises(NotPermitted):
            migrations.preview(practice.office, actor, *given, now=practice.now)
    with pytest.raises(Invalid):
        migrations.start(practice.office, practice["feng"], *given, reason=" ", now=practice.now)
    with pytest.raises(Invalid):
        preview(held, held.definition_id)
    with pytest.raises(Invalid) as refused:
        preview(held, to, a="nowhere")
    assert refused.value.fields.keys() == {"a"}


def test_two_migrations_of_one_version_do_not_run_side_by_side(drawn: Drawn) -> None:
    held = drawn(two())
    held.file()
    to = held.redraw(three())
    order(held, to)
    with pytest.raises(Conflict):
        order(held, to)


def test_closed_cases_are_left_alone(drawn: Drawn) -> None:
    held = drawn(two())
    practice = held.practice
    number, other = held.file(), held.file()
    for step in ("a", "b"):
        practice.answer(number, step, {})
    with practice.office.uow.begin() as session:
        session.get_one(models.Case, practice.case(number).id).state = "closed"
    report = preview(held, held.redraw(three()))
    assert [case.number for case in report.cases] == [other]
    assert practice.all(select(func.count()).select_from(models.MigratedCase)) == [0]
    assert timers.sweep(practice.office, now=practice.now) == 0
