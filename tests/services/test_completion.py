"""Completing a task: wholly or not at all, by one, once, and never past a timer that is due."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine.domain.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    StepFailed,
    TaskAlreadyClaimed,
    TaskNotOpen,
)
from engine.persistence import models, unit_of_work, writing
from engine.runtime.codec import Codec
from engine.services import cases, completion, ledger, stepping, tasks
from engine.services.casework import Casework
from engine.services.operations import OPERATIONS
from tests.offices import ASK_FOR_PAPERS, BY_POST, Practice, day, usual_answers
from tests.oracle import unsound
from tests.services.crowds import noticing, refusals, together


class Broken(Exception):
    """What a test breaks on purpose."""


def breaks(*given: Any, **named: Any) -> Any:
    raise Broken


def breaks_after(calls: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """The act itself, until it has been called so often; then it breaks."""
    left = calls

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Broken
        return act(*given, **named)

    return counted


def once_written(patch: pytest.MonkeyPatch) -> None:
    def write(session: Session) -> None:
        writing.write(session)
        raise Broken  # everything is written, nothing is stored

    patch.setattr(unit_of_work, "write", write)


#: Where a completion may fail: while it is driven, while it is mirrored, while it is stored.
FAILURES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "in the first operation": lambda p: p.setitem(OPERATIONS, "accept_case", breaks),
    "in the last operation": lambda p: p.setitem(OPERATIONS, "mark_record", breaks),
    "while noting history": lambda p: p.setattr(Casework, "note", breaks_after(2, Casework.note)),
    "while promising a job": lambda p: p.setattr(Casework, "promise", breaks),
    "while dumping the instance": lambda p: p.setattr(Codec, "dump", breaks),
    "while closing tasks": lambda p: p.setattr(stepping, "_close", breaks),
    "while opening tasks": lambda p: p.setattr(stepping, "_open", breaks),
    "while arming timers": lambda p: p.setattr(stepping, "mirror_timers", breaks),
    "while following clocks": lambda p: p.setattr(ledger, "follow_waits", breaks),
    "while delivering messages": lambda p: p.setattr(completion, "settle", breaks),
    "while storing": once_written,
}


@pytest.mark.parametrize("where", FAILURES)
def test_a_completion_that_fails_leaves_nothing_and_the_next_attempt_works(
    practice: Practice, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, task = practice.at("review_filing")
    before, announced = steps_of(practice, number), list(practice.announced)
    with monkeypatch.context() as broken:
        FAILURES[where](broken)
        with pytest.raises((Broken, StepFailed)):
            tasks.complete(
                practice.office,
                practice["zhou"],
                task.id,
                {"acceptance": "accept"},
                now=practice.now,
            )
    assert steps_of(practice, number) == before
    assert practice.announced == announced
    practice.complete(number, "review_filing")
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]
    assert practice.kinds(number).count("task_completed") == 1


def steps_of(practice: Practice, number: str) -> dict[str, Any]:
    """Every row but what an incident writes: itself, its line of the history, the kept draft."""
    told = ("incident", "event", "counter", "case_file", "task")
    rest = {name: rows for name, rows in practice.everything().items() if name not in told}
    case = practice.case(number)
    tasks_now = sorted(
        (row.element_id, row.state, row.answers, row.version)
        for row in practice.of_case(models.Task, number)
    )
    kinds = [kind for kind in practice.kinds(number) if not kind.startswith("incident")]
    return {**rest, "case": (case.stage, case.step, case.due_at), "tasks": tasks_now, "told": kinds}


def test_a_commit_that_fails_leaves_nothing(practice: Practice) -> None:
    number, _ = practice.at("review_filing")
    before, announced = practice.everything(), list(practice.announced)
    event.listen(practice.office.uow.engine, "commit", breaks)
    try:
        with pytest.raises(Broken):
            practice.complete(number, "review_filing")
    finally:
        event.remove(practice.office.uow.engine, "commit", breaks)
    assert practice.everything() == before
    assert practice.announced == announced
    practice.complete(number, "review_filing")
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]


def test_a_filing_that_fails_leaves_no_case_and_no_number(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = practice.import_penalty()
    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "receive_filing", breaks)
        with pytest.raises(StepFailed, match="GZ2020-0001"):
            practice.file_case(record)
    assert practice.all(select(models.Case)) == []
    assert practice.record(record).flags == {}
    assert practice.file_case(record).number.endswith("000001")


# ── one winner ──────────────────────────────────────────────────────────────────────────────────


def test_a_task_is_completed_once(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    practice.complete(number, "review_filing")
    with pytest.raises(TaskNotOpen):
        tasks.complete(
            practice.office, practice["zhou"], task.id, {"acceptance": "accept"}, now=practice.now
        )
    assert practice.kinds(number).count("task_completed") == 1


def test_of_two_completions_in_the_same_instant_one_wins(
    practice: Practice, another_process: Practice
) -> None:
    number, task = practice.at("review_filing")

    def complete(where: Practice) -> Any:
        return tasks.complete(
            where.office, where["zhou"], task.id, {"acceptance": "accept"}, now=practice.now
        )

    outcomes = together(
        *(lambda w=where: complete(w) for where in (practice, practice, another_process))
    )
    assert [type(each) for each in refusals(outcomes)] == [TaskNotOpen, TaskNotOpen]
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]
    assert practice.kinds(number).count("task_completed") == 1


def test_a_completion_that_has_read_an_older_task_is_refused(practice: Practice) -> None:
    _, task = practice.at("review_filing")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    with pytest.raises(Conflict, match="有变动"):
        tasks.complete(
            practice.office,
            practice["zhou"],
            task.id,
            {"acceptance": "accept"},
            now=practice.now,
            version=task.version,
        )


def test_a_withdrawal_and_a_completion_in_the_same_instant_do_not_block_each_other(
    practice: Practice, another_process: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, task = practice.at("first_review")
    withdrawing, is_sqlite = threading.Event(), practice.is_sqlite
    original = OPERATIONS["withdraw_case"]

    with noticing(another_process.office.uow.engine, "FOR UPDATE") as completing:

        def withdraw_case(work: Casework) -> Any:
            withdrawing.set()
            assert is_sqlite or completing.wait(timeout=30)  # the other has come to the locks
            return original(work)

        monkeypatch.setitem(OPERATIONS, "withdraw_case", withdraw_case)

        def withdraw() -> Any:
            return cases.withdraw(
                practice.office, practice.firm, number, reason="", now=practice.now
            )

        def complete() -> Any:
            assert withdrawing.wait(timeout=30)
            answers = usual_answers("first_review")
            return tasks.complete(
                another_process.office, practice["wang"], task.id, answers, now=practice.now
            )

        withdrawn, completed = together(withdraw, complete)
    assert withdrawn is None
    assert isinstance(completed, TaskNotOpen)
    assert practice.case(number).outcome == "withdrawn"


# ── who and what ────────────────────────────────────────────────────────────────────────────────


def test_a_task_that_does_not_exist_is_not_found(practice: Practice) -> None:
    with pytest.raises(NotFound):
        tasks.complete(practice.office, practice["zhou"], uuid4(), {}, now=practice.now)


def test_a_task_of_another_group_or_another_department_is_refused(practice: Practice) -> None:
    _, task = practice.at("give_opinion")
    with pytest.raises(NotPermitted):  # of another group: knows the case, and may not
        tasks.complete(practice.office, practice["zhou"], task.id, {}, now=practice.now)
    with pytest.raises(NotFound):  # of the same group in another department: is not even told
        tasks.complete(practice.office, practice["zheng"], task.id, {}, now=practice.now)


def test_an_enterprise_is_not_even_told_of_the_tasks_of_the_office_in_its_case(
    practice: Practice,
) -> None:
    _, task = practice.at("give_opinion")
    with pytest.raises(NotFound):
        tasks.complete(practice.office, practice.firm, task.id, {}, now=practice.now)


def test_a_task_that_is_done_keeps_the_moment_at_which_it_was_taken(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    taken = practice.now
    tasks.claim(practice.office, practice["zhou"], task.id, now=taken)
    practice.show(taken + timedelta(hours=1))
    practice.complete(number, "review_filing")
    (done,) = (t for t in practice.of_case(models.Task, number) if t.id == task.id)
    assert (done.claimed_at, done.completed_at) == (taken, taken + timedelta(hours=1))


def test_of_a_step_done_again_letters_print_what_it_found_last_in_its_old_place(
    practice: Practice,
) -> None:
    number, _ = practice.at("second_review")
    practice.complete(number, "second_review", decision="return", return_reason="请补充核对。")
    practice.complete(number, "first_review", opinion="已补充核对，建议准予修复。")
    found = practice.case(number).found
    assert [each["element"] for each in found] == ["first_review", "second_review"]
    assert found[0]["opinion"] == "已补充核对，建议准予修复。"


def test_a_task_that_somebody_holds_is_not_completed_by_another(practice: Practice) -> None:
    _, task = practice.at("review_filing")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    with pytest.raises(TaskAlreadyClaimed):
        tasks.complete(
            practice.office, practice["qian"], task.id, {"acceptance": "accept"}, now=practice.now
        )


def test_answers_that_do_not_fit_the_form_are_named_and_change_nothing(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    before = practice.everything()
    with pytest.raises(Invalid) as refused:
        tasks.complete(
            practice.office, practice["zhou"], task.id, {"acceptance": "perhaps"}, now=practice.now
        )
    assert refused.value.fields.keys() == {"acceptance"}
    assert practice.everything() == before
    assert practice.open_task(number, "review_filing").state == "ready"


def test_a_once_only_choice_is_gone_the_second_time(practice: Practice) -> None:
    """一次性告知: what is missing is asked for once in a case (行政许可法 art. 32)."""
    number, task = practice.at("review_filing")
    assert "supplement" in choices(practice, task)
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    practice.complete(number, "supplement")
    again = practice.open_task(number, "review_filing")
    assert "supplement" not in choices(practice, again)
    with pytest.raises(Invalid) as refused:
        practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    assert "acceptance" in refused.value.fields
    practice.complete(number, "review_filing")


def choices(practice: Practice, task: models.Task) -> set[str]:
    form = tasks.form(practice.office, practice["zhou"], task.id, now=practice.now)
    return {choice["const"] for choice in form["properties"]["acceptance"]["oneOf"]}


# ── timers first ────────────────────────────────────────────────────────────────────────────────


def test_an_answer_after_the_due_moment_leaves_the_breach_in_the_history(
    practice: Practice,
) -> None:
    number, task = practice.at("give_opinion")
    assert task.due_at is not None
    practice.show(day(3, 6))  # nobody has swept: the answer is the first to notice
    practice.complete(number, "give_opinion")
    assert practice.kinds(number)[-4:].index("timer_fired") < practice.kinds(number)[-4:].index(
        "task_completed"
    )
    assert "supervision_opened" in practice.kinds(number)
    (done,) = [e for e in practice.history(number) if e.changes.get("late")]
    assert done.element_id == "give_opinion"


def test_a_due_interrupting_timer_beats_the_answer(practice: Practice) -> None:
    number, _ = practice.at("review_filing")
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    task = practice.open_task(number, "supplement")
    practice.show(day(3, 31))  # the ten working days are over
    with pytest.raises(TaskNotOpen):
        tasks.complete(
            practice.office,
            practice.firm,
            task.id,
            usual_answers("supplement"),
            now=practice.now,
        )
    assert practice.case(number).outcome == "deemed_withdrawn"
    assert "task_completed" not in practice.kinds(number)[-6:]


def test_an_answer_in_time_leaves_no_breach(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    practice.complete(number, "give_opinion")
    practice.move_to(day(3, 6))
    assert "timer_fired" not in practice.kinds(number)


# ── the parts of a case side by side ────────────────────────────────────────────────────────────


def test_two_branches_of_a_case_completed_in_the_same_instant_are_both_done(
    practice: Practice, another_process: Practice
) -> None:
    number, take_down = practice.at("take_down", **BY_POST)
    serve = practice.open_task(number, "serve_on_paper")

    def complete(where: Practice, who: str, task: models.Task) -> Any:
        answers = usual_answers(task.element_id)
        return tasks.complete(where.office, practice[who], task.id, answers, now=practice.now)

    outcomes = together(
        lambda: complete(practice, "lin", take_down),
        lambda: complete(another_process, "zhou", serve),
    )
    assert refusals(outcomes) == []
    assert sorted(task.element_id for task in practice.open_tasks(number)) == [
        "register_receipt",
        "verify",
    ]
    assert unsound(practice.office) == []
