"""Clocks by hand: paused on a lawful ground, resumed, extended by two people; timers follow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.clock import NEVER, EntryKind
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.light import light_at
from engine.persistence import models
from engine.services import case_clocks, cases, clock_actions, tasks, timers
from tests.offices import ASK_FOR_PAPERS, FIRM, Practice, day
from tests.services.test_objection import CLAIM

FIFTH = date(2020, 3, 5)


def pause(practice: Practice, number: str, **changes: Any) -> None:
    told: dict[str, Any] = {
        "ground": "expert",
        "reason": "须请专家核对检测报告。",
        "expected_on": FIFTH,
        "by": "wang",
        **changes,
    }
    by = practice[told.pop("by")]
    clock_actions.pause(practice.office, by, number, "handling", now=practice.now, **told)


def resume(practice: Practice, number: str, **changes: Any) -> None:
    told: dict[str, Any] = {"reason": "专家意见已收到。", "by": "wang", **changes}
    by = practice[told.pop("by")]
    clock_actions.resume(practice.office, by, number, "handling", now=practice.now, **told)


def ask(practice: Practice, number: str, **changes: Any) -> UUID:
    told: dict[str, Any] = {"amount": 5, "reason": "案情复杂，须向原处罚机关核对。", "by": "wang"}
    told |= changes
    by = practice[told.pop("by")]
    return clock_actions.ask_for_extension(practice.office, by, number, now=practice.now, **told)


def decide(
    practice: Practice, number: str, key: UUID, by: str = "xu", *, approved: bool = True
) -> None:
    clock_actions.decide_extension(
        practice.office,
        practice[by],
        number,
        key,
        approved=approved,
        opinion="同意。" if approved else "可以按期办结。",
        now=practice.now,
    )


def timer_of(practice: Practice, element_id: str) -> models.Timer:
    asked = select(models.Timer).where(models.Timer.element_id == element_id)
    (found,) = practice.all(asked.where(models.Timer.fired_at.is_(None)))
    held: models.Timer = found
    return held


def entries(practice: Practice, number: str) -> list[models.ClockEntry]:
    clock = practice.clock_of(number, "handling")
    rows = practice.of_case(models.ClockEntry, number)
    return sorted((e for e in rows if e.clock_id == clock.id), key=lambda e: e.sequence)


def letters(practice: Practice, number: str) -> dict[str, models.Letter]:
    return {each.key: each for each in practice.of_case(models.Letter, number)}


# ── pause and resume ────────────────────────────────────────────────────────────────────────────


def test_a_pause_by_hand_rests_on_its_ground_and_tells_the_applicant(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 3, 10))
    pause(practice, number)
    letter = letters(practice, number)["pause_notice"]
    paused = entries(practice, number)[-1]
    assert (paused.kind, paused.ground, paused.reason) == ("pause", "expert", "专家评审")
    assert paused.basis == "行政许可法第四十五条（参照适用）"
    assert paused.document == f"《暂停计时告知书》{letter.number}"
    assert (letter.state, letter.data["clock"]["days_not_counted"]) == ("served", 3)
    # 16 March, and the three days that it is expected to take
    assert letter.data["clock"]["new_last_day"] == "2020-03-19"
    assert "3月3日至3月5日专家评审" in letter.data["limit"]["narrative"]
    assert "clock_paused" in practice.kinds(number)


def test_while_paused_case_step_and_timers_stand_still(practice: Practice) -> None:
    number, task = practice.at("first_review")
    assert task.due_at == day(3, 5, 17)
    assert timer_of(practice, "handling_over").due_at == day(3, 16, 17)
    practice.show(day(3, 3, 10))
    pause(practice, number)
    assert timer_of(practice, "handling_over").due_at == NEVER
    assert timer_of(practice, "handling_near").due_at == NEVER
    assert timers.sweep(practice.office, now=day(6, 1)) == 0
    held = practice.open_task(number, "first_review")
    assert held.is_paused
    assert held.due_at == day(3, 10, 17)  # the three days not counted, as the letter says
    case = practice.case(number)
    assert (case.is_paused, case.due_at) == (True, day(3, 19, 17))
    (row,) = cases.find(practice.office, practice["wang"], now=practice.now).items
    assert row.light == "blue"


def test_a_resumption_counts_what_it_took_and_not_what_was_expected(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 3, 10))
    pause(practice, number)
    practice.show(day(3, 4, 10))
    resume(practice, number)
    # the 3rd and the 4th were touched by the pause
    assert practice.clock_of(number, "handling").due_at == day(3, 18, 17)
    assert timer_of(practice, "handling_over").due_at == day(3, 18, 17)
    task = practice.open_task(number, "first_review")
    assert (task.is_paused, task.due_at) == (False, day(3, 9, 17))
    assert practice.case(number).due_at == day(3, 18, 17)
    told = letters(practice, number)["resume_notice"].data["clock"]
    assert (told["days_not_counted"], told["new_last_day"]) == (2, "2020-03-18")


def test_overlapping_pauses_end_one_by_one(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 3, 10))
    pause(practice, number)
    practice.show(day(3, 4, 10))
    pause(practice, number, ground="appraisal", expected_on=date(2020, 3, 9))
    practice.show(day(3, 5, 10))
    resume(practice, number, ground="expert")
    assert practice.clock_of(number, "handling").state == "paused"
    practice.show(day(3, 9, 10))
    resume(practice, number, ground="appraisal")
    clock = practice.clock_of(number, "handling")
    assert (clock.state, clock.due_at) == ("running", day(3, 23, 17))  # 3, 4, 5, 6 and 9 March


def test_a_resumed_clock_fires_its_timers_at_the_new_end_and_not_before(
    practice: Practice,
) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 3, 10))
    pause(practice, number)
    practice.show(day(3, 4, 10))
    resume(practice, number)
    practice.move_to(day(3, 18, 16, 59))
    assert "handling_over" not in [e.element_id for e in practice.history(number)]
    practice.move_to(day(3, 18, 17))
    assert "handling_over" in [e.element_id for e in practice.history(number)]


def test_a_step_taken_after_a_pause_by_another_process_sees_the_moved_timer(
    practice: Practice, another_process: Practice
) -> None:
    """The instance kept in memory by one process holds no moment that another could outdate."""
    number, _ = practice.at("give_opinion")
    practice.show(day(3, 3, 10))
    another_process.show(day(3, 3, 10))
    clock_actions.pause(
        another_process.office,
        practice["fang"],
        number,
        "handling",
        ground="expert",
        reason="专家评审",
        expected_on=FIFTH,
        now=practice.now,
    )
    practice.complete(number, "give_opinion")
    assert timer_of(practice, "handling_over").due_at == NEVER


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"ground": "holiday"}, {"ground"}),
        ({"ground": "supplement"}, {"ground"}),
        ({"reason": " "}, {"reason"}),
        ({"expected_on": date(2020, 3, 1)}, {"expected_on"}),
        ({"expected_on": None}, {"expected_on"}),
    ],
)
def test_a_pause_without_a_lawful_ground_a_reason_or_an_end_is_refused(
    practice: Practice, changes: dict[str, Any], fields: set[str]
) -> None:
    number, _ = practice.at("first_review")
    with pytest.raises(Invalid) as refusal:
        pause(practice, number, **changes)
    assert set(refusal.value.fields) == fields
    assert len(entries(practice, number)) == 1


def test_a_pause_may_be_expected_to_end_on_the_day_of_its_beginning(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    pause(practice, number, expected_on=practice.now.date())
    assert practice.clock_of(number, "handling").state == "paused"


def test_no_pause_hides_a_limit_that_has_passed(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 17, 10))
    with pytest.raises(Conflict):
        pause(practice, number, expected_on=date(2020, 3, 20))


def test_the_same_ground_cannot_be_open_twice_nor_resumed_when_it_is_not(
    practice: Practice,
) -> None:
    number, _ = practice.at("first_review")
    with pytest.raises(Conflict):
        resume(practice, number)
    pause(practice, number)
    with pytest.raises(Conflict):
        pause(practice, number)
    with pytest.raises(Conflict):
        resume(practice, number, ground="appraisal")


@pytest.mark.parametrize("who", ["lin", "wu", "feng"])
def test_clocks_are_for_those_who_handle_cases(practice: Practice, who: str) -> None:
    number, _ = practice.at("first_review")
    with pytest.raises((NotPermitted, NotFound)):
        pause(practice, number, by=who)
    with pytest.raises((NotPermitted, NotFound)):
        ask(practice, number, by=who)


def test_an_enterprise_cannot_pause_its_own_case(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    with pytest.raises(NotPermitted):
        pause(practice, number, by="firm")


def test_an_entry_made_by_mistake_is_corrected_and_stays_to_be_read(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 3, 10))
    pause(practice, number)
    mistake = entries(practice, number)[-1].sequence

    def correct(by: str = "fang", reason: str = "误记，未曾送专家。") -> None:
        clock_actions.correct_entry(
            practice.office,
            practice[by],
            number,
            "handling",
            mistake,
            reason=reason,
            now=practice.now,
        )

    with pytest.raises(NotPermitted):
        correct(by="wang")
    with pytest.raises(Invalid):
        correct(reason=" ")
    practice.show(day(3, 4, 10))
    correct()
    clock = practice.clock_of(number, "handling")
    assert (clock.state, clock.due_at) == ("running", day(3, 16, 17))
    assert timer_of(practice, "handling_over").due_at == day(3, 16, 17)
    step = practice.open_task(number, "first_review")
    assert (step.is_paused, step.due_at) == (False, day(3, 5, 17))
    view = cases.get(practice.office, practice["fang"], number, now=practice.now).clocks[0]
    assert [(each.kind, each.is_void) for each in view.entries] == [
        ("start", False),
        ("pause", True),
        ("void", False),
    ]
    with pytest.raises(Conflict):
        correct()


# ── extension ───────────────────────────────────────────────────────────────────────────────────


def test_an_extension_takes_two_people_and_a_letter_before_the_end(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 5, 10))
    key = ask(practice, number)
    task = practice.open_task(number, "decide_extension")
    assert (task.candidate_group, task.due_at) == ("leader", day(3, 6, 17))
    (row,) = tasks.inbox(practice.office, practice["xu"], scope="group", now=practice.now).items
    assert row.id == task.id
    practice.show(day(3, 6, 10))
    decide(practice, number, key)
    clock = practice.clock_of(number, "handling")
    assert clock.due_at == day(3, 23, 17)
    assert timer_of(practice, "handling_over").due_at == day(3, 23, 17)
    assert practice.case(number).due_at == day(3, 23, 17)
    letter = letters(practice, number)["extension_notice"]
    assert entries(practice, number)[-1].document == f"《延长办理时限告知书》{letter.number}"
    assert letter.data["limit"]["last_day"] == "2020-03-23"
    assert "已延长 5 个工作日" in letter.data["limit"]["narrative"]
    (held,) = practice.of_case(models.Extension, number)
    assert (held.state, held.decided_by, held.due_after) == ("approved", "xu", day(3, 23, 17))
    assert practice.case(number).beside == 0
    practice.drive_to(number, "take_down")  # the case goes on as if nothing stood beside it


def test_who_asked_cannot_decide(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    key = ask(practice, number, by="xu")
    with pytest.raises(NotPermitted):
        decide(practice, number, key, by="xu")
    assert practice.clock_of(number, "handling").due_at == day(3, 16, 17)


def test_a_case_is_extended_once_only(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    key = ask(practice, number)
    with pytest.raises(Conflict):
        ask(practice, number)
    decide(practice, number, key)
    with pytest.raises(Conflict):
        ask(practice, number)
    with pytest.raises(Conflict):
        decide(practice, number, key)


def test_a_refused_extension_leaves_the_limit_and_may_be_asked_again(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    decide(practice, number, ask(practice, number), approved=False)
    assert practice.clock_of(number, "handling").due_at == day(3, 16, 17)
    assert "extension_notice" not in letters(practice, number)
    ask(practice, number)


@pytest.mark.parametrize("amount", [0, 11])
def test_the_cap_of_the_procedure_holds(practice: Practice, amount: int) -> None:
    number, _ = practice.at("first_review")
    with pytest.raises(Invalid) as refusal:
        ask(practice, number, amount=amount)
    assert set(refusal.value.fields) == {"amount"}


def test_after_the_end_it_is_too_late_to_ask(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 16, 17, 1))
    with pytest.raises(Conflict):
        ask(practice, number)


def test_a_request_that_nobody_decides_lapses_with_the_limit(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 13, 10))
    key = ask(practice, number)
    practice.move_to(day(3, 16, 17))
    (held,) = practice.of_case(models.Extension, number)
    assert held.state == "lapsed"
    with pytest.raises(Conflict):
        decide(practice, number, key)
    assert practice.case(number).beside == 0


def test_a_pause_moves_the_timer_of_the_request_too(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    ask(practice, number)
    assert timer_of(practice, "too_late").due_at == day(3, 16, 17)
    pause(practice, number)
    assert timer_of(practice, "too_late").due_at == NEVER
    practice.show(day(3, 4, 10))
    resume(practice, number)
    assert timer_of(practice, "too_late").due_at == practice.clock_of(number, "handling").due_at


# ── correction, once ────────────────────────────────────────────────────────────────────────────


def test_a_request_that_nobody_has_decided_lapses_when_the_case_is_withdrawn(
    practice: Practice,
) -> None:
    number, _ = practice.at("first_review")
    ask(practice, number)
    cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    (held,) = practice.of_case(models.Extension, number)
    assert held.state == "lapsed"
    assert [task.element_id for task in practice.open_tasks(number)] == ["rate"]
    assert (practice.case(number).beside, practice.case(number).waiting_messages) == (0, 0)


def ask_for_papers(practice: Practice, number: str) -> None:
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)


def test_a_second_correction_needs_a_supervisor_and_the_ground_is_on_record(
    practice: Practice,
) -> None:
    number, _ = practice.at("review_filing")
    ask_for_papers(practice, number)
    practice.complete(number, "supplement")
    with pytest.raises(Invalid):
        ask_for_papers(practice, number)
    with pytest.raises(NotPermitted):
        clock_actions.allow_second_correction(
            practice.office, practice["zhou"], number, ground="新情况", now=practice.now
        )
    with pytest.raises(Invalid):
        clock_actions.allow_second_correction(
            practice.office, practice["fang"], number, ground=" ", now=practice.now
        )
    clock_actions.allow_second_correction(
        practice.office, practice["fang"], number, ground="主体已更名", now=practice.now
    )
    allowed = practice.history(number)[-1]
    assert (allowed.kind, allowed.detail, allowed.actor) == (
        "correction_allowed",
        "主体已更名",
        "fang",
    )
    ask_for_papers(practice, number)
    practice.complete(number, "supplement")
    with pytest.raises(Invalid):
        ask_for_papers(practice, number)


def test_no_correction_is_reopened_that_was_never_asked_for(practice: Practice) -> None:
    number, _ = practice.at("review_filing")
    with pytest.raises(Conflict):
        clock_actions.allow_second_correction(
            practice.office, practice["fang"], number, ground="新情况", now=practice.now
        )


# ── what is stored is what the ledger says ──────────────────────────────────────────────────────


def test_a_paused_step_is_blue_and_red_once_the_pause_outlasts_what_was_told(
    practice: Practice,
) -> None:
    number, _ = practice.at("first_review")
    practice.show(day(3, 2, 9, 5))
    pause(practice, number)
    task = practice.open_task(number, "first_review")
    assert task.due_at is not None
    after = task.due_at + timedelta(minutes=1)
    assert light_at(practice.now, task.due_at, task.warn_at, is_paused=task.is_paused) == "blue"
    assert light_at(after, task.due_at, task.warn_at, is_paused=task.is_paused) == "red"


def test_kinds_of_entries_are_those_of_the_domain(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    pause(practice, number)
    resume(practice, number)
    decide(practice, number, ask(practice, number))
    kinds = [EntryKind(each.kind) for each in entries(practice, number)]
    assert kinds == [EntryKind.START, EntryKind.PAUSE, EntryKind.RESUME, EntryKind.EXTEND]


def test_a_step_that_ended_with_its_case_has_its_own_limit_again_once_the_case_is_extended(
    practice: Practice,
) -> None:
    number, _ = practice.at("give_opinion")
    practice.move_to(day(3, 13, 9))  # the authority was silent: one working day of ten is left
    assert practice.drive_to(number, "first_review").due_at == day(3, 16, 17)
    decide(practice, number, ask(practice, number, amount=5))
    assert practice.clock_of(number, "handling").due_at == day(3, 23, 17)
    assert practice.open_task(number, "first_review").due_at == day(3, 18, 17)


# ── who handles such cases ──────────────────────────────────────────────────────────────────────


def test_the_centre_pauses_and_extends_the_objections_that_it_handles(practice: Practice) -> None:
    record = practice.import_penalty()
    number = cases.file(
        practice.office, practice.firm, "objection", FIRM, [record], CLAIM, now=practice.now
    ).number
    with pytest.raises(NotPermitted):  # the window has it: no case of the centre yet
        case_clocks.choices(practice.office, practice["lin"], number, now=practice.now)
    practice.answer(number, "review_filing", {"acceptance": "accept"})
    offered = cases.get(practice.office, practice["lin"], number, now=practice.now).actions
    assert {"pause", "extend"} <= offered
    told = case_clocks.choices(practice.office, practice["lin"], number, now=practice.now)
    basis = {each.key: each.basis for each in told.grounds}
    assert "appraisal" in basis
    assert basis["force_majeure"] == "民法总则第一百八十条（参照适用）"  # 民法典 came in 2021
    ask(practice, number, by="lin")
    practice.move_to(day(3, 2, 10))  # the step began before the pause
    pause(practice, number, by="lin", ground="appraisal")
    (waiting, *_) = cases.get(practice.office, practice.firm, number, now=practice.now).waiting
    assert "计时已暂停，预计最迟到" in waiting.sentence.zh
    assert "the clock is paused" in waiting.sentence.en
    resume(practice, number, by="lin")
    assert [each.kind for each in entries(practice, number)] == ["start", "pause", "resume"]


def test_the_centre_moves_no_clock_of_a_repair_that_it_only_carries_out(
    practice: Practice,
) -> None:
    number = practice.file_case(practice.import_penalty()).number
    practice.drive_to(number, "take_down")
    assert cases.get(practice.office, practice["lin"], number, now=practice.now).number == number
    with pytest.raises(NotPermitted):
        pause(practice, number, by="lin")
    with pytest.raises(NotPermitted):
        case_clocks.choices(practice.office, practice["lin"], number, now=practice.now)
