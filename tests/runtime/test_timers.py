"""Several timers in one place, one after another, and what is answered too late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.domain.errors import UndecidableGateway
from engine.runtime import codec, stepper
from tests.runtime.sketches import Sketch
from tests.runtime.worlds import MONDAY, THREE_DAYS, Errand, begin, closed, opened


@pytest.fixture(params=[False, True], ids=["live", "stored"])
def is_stored(request: pytest.FixtureRequest) -> bool:
    """Whether the instance is stored and loaded again before every act."""
    return bool(request.param)


def due(told: Errand) -> dict[str, datetime]:
    return {timer.element.id: timer.due_at for timer in told.live.timers.values()}


def choice(*, same_name: bool = False) -> Sketch:
    """A gateway that waits for a letter, one hour, or three days."""
    sketch = (
        Sketch()
        .start()
        .choice("wait")
        .catch("came", "message:letter")
        .catch("soon", "duration:PT1H")
        .catch("late", "timer:step")
        .task("read", "remind", "close")
        .end()
        .flow("start > wait > came > read > end")
        .flow("wait > soon > remind > end")
        .flow("wait > late > close > end")
    )
    if same_name:
        sketch.catch("later", "duration:PT2H").task("escalate")
        sketch.flow("wait > later > escalate > end")
        sketch.nodes = [each.replace('name="later"', 'name="soon"') for each in sketch.nodes]
    return sketch


def test_each_timer_of_a_gateway_has_its_own_moment(is_stored: bool) -> None:
    told = begin(choice(), is_stored=is_stored)
    assert due(told) == {"soon": MONDAY + timedelta(hours=1), "late": MONDAY + THREE_DAYS}
    limits = {timer.element.id: timer.limit for timer in told.live.timers.values()}
    assert limits == {"soon": None, "late": "step"}
    told.reload()
    assert due(told) == {"soon": MONDAY + timedelta(hours=1), "late": MONDAY + THREE_DAYS}


@pytest.mark.parametrize(
    ("fired", "task"), [("soon", "remind"), ("late", "close"), ("later", "escalate")]
)
def test_the_timer_that_fires_says_which_way_a_gateway_goes(
    fired: str, task: str, is_stored: bool
) -> None:
    told = begin(choice(same_name=True), is_stored=is_stored)
    gone = set(told.live.timers)
    step = told.fire(fired)
    assert step is not None
    assert (closed(step), opened(step)) == (["wait"], [task])
    assert set(step.disarmed) == gone
    assert not stepper.waits_for(told.live, "letter")
    assert told.complete(task).finished


def test_a_message_disarms_all_timers_of_a_gateway(is_stored: bool) -> None:
    told = begin(choice(), is_stored=is_stored)
    assert opened(told.deliver("letter")) == ["read"]
    assert told.armed == []


def test_a_timer_of_a_gateway_that_is_gone_fires_no_more() -> None:
    told = begin(choice())
    timer = told.timer("late")
    told.fire("soon")
    assert stepper.fire(told.live, timer, told.world) is None


@pytest.mark.parametrize("moved", ["soon", "late"])
def test_one_timer_of_a_gateway_is_moved_and_the_other_stays(moved: str) -> None:
    told = begin(choice())
    before, away = due(told), MONDAY + timedelta(days=99)
    raw = codec.retime(told.live.dump(), {told.timer(moved): away})
    told.live = stepper.load(told.drawn, "sample", raw)
    assert due(told) == {**before, moved: away}


# ── cycles ──────────────────────────────────────────────────────────────────────────────────────


def nagging(cycle: str, *, interrupting: bool = False) -> Sketch:
    return (
        Sketch()
        .start()
        .task("slow", "remind", "after")
        .boundary("again", "slow", f"cycle:{cycle}", interrupting=interrupting)
        .end()
        .end("aside")
        .flow("start > slow > after > end")
        .flow("again > remind > aside")
    )


def test_a_cycle_comes_round_as_often_as_it_says(is_stored: bool) -> None:
    told = begin(nagging("R3/P1D"), is_stored=is_stored)
    timers = []
    for number in range(1, 4):
        assert due(told) == {"again": MONDAY + timedelta(days=number)}
        timers.append(told.timer("again"))
        told.fire("again")
        assert told.open_now.count("remind") == number
    assert told.armed == []
    assert len(set(timers)) == 3
    told.complete("slow")
    assert told.open_now == ["after", "remind", "remind", "remind"]  # what has begun goes on


def test_a_cycle_without_a_number_goes_on_until_the_task_is_done(is_stored: bool) -> None:
    told = begin(nagging("R/P1D"), is_stored=is_stored)
    for _ in range(12):
        told.fire("again")
    assert told.armed == ["again"]
    step = told.complete("slow")
    assert (told.armed, len(step.disarmed)) == ([], 1)


def test_a_cycle_may_begin_at_a_moment() -> None:
    told = begin(nagging("R2/2020-05-01T00:00:00+08:00/P1M"))
    assert due(told) == {"again": datetime.fromisoformat("2020-05-01T00:00:00+08:00")}
    told.fire("again")
    assert due(told) == {"again": datetime.fromisoformat("2020-06-01T00:00:00+08:00")}


def test_a_cycle_that_interrupts_does_so_in_its_first_round(is_stored: bool) -> None:
    told = begin(nagging("R3/P1D", interrupting=True), is_stored=is_stored)
    step = told.fire("again")
    assert step is not None
    assert (closed(step), opened(step), told.armed) == (["slow"], ["remind"], [])
    assert told.complete("remind").finished


def test_a_moved_round_moves_those_after_it() -> None:
    told = begin(nagging("R3/P1D"))
    away = MONDAY + timedelta(days=10)
    raw = codec.retime(told.live.dump(), {told.timer("again"): away})
    told.live = stepper.load(told.drawn, "sample", raw)
    told.fire("again")
    assert due(told) == {"again": away + timedelta(days=1)}


# ── what is no time, and what comes too late ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "awaits",
    [
        "duration:tomorrow",
        "duration:P1X",
        "duration:P",
        "duration:-P1D",
        "duration:P999999999D",
        "cycle:every day",
        "cycle:R3",
        "cycle:R0/P1D",
        "cycle:R/P1X",
        "cycle:0 0 9 * * ?",
        "cycle:R/2020-05-01T00:00:00/P1D",
        'timer:"2030-01-01T00:00:00"',
        'timer:"PT1H"',
    ],
)
def test_a_timer_that_is_no_time_stops_the_step_and_says_where(awaits: str) -> None:
    sketch = (
        Sketch()
        .start()
        .task("look", "slow")
        .boundary("never", "slow", awaits)
        .end()
        .flow("start > look > slow > end")
        .flow("never > end")
    )
    told = begin(sketch)
    with pytest.raises(UndecidableGateway, match="never"):
        told.complete("look")


def test_an_answer_after_the_moment_leaves_the_timer_to_be_seen_until_it_is_dealt_with() -> None:
    """Whoever completes asks first for what was due: the timer is there until then."""
    sketch = (
        Sketch()
        .start()
        .task("slow", "late")
        .boundary_timer("overdue", "slow", "step", interrupting=False)
        .end()
        .end("noted")
        .flow("start > slow > end")
        .flow("overdue > late > noted")
    )
    told = begin(sketch)
    told.world.moment += timedelta(days=30)
    told.reload()
    assert [t.element.id for t in told.live.timers.values() if t.due_at < told.world.moment] == [
        "overdue"
    ]
    told.fire("overdue")
    told.complete("slow")
    assert told.open_now == ["late"]
    assert told.states()["overdue"] == "done"
