"""A running instance carried onto another version: what waits goes on waiting, or it is refused."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.runtime import catalog, migration, stepper
from engine.runtime.migration import Course, Outcome, Verdict
from engine.runtime.stepper import Instance
from engine.settings import ROOT
from tests.runtime.sketches import Sketch, folder
from tests.runtime.walks import KEYS, make, moves, shipped
from tests.runtime.worlds import MONDAY, THREE_DAYS, Errand, World, begin

WORKFLOWS = ROOT / "workflows"


@dataclass
class Carried:
    outcome: Outcome
    after: Errand

    @property
    def verdict(self) -> Verdict:
        return self.outcome.verdict

    def told(self) -> str:
        return " ".join(f"{f.element_id}: {f.told.en}" for f in self.outcome.findings)


def carry(
    errand: Errand,
    *drawn: Sketch,
    mapping: dict[str, str] | None = None,
    began: datetime = MONDAY,
    known: dict[str, Any] | None = None,
) -> Carried:
    new = catalog.load(folder(*drawn), drawn[0].process_id)
    course = Course(errand.drawn, new, mapping or {})
    process_id, raw = errand.live.runnable.process_id, errand.live.dump()

    def since(wait_id: UUID, process: str) -> World:
        return World(began)

    outcome = migration.carry(course, process_id, raw, since, known=known)
    live = errand.live
    if outcome.state is not None:
        live = stepper.load(new, process_id, outcome.state)
    return Carried(outcome, Errand(errand.world, new, live, errand.last))


def three(*extra: str) -> Sketch:
    return Sketch().start().task("a", "b", "c").end().flow("start > a > b > c > end")


# ── what fits ───────────────────────────────────────────────────────────────────────────────────


def test_a_new_label_changes_nothing_else() -> None:
    errand = begin(three())
    errand.complete("a")
    relabelled = three()
    relabelled.nodes = [node.replace('name="b"', 'name="renamed"') for node in relabelled.nodes]
    here = errand.wait("b")
    carried = carry(errand, relabelled)
    assert (carried.verdict, carried.outcome.findings) == (Verdict.FITS, ())
    assert carried.after.wait("b") == here, "the task keeps its id, so its claim and draft stay"
    assert carried.after.live.waits[here].element.title.zh == "renamed"


def test_a_task_added_behind_the_token_is_come_to() -> None:
    errand = begin(three())
    errand.complete("a")
    more = Sketch().start().task("a", "b", "new", "c").end().flow("start > a > b > new > c > end")
    after = carry(errand, more).after
    after.complete("b")
    assert after.open_now == ["new"]
    after.complete("new")
    after.complete("c")
    assert after.last.finished


def test_a_task_added_before_the_token_is_not_gone_back_to() -> None:
    errand = begin(three())
    errand.complete("a")
    more = Sketch().start().task("a", "new", "b", "c").end().flow("start > a > new > b > c > end")
    after = carry(errand, more).after
    assert after.open_now == ["b"]
    after.complete("b")
    assert after.complete("c").finished


def test_a_step_that_is_done_may_be_gone_in_the_new_version() -> None:
    errand = begin(three())
    errand.complete("a")
    errand.complete("b")
    shorter = Sketch().start().task("a", "c").end().flow("start > a > c > end")
    carried = carry(errand, shorter)
    assert carried.verdict is Verdict.FITS
    assert carried.after.complete("c").finished
    assert carried.after.states() == {
        "start": "done", "start_to_a": "done", "a": "done", "a_to_c": "done", "c": "done",
        "c_to_end": "done", "end": "done",
    }  # fmt: skip


def test_process_data_survive_where_a_step_between_was_taken_out() -> None:
    def drawn(*steps: str) -> Sketch:
        return (
            Sketch()
            .start()
            .task(*steps, "red", "other")
            .exclusive("which", default="other")
            .end()
            .flow(f"start > {' > '.join(steps)} > which > other > end")
            .flow("which > red", when='colour == "red"')
            .flow("red > end")
        )

    errand = begin(drawn("a", "b", "c"))
    errand.complete("a", colour="blue")
    errand.complete("b", colour="red")
    after = carry(errand, drawn("a", "c")).after
    after.complete("c")
    assert after.open_now == ["red"]


def drawn_with_timer(limit: str = "step", *, interrupting: bool = True) -> Sketch:
    return (
        Sketch()
        .start()
        .task("a", "b", "late")
        .boundary_timer("over", "a", limit, interrupting=interrupting)
        .end()
        .flow("start > a > b > end")
        .flow("over > late > end")
    )


def test_a_timer_is_not_begun_again() -> None:
    errand = begin(drawn_with_timer())
    armed = errand.live.timers[errand.timer("over")]
    carried = carry(errand, drawn_with_timer("long"), began=MONDAY + timedelta(days=2))
    assert carried.verdict is Verdict.FITS
    assert carried.after.live.timers[armed.id].due_at == armed.due_at
    assert carried.outcome.armed == carried.outcome.disarmed == ()
    carried.after.fire("over")
    assert carried.after.open_now == ["late"]


def test_a_timer_that_fired_without_interrupting_keeps_its_branch() -> None:
    errand = begin(drawn_with_timer(interrupting=False))
    errand.fire("over")
    after = carry(errand, drawn_with_timer(interrupting=False)).after
    assert after.open_now == ["a", "late"]
    assert after.live.timers == {}, "the breach is not lost, and does not come twice"
    for element in ("late", "a", "b"):
        after.complete(element)
    assert after.last.finished


def test_a_new_timer_counts_from_when_the_step_began() -> None:
    errand = begin(three())
    began = MONDAY - timedelta(days=1)
    drawn = three().task("late").boundary_timer("over", "a", "step").flow("over > late > end")
    carried = carry(errand, drawn, began=began)
    assert carried.verdict is Verdict.FITS
    assert [timer.due_at for timer in carried.outcome.armed] == [began + THREE_DAYS]
    assert "over: the new version times this step" in carried.told()
    after = carried.after
    after.reload()
    after.complete("a")
    assert after.live.timers == {}, "the answer disarms the new timer"
    after.complete("b")
    assert after.complete("c").finished


def test_a_new_timer_beside_another_interrupts_as_drawn() -> None:
    errand = begin(drawn_with_timer())
    drawn = drawn_with_timer().boundary_timer("sooner", "a", "long").flow("sooner > late")
    after = carry(errand, drawn).after
    assert sorted(t.element.id for t in after.live.timers.values()) == ["over", "sooner"]
    after.fire("sooner")
    assert (after.open_now, after.live.timers) == (["late"], {})


def test_a_timer_that_the_new_version_has_not_is_told_as_a_loss() -> None:
    errand = begin(drawn_with_timer())
    timer = errand.timer("over")
    carried = carry(errand, Sketch().start().task("a", "b").end().flow("start > a > b > end"))
    assert carried.verdict is Verdict.LOSES
    assert "over" in carried.told()
    assert carried.outcome.disarmed == (timer,)
    carried.after.complete("a")
    assert carried.after.complete("b").finished


def test_a_timer_moved_to_another_step_is_lost_here() -> None:
    errand = begin(drawn_with_timer())
    elsewhere = (
        Sketch()
        .start()
        .task("a", "b", "late")
        .boundary_timer("over", "b", "step")
        .end()
        .flow("start > a > b > end")
        .flow("over > late > end")
    )
    carried = carry(errand, elsewhere)
    assert (carried.verdict, carried.after.live.timers) == (Verdict.LOSES, {})
    carried.after.complete("a")
    assert [t.element.id for t in carried.after.live.timers.values()] == ["over"]


# ── what needs a word ───────────────────────────────────────────────────────────────────────────


def test_a_step_at_work_that_is_gone_needs_a_successor() -> None:
    errand = begin(three())
    errand.complete("a")
    carried = carry(errand, Sketch().start().task("a", "c").end().flow("start > a > c > end"))
    assert (carried.verdict, carried.outcome.state) == (Verdict.NEEDS_MAPPING, None)
    assert "b: the case stands here" in carried.told()


@pytest.mark.parametrize("key", ["b", "sample:b"])
def test_a_renamed_step_goes_over_with_its_mapping(key: str) -> None:
    errand = begin(three())
    errand.complete("a")
    here = errand.wait("b")
    drawn = Sketch().start().task("a", "z", "c").end().flow("start > a > z > c > end")
    carried = carry(errand, drawn, mapping={key: "z"})
    assert carried.verdict is Verdict.FITS
    assert carried.outcome.renamed == {("sample", "b"): "z"}
    assert carried.after.wait("z") == here
    carried.after.complete("z")
    assert carried.after.complete("c").finished


def test_a_renamed_step_takes_its_timer_along() -> None:
    errand = begin(drawn_with_timer())
    due_at = errand.live.timers[errand.timer("over")].due_at
    drawn = (
        Sketch()
        .start()
        .task("z", "b", "late")
        .boundary_timer("ended", "z", "long")
        .end()
        .flow("start > z > b > end")
        .flow("ended > late > end")
    )
    carried = carry(errand, drawn, mapping={"a": "z", "over": "ended"})
    assert carried.verdict is Verdict.FITS
    assert carried.after.live.timers[carried.after.timer("ended")].due_at == due_at
    carried.after.fire("ended")
    assert carried.after.open_now == ["late"]


# ── what is refused ─────────────────────────────────────────────────────────────────────────────


def test_a_step_that_became_another_kind_of_element_is_refused() -> None:
    errand = begin(three())
    drawn = Sketch().start().receive("a", "m").task("b", "c").end().flow("start > a > b > c > end")
    assert carry(errand, drawn).verdict is Verdict.BREAKS


def fork(*branches: str) -> Sketch:
    sketch = Sketch().start().parallel("fork", "join").task(*branches, "after").end()
    for each in branches:
        sketch.flow(f"fork > {each} > join")
    return sketch.flow("start > fork").flow("join > after > end")


def test_a_third_branch_that_nobody_would_ever_come_from_is_refused() -> None:
    errand = begin(fork("left", "right"))
    assert carry(errand, fork("left", "right")).verdict is Verdict.FITS
    carried = carry(errand, fork("left", "right", "third"))
    assert carried.verdict is Verdict.BREAKS
    assert "join" in carried.told()


def test_a_branch_that_has_come_to_the_join_by_a_way_that_is_redrawn_is_refused() -> None:
    errand = begin(fork("left", "right"))
    errand.complete("left")
    drawn = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("left", "check", "right", "after")
        .end()
        .flow("start > fork > left > check > join > after > end")
        .flow("fork > right > join")
    )
    carried = carry(errand, drawn)
    assert carried.verdict is Verdict.BREAKS
    assert "a branch has come here from left" in carried.told()


def test_branches_that_have_come_are_still_there_after_the_move() -> None:
    errand = begin(fork("left", "right"))
    errand.complete("left")
    after = carry(errand, fork("left", "right")).after
    assert after.open_now == ["right"]
    after.complete("right")
    assert after.open_now == ["after"]


def call(process_id: str) -> Sketch:
    return (
        Sketch().start().call("go", process_id).task("after").end()
        .flow("start > go > after > end")
    )  # fmt: skip


def called(process_id: str, *steps: str) -> Sketch:
    return Sketch(process_id).start().task(*steps).end().flow(" > ".join(["start", *steps, "end"]))


def test_a_called_process_at_work_is_carried_with_its_own_changes() -> None:
    errand = begin(call("inner"), called("inner", "x", "y"))
    errand.complete("x")
    carried = carry(errand, call("inner"), called("inner", "x", "y", "z"))
    assert carried.verdict is Verdict.FITS
    carried.after.complete("y")
    assert carried.after.open_now == ["z"]
    carried.after.complete("z")
    assert carried.after.complete("after").finished


def test_a_call_that_would_lead_elsewhere_while_it_is_at_work_is_refused() -> None:
    errand = begin(call("inner"), called("inner", "x"))
    carried = carry(errand, call("other"), called("other", "x"))
    assert carried.verdict is Verdict.BREAKS
    assert "calls other instead" in carried.told()


def test_an_ended_call_may_lead_elsewhere_afterwards() -> None:
    errand = begin(call("inner"), called("inner", "x"))
    errand.complete("x")
    carried = carry(errand, call("other"), called("other", "x"))
    assert carried.verdict is Verdict.FITS
    assert carried.after.complete("after").finished


def test_a_timer_put_on_a_call_at_work_is_armed() -> None:
    errand = begin(call("inner"), called("inner", "x"))
    drawn = (
        call("inner").task("late").boundary_timer("over", "go", "step").flow("over > late > end")
    )
    after = carry(errand, drawn, called("inner", "x")).after
    after.fire("over")
    assert after.open_now == ["late"]


def test_answers_that_only_the_new_version_reads_are_told_to_it() -> None:
    errand = begin(three())
    errand.complete("a", colour="red")
    drawn = (
        Sketch()
        .start()
        .task("a", "b", "c")
        .exclusive("which")
        .end()
        .flow("start > a > b > which")
        .flow("which > c", when='colour == "red"')
        .flow("c > end")
    )
    blind = carry(errand, drawn).after
    with pytest.raises(Exception, match="colour"):
        blind.complete("b")
    after = carry(errand, drawn, known={"colour": "red"}).after
    after.complete("b")
    assert after.open_now == ["c"]


# ── everything that is shipped ──────────────────────────────────────────────────────────────────


def tree(live: Instance) -> Any:
    return {
        part.spec.name: sorted(
            (task.task_spec.name, task._state, str(task.id) if task._state & 56 else "")
            for task in part.tasks.values()
            if task._state >= 8
        )
        for part in (live.workflow, *live.workflow.subprocesses.values())
    }


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("seed", range(12))
def test_any_state_of_a_shipped_procedure_goes_onto_an_equal_version_unchanged(
    key: str, seed: int
) -> None:
    chance, old = random.Random(seed), shipped(key)  # noqa: S311
    new = catalog.load(catalog.read_folder(WORKFLOWS, key), key)
    course, world = Course(old, new), World()
    live, _ = stepper.start(old, key, {}, world)
    for _ in range(chance.randrange(1, 25)):
        possible = moves(live)
        if not possible:
            break
        make(live, chance.choice(possible), world)
    outcome = migration.carry(course, key, live.dump(), lambda *_: world)
    assert outcome.verdict is Verdict.FITS, outcome.findings
    assert outcome.state is not None
    after = stepper.load(new, key, outcome.state)
    assert tree(after) == tree(stepper.load(old, key, live.dump()))
    assert after.timers.keys() == live.timers.keys()
    assert {k: t.due_at for k, t in after.timers.items()} == {
        k: t.due_at for k, t in live.timers.items()
    }
    for move in moves(live)[:3]:
        here = make(stepper.load(old, key, live.dump()), move, World())
        there = make(stepper.load(new, key, outcome.state), move, World())
        assert here is not None
        assert there is not None
        assert [e.id for e in here.passed] == [e.id for e in there.passed]
        assert sorted(w.element.id for w in here.opened) == sorted(
            w.element.id for w in there.opened
        )
