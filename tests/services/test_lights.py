"""Lights are marked set-wise, each row once; what passed stays on record whatever comes after."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.domain import clock as rules
from engine.domain.errors import Conflict, EngineError, Invalid, NotFound, NotPermitted
from engine.persistence import models
from engine.services import (
    cases,
    clock_actions,
    heat,
    ledger,
    lights,
    parameters,
    timers,
    whose_time,
)
from tests.offices import ASK_FOR_PAPERS, Practice, day


def breaches(practice: Practice, number: str) -> list[tuple[str, str | None, bool]]:
    rows = practice.of_case(models.Breach, number)
    return sorted((b.kind, b.element_id or b.clock_key, b.ended_at is not None) for b in rows)


def test_a_step_turns_yellow_and_red_once(practice: Practice) -> None:
    number, task = practice.at("first_review")
    assert not lights.mark(practice.office, now=practice.now)
    assert lights.mark(practice.office, now=day(3, 5, 10)).yellow == 1
    assert practice.open_task(number, "first_review").light == "yellow"
    assert not lights.mark(practice.office, now=day(3, 5, 10))
    late = day(3, 5, 17, 1)
    assert lights.mark(practice.office, now=late).red == 1
    assert not lights.mark(practice.office, now=late)
    assert breaches(practice, number) == [("step", "first_review", False)]
    (breach,) = practice.of_case(models.Breach, number)
    assert (breach.subject_id, breach.due_at, breach.department) == (
        task.id,
        task.due_at,
        "credit_office",
    )


def test_a_step_done_late_is_on_record_though_nobody_had_marked_it(practice: Practice) -> None:
    """The case itself is in time: its ten days are not over."""
    number, _ = practice.at("first_review")
    practice.show(day(3, 6, 10))
    practice.complete(number, "first_review")
    assert breaches(practice, number) == [("step", "first_review", True)]
    assert practice.clock_of(number, "handling").light != "red"


def test_a_marked_step_that_is_done_after_all_ends_its_breach(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 6, 10))
    lights.mark(practice.office, now=practice.now)
    practice.complete(number, "first_review")
    assert breaches(practice, number) == [("step", "first_review", True)]


def test_a_step_done_in_time_leaves_nothing(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.complete(number, "first_review")
    lights.mark(practice.office, now=day(12, 1))
    assert ("step", "first_review", True) not in breaches(practice, number)
    assert ("step", "first_review", False) not in breaches(practice, number)


def test_a_step_done_at_the_very_last_moment_of_its_limit_is_in_time(practice: Practice) -> None:
    number, task = practice.at("first_review")
    assert task.due_at is not None
    practice.show(task.due_at)
    practice.complete(number, "first_review")
    assert breaches(practice, number) == []


def test_a_limit_of_the_law_that_was_marked_is_on_record_once_when_its_clock_stops(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    lights.mark(practice.office, now=day(3, 4, 17, 1))
    lights.mark(practice.office, now=day(3, 9, 17, 1))
    practice.show(day(3, 9, 18))
    timers.sweep(practice.office, now=practice.now)  # silence: deemed accepted, an hour late
    assert practice.clock_of(number, "acceptance").state == "stopped"
    by_law = [each for each in breaches(practice, number) if each[0] == "statutory"]
    assert by_law == [("statutory", "acceptance", True)]


def test_the_promise_and_the_law_are_passed_one_after_the_other(practice: Practice) -> None:
    number = practice.file_case().number
    lights.mark(practice.office, now=day(3, 4, 17, 1))
    assert ("promised", "acceptance", False) in breaches(practice, number)
    assert lights.mark(practice.office, now=day(3, 9, 16)).unlawful == 0
    assert lights.mark(practice.office, now=day(3, 9, 17, 1)).unlawful == 1
    assert ("statutory", "acceptance", False) in breaches(practice, number)
    clock = practice.clock_of(number, "acceptance")
    assert (clock.light, clock.mark_at) == ("red", None)


def test_a_paused_step_is_not_marked(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 3, 10))
    pause(practice, number)
    assert not lights.mark(practice.office, now=day(6, 1))


def pause(practice: Practice, number: str) -> None:
    clock_actions.pause(
        practice.office,
        practice["fang"],
        number,
        "handling",
        ground="expert",
        reason="专家评审",
        expected_on=practice.office.calendar().local_date(practice.now) + timedelta(days=3),
        now=practice.now,
    )


# ── parameters ──────────────────────────────────────────────────────────────────────────────────

EDITION = "credit_repair:2020"


def put(practice: Practice, key: str, value: str, scope: str = EDITION, by: str = "feng") -> None:
    parameters.set_value(
        practice.office,
        practice[by],
        scope=scope,
        key=key,
        value=value,
        basis="昆信用办〔2020〕5号",
        now=practice.now,
    )


def test_a_local_limit_that_is_set_holds_for_what_begins_from_then_on(practice: Practice) -> None:
    before, _ = practice.at("give_opinion")
    put(practice, "limit.handling", "7")
    after, _ = practice.at("give_opinion")
    assert practice.clock_of(before, "handling").due_at == day(3, 16, 17)
    assert practice.clock_of(after, "handling").due_at == day(3, 11, 17)
    put(practice, "limit.handling", "")
    again, _ = practice.at("give_opinion")
    assert practice.clock_of(again, "handling").due_at == day(3, 16, 17)


def test_the_yellow_light_is_a_parameter_of_the_office_or_of_one_edition(
    practice: Practice,
) -> None:
    put(practice, "lights.yellow_days", "3", scope="")
    number, _ = practice.at("give_opinion")
    assert practice.clock_of(number, "handling").warn_at == day(3, 11, 0)
    put(practice, "lights.yellow_days", "5")
    number, _ = practice.at("give_opinion")
    assert practice.clock_of(number, "handling").warn_at == day(3, 9, 0)


@pytest.mark.parametrize(
    ("key", "value", "refusal"),
    [
        ("limit.acceptance", "3", NotFound),  # the law's own: nobody here may change it
        ("limit.handling", "0", Invalid),
        ("limit.handling", "many", Invalid),
        ("lights.yellow_share", "2", Invalid),
        ("heat.near", "100", Invalid),  # never yellow: red begins there
        ("heat.over", "60", Invalid),
        ("heat.over", "1001", Invalid),
    ],
)
def test_what_the_law_fixes_and_what_cannot_stand_is_refused(
    practice: Practice, key: str, value: str, refusal: type[EngineError]
) -> None:
    with pytest.raises(refusal):
        put(practice, key, value)


def test_colours_of_the_heat_map_are_parameters_yellow_always_before_red(
    practice: Practice,
) -> None:
    put(practice, "heat.near", "40", scope="")
    put(practice, "heat.over", "50")
    seen = heat.heatmap(practice.office, practice["fang"], "credit_repair", now=practice.now)
    assert (seen.near, seen.over) == (0.4, 0.5)
    other = heat.heatmap(practice.office, practice["fang"], "objection", now=practice.now)
    assert (other.near, other.over) == (0.4, 1.0)
    with pytest.raises(Invalid):  # the office's would be above the edition's own
        put(practice, "heat.near", "50", scope="")


def test_parameters_are_the_administrators(practice: Practice) -> None:
    with pytest.raises(NotPermitted):
        put(practice, "limit.handling", "7", by="wang")
    with pytest.raises(NotPermitted):
        parameters.listed(practice.office, practice["wang"])


# ── any history ─────────────────────────────────────────────────────────────────────────────────

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "extend", "work", "wait", "mark"]),
        st.integers(1, 60),
    ),
    max_size=9,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(MOVES)
def test_after_any_history_the_tables_say_what_the_ledgers_say(
    practice: Practice, moves: list[tuple[str, int]]
) -> None:
    practice.show(day(3, 2))
    number, _ = practice.at("review_filing")
    for move, hours in moves:
        with suppress(Conflict, Invalid):  # what may not be done now changes nothing
            play(practice, number, move)
        practice.move_to(practice.now + timedelta(hours=hours))
        agree(practice, number)


def play(practice: Practice, number: str, move: str) -> None:
    office, fang, now = practice.office, practice["fang"], practice.now
    if move == "pause":
        pause(practice, number)
    elif move == "resume":
        clock_actions.resume(office, fang, number, "handling", reason="已毕", now=now)
    elif move == "extend":
        key = clock_actions.ask_for_extension(
            office, fang, number, amount=2, reason="复杂", now=now
        )
        clock_actions.decide_extension(
            office, practice["xu"], number, key, approved=True, opinion="同意", now=now
        )
    elif move == "mark":
        lights.mark(office, now=now)
    elif move == "work":
        (task, *_) = practice.open_tasks(number)
        if task.element_id == "review_filing" and now.hour % 2:
            practice.answer(number, "review_filing", ASK_FOR_PAPERS)
        elif task.process_id not in ("supervision", "extension"):
            practice.complete(number, task.element_id)


def agree(practice: Practice, number: str) -> None:
    """Clock rows, timers and the parts of the case's time follow from the entries."""
    calendar, rows = practice.office.calendar(), practice.of_case(models.ClockEntry, number)
    clocks: dict[str, models.Clock] = {}
    for clock in practice.of_case(models.Clock, number):
        clocks[clock.key] = clock
        entries = [
            ledger.as_entry(row)
            for row in sorted(rows, key=lambda row: row.sequence)
            if row.clock_id == clock.id
        ]
        told = rules.project(
            ledger.budget_of(clock),
            entries,
            calendar,
            now=max(entry.recorded_at for entry in entries),
            statutory=ledger.statutory_of(clock),
        )
        assert told is not None
        assert (clock.state, clock.due_at, clock.warn_at, clock.statutory_due_at) == (
            told.state.value,
            told.due_at,
            told.warn_at,
            told.statutory_due_at,
        )
    armed = select(models.Timer).where(
        models.Timer.case_id == practice.case(number).id, models.Timer.fired_at.is_(None)
    )
    for timer in practice.all(armed):
        held = clocks.get(timer.clock_key or "")
        runs = held is not None and held.state == "running"
        ends = {
            "warning": held and held.warn_at,
            "breach": held and held.due_at,
            "unlawful": held and (held.statutory_due_at or held.due_at),
        }
        assert timer.due_at == (ends[timer.clock_event or ""] if runs else rules.NEVER)
    with practice.reading() as session:
        case_id = practice.case(number).id
        (found,) = whose_time.of_cases(
            practice.office, session, [case_id], now=practice.now
        ).values()
    assert sum((share.elapsed for share in found.shares), timedelta()) == found.elapsed
    view = cases.get(practice.office, practice["fang"], number, now=practice.now)
    assert view.whose_time is not None
    parts: Any = view.whose_time.shares
    assert sum(part.elapsed_seconds for part in parts) == view.whose_time.elapsed_seconds
    assert sum(part.office_seconds for part in parts) == view.whose_time.office_seconds
