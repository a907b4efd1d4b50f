"""Random walks: through every shipped process, and through diagrams drawn by chance."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.runtime import catalog, migration, stepper
from engine.runtime.migration import Course, Verdict
from engine.runtime.stepper import Instance, Step
from tests.runtime import walks
from tests.runtime.diagrams import VALUES, VARIABLES, Draughtsman
from tests.runtime.sketches import folder
from tests.runtime.walks import Move, make, moves
from tests.runtime.worlds import World

#: Acts in one walk; a shipped case needs fewer than 40 from the application to the archive.
LONGEST = 200
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


@pytest.mark.parametrize(("key", "process"), walks.started())
@given(seed=st.integers(0, 2**32))
@settings(max_examples=40, suppress_health_check=SLOW)
def test_a_shipped_process_ends_or_waits_until_a_day_that_is_known(
    key: str, process: str, seed: int
) -> None:
    random = Random(seed)  # noqa: S311
    drawn, around = walks.shipped(key), walks.world(random)
    live, step = stepper.start(drawn, process, walks.given(random, key), around)
    for _ in range(LONGEST):
        if step.finished:
            break
        possible = moves(live)
        assert possible, "nobody can do anything, and it has not ended"
        for wait in live.waits.values():
            assert _is_dated(live, wait), f"{wait.element.id} waits without a day"
        if random.random() < 0.3:
            live = stepper.load(drawn, process, live.dump())
        made = make(live, random.choice(possible), around)
        assert made is not None
        step = made
    if step.finished:
        assert (live.waits, live.timers) == ({}, {})


def _is_dated(live: Instance, wait: stepper.Wait) -> bool:
    if any(timer.task_id == wait.id for timer in live.timers.values()):
        return True
    return bool(wait.element.due) and bool(live.procedure.limit(wait.element.due or "", wait.data))


# ── diagrams by chance ──────────────────────────────────────────────────────────────────────────


class Case:
    """A case on a diagram drawn by chance, and what has been answered in it, the last of each."""

    def __init__(self, seed: int, *, interrupting: bool) -> None:
        self.random = Random(seed)  # noqa: S311
        sketch = Draughtsman(seed, interrupting=interrupting).diagram()
        self.drawn = catalog.load(folder(sketch), "sample")
        self.world = World()
        self.answered: dict[str, Any] = dict.fromkeys(VARIABLES, "a")
        self.live, self.step = stepper.start(self.drawn, "sample", self.answered, self.world)

    def choose(self, *, is_willing: bool) -> Move:
        """What to do next; `is_willing`: only what brings the case to its end."""
        possible = [
            move
            for move in moves(self.live)
            if not is_willing or move.kind != "message" or move.place[1].startswith("wait")
        ]
        if is_willing:
            possible = [move for move in possible if move.kind != "timer"] or possible
        move = self.random.choice(possible)
        if move.kind != "task":
            return move
        value = "a" if is_willing else self.random.choice(VALUES)
        answers = {self.random.choice(VARIABLES): value}
        if is_willing:
            answers = dict.fromkeys(VARIABLES, "a")
        return Move(move.kind, move.place, answers, move.number)

    def make(self, move: Move) -> Step:
        step = make(self.live, move, self.world)
        assert step is not None
        if move.kind == "task":
            read = self.drawn.variables  # what no diagram reads does not become data
            self.answered.update({k: v for k, v in move.answers.items() if k in read})
        self.step = step
        return step

    def reload(self) -> None:
        raw = self.live.dump()
        self.live = stepper.load(self.drawn, "sample", raw)
        assert self.live.dump() == raw


def _walk(case: Case, *, is_stored: bool) -> list[Any]:
    """Fifty moves by chance, then on to the end; what every step told."""
    trail: list[Any] = []
    for number in range(LONGEST * 2):
        if case.step.finished:
            return trail
        if is_stored:
            case.reload()
        trail.append(walks.told(case.make(case.choose(is_willing=number >= 50))))
    raise AssertionError(f"does not end: {[w.element.id for w in case.live.waits.values()]}")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, suppress_health_check=SLOW)
def test_a_case_on_any_diagram_ends_alike_whether_it_was_stored_between_its_steps_or_not(
    seed: int,
) -> None:
    live, stored = Case(seed, interrupting=True), Case(seed, interrupting=True)
    assert _walk(live, is_stored=False) == _walk(stored, is_stored=True)
    for case in (live, stored):
        assert (case.live.waits, case.live.timers) == ({}, {})
        assert not any(
            stepper.waits_for(case.live, name) for name in case.drawn.drawings["sample"].messages
        )


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, suppress_health_check=SLOW)
def test_where_nothing_is_interrupted_the_last_answer_to_each_question_is_what_is_known_at_the_end(
    seed: int,
) -> None:
    case = Case(seed, interrupting=False)
    _walk(case, is_stored=bool(seed % 2))
    known = case.live.workflow.last_task.data
    assert {name: known[name] for name in VARIABLES} == case.answered


def test_the_diagrams_drawn_by_chance_hold_every_kind_of_block() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(60):
        sketch = Draughtsman(seed, interrupting=True).diagram()
        kinds.update(
            kind
            for kind in (
                "parallelGateway",
                "eventBasedGateway",
                "triggeredByEvent",
                "cancelActivity",
                "boundaryEvent",
                "subProcess",
                "serviceTask",
            )
            if kind in sketch.xml().decode()
        )
    assert min(kinds.values()) > 5
    assert len(kinds) == 7


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, suppress_health_check=SLOW)
def test_a_case_anywhere_on_any_diagram_is_carried_onto_the_same_diagram_as_it_stands(
    seed: int,
) -> None:
    case = Case(seed, interrupting=True)
    for _ in range(case.random.randrange(25)):
        if not case.step.finished:
            case.make(case.choose(is_willing=False))
    if case.step.finished:
        return
    before = walks.shape(case.live)
    course = Course(case.drawn, case.drawn)
    carried = migration.carry(course, "sample", case.live.dump(), lambda wait, process: case.world)
    assert carried.verdict is Verdict.FITS, carried.findings
    assert carried.state is not None
    case.live = stepper.load(case.drawn, "sample", carried.state)
    assert walks.shape(case.live) == before
    _walk(case, is_stored=True)
