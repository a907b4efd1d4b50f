"""Taking a task, giving it back, handing it over: one holder at a time, and other eyes where drawn."""

from __future__ import annotations

from typing import Any

import pytest

from engine.domain.errors import (
    Invalid,
    NotFound,
    NotPermitted,
    TaskAlreadyClaimed,
    TaskNotOpen,
)
from engine.services import cases, notices, tasks
from tests.offices import Practice, usual_answers
from tests.services.crowds import refusals, together


def test_of_many_who_reach_for_a_task_in_the_same_instant_one_gets_it(
    practice: Practice, another_process: Practice
) -> None:
    number, task = practice.at("review_filing")

    def claim(where: Practice, who: str) -> Any:
        return tasks.claim(where.office, where[who], task.id, now=practice.now)

    outcomes = together(
        *(
            lambda w=where, n=name: claim(w, n)
            for where in (practice, another_process)
            for name in ("zhou", "qian")
        )
    )
    held = practice.open_task(number, "review_filing")
    assert held.assignee in ("zhou", "qian")
    # the winner asking twice is no mistake; the other one is told, each time
    assert [type(each) for each in refusals(outcomes)] == [TaskAlreadyClaimed] * 2
    assert practice.kinds(number).count("task_claimed") == 1


def test_claiming_twice_changes_nothing(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    for _ in range(2):
        tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    assert practice.kinds(number).count("task_claimed") == 1


def test_a_task_that_is_done_cannot_be_taken_given_back_or_handed_over(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    practice.complete(number, "review_filing", by=practice["zhou"])
    office, now = practice.office, practice.now
    for act in (
        lambda: tasks.claim(office, practice["qian"], task.id, now=now),
        lambda: tasks.unclaim(office, practice["zhou"], task.id, now=now),
        lambda: tasks.reassign(office, practice["zhou"], task.id, "qian", now=now),
        lambda: tasks.delegate(office, practice["zhou"], task.id, "qian", now=now),
        lambda: tasks.save_draft(office, practice["zhou"], task.id, {}, now=now),
    ):
        with pytest.raises(TaskNotOpen):
            act()


def test_a_task_completed_while_it_is_given_back_stays_completed(
    practice: Practice, another_process: Practice
) -> None:
    number, task = practice.at("review_filing")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    outcomes = together(
        lambda: tasks.complete(
            practice.office, practice["zhou"], task.id, {"acceptance": "accept"}, now=practice.now
        ),
        lambda: tasks.unclaim(another_process.office, practice["zhou"], task.id, now=practice.now),
    )
    assert all(isinstance(each, TaskNotOpen) for each in refusals(outcomes))
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]


def test_a_claim_and_a_withdrawal_in_the_same_instant_do_not_block_each_other(
    practice: Practice, another_process: Practice
) -> None:
    number, task = practice.at("review_filing")
    outcomes = together(
        lambda: cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now),
        lambda: tasks.claim(another_process.office, practice["zhou"], task.id, now=practice.now),
    )
    assert outcomes[0] is None
    assert outcomes[1] is None or isinstance(outcomes[1], TaskNotOpen)
    assert practice.case(number).outcome == "withdrawn"


