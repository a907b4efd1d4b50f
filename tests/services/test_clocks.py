"""The clocks of a case as the law counts them: paused, resumed, begun afresh, counted back, shortened."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from engine.domain.clock import ClockState, Light
from engine.domain.views import ClockView
from engine.persistence import models
from engine.services import cases
from tests.offices import ASK_FOR_PAPERS, Practice, application, day, usual_answers

SITE_CHECK = {"proposal": "site_check", "site_reason": "核实整改是否到位。"}


def clock(practice: Practice, number: str, key: str) -> ClockView:
    view = cases.get(practice.office, practice["fang"], number, now=practice.now)
    (found,) = [each for each in view.clocks if each.key == key]
    return found


def kinds(practice: Practice, number: str, key: str) -> list[str]:
    return [entry.kind for entry in clock(practice, number, key).entries]


# ── pause ───────────────────────────────────────────────────────────────────────────────────────


def with_a_site_check(practice: Practice) -> str:
    """The case of the mock-ups: accepted on 21 February, paused from the 26th to 2 March."""
    practice.show(day(2, 21, 16, 30))
    number = practice.file_case().number
    practice.show(day(2, 21, 16, 40))
    practice.complete(number, "review_filing")
    practice.show(day(2, 26, 15, 42))
    practice.complete(number, "give_opinion")
    practice.show(day(2, 26, 17, 5))
    answers = usual_answers("first_review") | SITE_CHECK
    practice.answer(number, "first_review", answers | {"checks": ["performed", "minimum_reached"]})
    return number


def test_a_pause_moves_the_due_date_as_the_office_printed_it(practice: Practice) -> None:
    number = with_a_site_check(practice)
    practice.show(day(3, 2, 8, 30))
    practice.complete(number, "site_check")
    practice.show(day(3, 2, 10, 20))
    reading = clock(practice, number, "handling").reading
    assert (reading.used, reading.left, reading.paused_days) == (4, 6, 2)
    assert reading.due_on == date(2020, 3, 10)
    assert practice.clock_of(number, "handling").due_at == day(3, 10, 17)
    assert practice.case(number).due_at == day(3, 10, 17)
    assert kinds(practice, number, "handling") == ["start", "pause", "resume"]
    letters = {each.key: each for each in practice.of_case(models.Letter, number)}
    pause = clock(practice, number, "handling").entries[1]
    assert pause.document == f"《暂停计时告知书》{letters['pause_notice'].number}"
    assert letters["resume_notice"].data["clock"]["new_last_day"] == "2020-03-10"


def test_while_the_clock_is_paused_the_days_do_not_count_and_the_light_is_blue(
    practice: Practice,
) -> None:
    number = with_a_site_check(practice)
    practice.show(day(3, 2, 10))
    reading = clock(practice, number, "handling").reading
    assert (reading.state, reading.light) == (ClockState.PAUSED, Light.BLUE)
    assert (reading.used, reading.left) == (3, 7)


# ── acceptance ──────────────────────────────────────────────────────────────────────────────────


def test_handling_begins_with_the_acceptance_and_ends_ten_working_days_later(
    practice: Practice,
) -> None:
    number, _ = practice.at("review_filing")
    assert practice.case(number).due_at == day(3, 4, 17)  # two days to accept
    practice.show(day(3, 3, 10))
    practice.complete(number, "review_filing")
    assert practice.clock_of(number, "acceptance").state == "stopped"
    assert practice.case(number).due_at == day(3, 17, 17)
    assert practice.case(number).accepted_at == day(3, 3, 10)


def test_silence_is_an_acceptance_that_counts_back_to_the_filing(practice: Practice) -> None:
    number = practice.file_case().number
    practice.move_to(day(3, 9, 17, 1))  # five working days after Monday the 2nd
    case = practice.case(number)
    assert case.accepted_at == case.filed_at == day(3, 2)
    assert "deemed_acceptance" in case.tags
    # the ten days of handling run from the filing, not from the silence
    assert practice.clock_of(number, "handling").due_at == day(3, 16, 17)
    start = clock(practice, number, "handling").entries[0]
    assert (start.effective_at, start.recorded_at) == (day(3, 2), day(3, 9, 17))
    assert clock(practice, number, "handling").reading.used == 5


def test_a_correction_stops_the_acceptance_and_begins_it_afresh(practice: Practice) -> None:
    number, _ = practice.at("review_filing")
    practice.show(day(3, 3, 10))
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    assert practice.clock_of(number, "acceptance").state == "paused"
    assert practice.open_task(number, "supplement").due_at == day(3, 17, 17)
    practice.show(day(3, 10, 11))
    practice.complete(number, "supplement")
    acceptance = practice.clock_of(number, "acceptance")
    assert (acceptance.state, acceptance.due_at) == ("running", day(3, 12, 17))
    assert kinds(practice, number, "acceptance") == ["start", "pause", "restart"]
    assert practice.open_task(number, "review_filing").due_at == day(3, 12, 17)


def test_a_clock_that_was_red_is_green_when_it_begins_afresh(practice: Practice) -> None:
    number, _ = practice.at("review_filing")
    practice.move_to(day(3, 6, 10))
    assert practice.clock_of(number, "acceptance").light == "red"
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    practice.complete(number, "supplement")
    assert practice.clock_of(number, "acceptance").light == "green"
    practice.move_to(day(3, 12, 10))
    breaches = [each for each in practice.all(select(models.Breach)) if each.clock_key]
    assert [(each.clock_key, each.due_at) for each in breaches] == [
        ("acceptance", day(3, 4, 17)),
        ("acceptance", day(3, 10, 17)),
    ]


def test_a_correction_that_is_not_answered_in_ten_working_days_withdraws_the_case(
    practice: Practice,
) -> None:
    number, _ = practice.at("review_filing")
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    practice.move_to(day(3, 16, 16, 59))
    assert practice.case(number).state == "open"
    practice.move_to(day(3, 16, 17))
    assert practice.case(number).outcome == "deemed_withdrawn"


# ── what shortens or ends them ──────────────────────────────────────────────────────────────────

EPIDEMIC: dict[str, Any] = {"cause": "epidemic", "cause_reason": "停工通知证明属实。"}


def test_an_epidemic_cause_shortens_handling_to_five_days(practice: Practice) -> None:
    number, _ = practice.at("give_opinion", **application("granted_epidemic"))
    assert practice.case(number).due_at == day(3, 16, 17)
    practice.complete(number, "give_opinion", **EPIDEMIC)
    assert practice.clock_of(number, "handling").due_at == day(3, 9, 17)
    assert practice.case(number).due_at == day(3, 9, 17)
    (changed,) = [e for e in practice.history(number) if e.kind == "clock_changed"]
    assert (changed.changes["before"], changed.changes["after"]) == (10, 5)
    assert practice.drive_to(number, "first_review").due_at == day(3, 4, 17)


@pytest.mark.parametrize("element_id", ["review_filing", "give_opinion", "first_review"])
def test_a_withdrawal_stops_every_clock_but_the_ones_it_starts(
    practice: Practice, element_id: str
) -> None:
    number, _ = practice.at(element_id)
    cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    held = {c.key: c.state for c in practice.of_case(models.Clock, number)}
    assert held.pop("rating") == "running"
    assert set(held.values()) == {"stopped"}
    (row,) = cases.find(practice.office, practice.firm, now=day(4, 30)).items
    assert (row.due_at, row.light) == (None, Light.GREEN)


def test_the_decision_stops_handling_and_the_removal_runs_on_its_own_clock(
    practice: Practice,
) -> None:
    number, _ = practice.at("take_down")
    assert practice.clock_of(number, "handling").state == "stopped"
    assert practice.clock_of(number, "takedown").state == "running"
    assert practice.case(number).due_at == day(3, 3, 17)  # one working day to take it down


def test_a_closed_case_has_no_clock_that_runs(practice: Practice) -> None:
    number, _ = practice.at("rate")
    practice.complete(number, "rate")
    assert {c.state for c in practice.of_case(models.Clock, number)} == {"stopped"}


def test_the_spring_festival_is_not_counted(practice: Practice) -> None:
    """Filed on 21 January 2020: the holiday was prolonged to 2 February."""
    practice.show(day(1, 21, 10))
    number = practice.file_case(practice.import_penalty(CF_JDRQ="2019-09-08")).number
    assert practice.case(number).due_at == day(1, 23, 17)
    practice.complete(number, "review_filing")
    assert practice.case(number).due_at == day(2, 12, 17)