def test_a_task_given_back_is_free_again(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    with pytest.raises(NotPermitted):
        tasks.unclaim(practice.office, practice["qian"], task.id, now=practice.now)
    tasks.unclaim(practice.office, practice["zhou"], task.id, now=practice.now)
    assert practice.open_task(number, "review_filing").state == "ready"
    tasks.claim(practice.office, practice["qian"], task.id, now=practice.now)
    assert practice.open_task(number, "review_filing").assignee == "qian"


def test_a_delegated_task_comes_back_and_a_reassigned_one_does_not(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    office, now = practice.office, practice.now
    tasks.claim(office, practice["zhou"], task.id, now=now)
    tasks.delegate(office, practice["zhou"], task.id, "qian", now=now)
    tasks.unclaim(office, practice["qian"], task.id, now=now)
    held = practice.open_task(number, "review_filing")
    assert (held.assignee, held.state) == ("zhou", "claimed")
    tasks.reassign(office, practice["zhou"], task.id, "qian", now=now, reason="午休")
    tasks.unclaim(office, practice["qian"], task.id, now=now)
    held = practice.open_task(number, "review_filing")
    assert (held.assignee, held.state) == (None, "ready")
    (handed,) = [e for e in practice.history(number) if e.detail == "午休"]
    assert handed.changes == {"from": "zhou", "to": "qian"}


@pytest.mark.parametrize("to", ["wang", "zheng", "firm", "nobody"])
def test_a_task_is_handed_only_to_somebody_of_its_group_and_department(
    practice: Practice, to: str
) -> None:
    _, task = practice.at("give_opinion")
    tasks.claim(practice.office, practice["wu"], task.id, now=practice.now)
    with pytest.raises(Invalid) as refused:
        tasks.reassign(practice.office, practice["wu"], task.id, to, now=practice.now)
    assert refused.value.fields.keys() == {"to"}


def test_a_supervisor_may_hand_over_what_others_hold_and_a_stranger_may_not(
    practice: Practice,
) -> None:
    number, task = practice.at("review_filing")
    office, now = practice.office, practice.now
    tasks.claim(office, practice["zhou"], task.id, now=now)
    with pytest.raises(NotFound):
        tasks.reassign(office, practice["wu"], task.id, "qian", now=now)
    tasks.reassign(office, practice["fang"], task.id, "qian", now=now)
    assert practice.open_task(number, "review_filing").assignee == "qian"


# ── four eyes ───────────────────────────────────────────────────────────────────────────────────


def test_who_took_the_record_down_does_not_check_it(practice: Practice) -> None:
    number, _ = practice.at("take_down")
    practice.complete(number, "take_down", by=practice["lin"])
    task, office, now = practice.open_task(number, "verify"), practice.office, practice.now
    answers = usual_answers("verify")
    with pytest.raises(NotPermitted):
        tasks.claim(office, practice["lin"], task.id, now=now)
    with pytest.raises(NotPermitted):
        tasks.complete(office, practice["lin"], task.id, answers, now=now)
    tasks.claim(office, practice["he"], task.id, now=now)
    with pytest.raises(NotPermitted):
        tasks.reassign(office, practice["he"], task.id, "lin", now=now)
    tasks.complete(office, practice["he"], task.id, answers, now=now)


def test_the_page_says_why_four_eyes_keep_somebody_away(practice: Practice) -> None:
    number, _ = practice.at("take_down")
    practice.complete(number, "take_down", by=practice["lin"])
    task = practice.open_task(number, "verify")
    kept_away = tasks.get(practice.office, practice["lin"], task.id, now=practice.now).task
    assert (kept_away.may_claim, kept_away.may_complete) == (False, False)
    assert kept_away.reason_not is not None
    assert tasks.get(practice.office, practice["he"], task.id, now=practice.now).task.may_claim


def test_who_took_it_down_in_any_round_does_not_check_it(practice: Practice) -> None:
    number, _ = practice.at("take_down")
    practice.complete(number, "take_down", by=practice["lin"])
    still_shown = {"takedown_found": "still_shown", "where": "信用昆山网站"}
    practice.answer(number, "verify", still_shown, by=practice["he"])
    practice.complete(number, "take_down", by=practice["he"])
    task = practice.open_task(number, "verify")
    for who in ("lin", "he"):
        with pytest.raises(NotPermitted):
            tasks.claim(practice.office, practice[who], task.id, now=practice.now)


# ── drafts ──────────────────────────────────────────────────────────────────────────────────────


def test_half_filled_answers_are_kept_for_whoever_goes_on(practice: Practice) -> None:
    _, task = practice.at("review_filing")
    office, now = practice.office, practice.now
    tasks.save_draft(office, practice["zhou"], task.id, {"acceptance": "ac"}, now=now)
    page = tasks.get(office, practice["qian"], task.id, now=now)
    assert (page.answers, page.draft_saved_at) == ({"acceptance": "ac"}, now)
    tasks.claim(office, practice["zhou"], task.id, now=now)
    with pytest.raises(TaskAlreadyClaimed):
        tasks.save_draft(office, practice["qian"], task.id, {}, now=now)


def test_nobody_writes_a_draft_into_a_task_that_is_not_theirs(practice: Practice) -> None:
    _, task = practice.at("give_opinion")
    with pytest.raises(NotPermitted):
        tasks.save_draft(practice.office, practice["zhou"], task.id, {}, now=practice.now)
    with pytest.raises(NotFound):
        tasks.save_draft(practice.office, practice.other_firm, task.id, {}, now=practice.now)


def test_a_task_handed_to_who_has_it_already_is_not_handed_over_again(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    office, now = practice.office, practice.now
    tasks.claim(office, practice["zhou"], task.id, now=now)
    for _ in range(2):
        tasks.reassign(office, practice["fang"], task.id, "qian", now=now, reason="周请假")
    assert practice.kinds(number).count("task_reassigned") == 1
    practice.run_jobs()
    told = notices.mine(office, practice["qian"], limit=50).items
    assert [each.kind for each in told].count("assignment") == 1
