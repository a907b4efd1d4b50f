"""容缺受理: accepted against a promise; reminded, brought and checked, or broken with its effects."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.domain.clock import Whose
from engine.domain.errors import PromiseRefused
from engine.persistence import models
from engine.services import cases, commitments, documents, jobs, tasks
from tests.offices import Practice, day

PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
#: A required paper, promised by Friday 6 March 2020.
PROMISED: dict[str, Any] = {
    "acceptance": "conditional",
    "promised_papers": ["performance_proof"],
    "promised_on": "2020-03-06",
}


def accepted(practice: Practice, **changes: Any) -> str:
    """A case accepted conditionally: its number."""
    number = practice.file_case().number
    practice.answer(number, "review_filing", {**PROMISED, **changes})
    return number


def promise_of(practice: Practice, number: str) -> str:
    """State of the case's promise as the register of commitments has it."""
    found = commitments.find(practice.office, practice["wang"], now=practice.now, limit=200).items
    (row,) = [each for each in found if each.case_number == number and each.kind == "conditional"]
    return row.performance


def letters(practice: Practice, number: str) -> list[str]:
    return [each.key for each in practice.of_case(models.Letter, number)]


def test_the_applicant_has_a_task_until_the_promised_day(practice: Practice) -> None:
    number = accepted(practice)
    task = practice.open_task(number, "bring_papers")
    assert task.candidate_group == "applicant"
    assert task.due_at == day(3, 6, 17)
    (turn,) = tasks.inbox(practice.office, practice.firm, scope="group", now=practice.now).items
    assert (turn.element_id, turn.case_number) == ("bring_papers", number)
    view = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert "bring_papers" in {card.element_id for card in view.waiting}
    page = tasks.get(practice.office, practice.firm, task.id, now=practice.now)
    assert [paper.paper for paper in page.missing] == ["performance_proof"]
    # the case itself goes on meanwhile
    assert practice.open_task(number, "give_opinion").state == "ready"


def test_a_promise_for_a_day_off_ends_with_the_next_working_day(practice: Practice) -> None:
    number = accepted(practice, promised_on="2020-03-07")  # a Saturday
    assert practice.open_task(number, "bring_papers").due_at == day(3, 9, 17)


def test_brought_and_found_complete_it_is_kept(practice: Practice) -> None:
    number = accepted(practice)
    documents.attach(
        practice.office, practice.firm, number, "performance_proof", "凭证.pdf", PDF, now=day(3, 4)
    )
    practice.answer(number, "bring_papers", {"papers_note": "已上传。"})
    assert promise_of(practice, number) == "running"
    practice.answer(
        number, "check_papers", {"papers_found": "incomplete", "papers_reason": "看不清日期。"}
    )
    task = practice.open_task(number, "bring_papers")
    assert task.due_at == day(3, 6, 17)
    page = tasks.get(practice.office, practice.firm, task.id, now=practice.now)
    assert [paper.reason for paper in page.missing] == ["看不清日期。"]
    practice.answer(number, "bring_papers", {})
    practice.answer(number, "check_papers", {"papers_found": "complete"})
    assert promise_of(practice, number) == "kept"
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]
    assert "promise_broken" not in letters(practice, number)


def notices(practice: Practice, number: str) -> list[str]:
    jobs.run_due(practice.office)
    row = models.Notice
    return practice.all(select(row.kind).where(row.case_id == practice.case(number).id))


def test_the_applicant_is_reminded_one_working_day_before(practice: Practice) -> None:
    number = accepted(practice)
    practice.move_to(day(3, 4, 16))
    assert "promise_near" not in notices(practice, number)
    practice.move_to(day(3, 5, 10))
    assert "promise_near" in notices(practice, number)
    assert practice.open_task(number, "bring_papers").state == "ready"


def test_missed_it_is_broken_told_and_closes_that_way_for_later(practice: Practice) -> None:
    number = accepted(practice)
    practice.move_to(day(3, 9, 9))
    assert promise_of(practice, number) == "broken"
    assert "promise_broken" in letters(practice, number)
    assert "commitment_broken" in practice.kinds(number)
    open_now = {task.element_id for task in practice.open_tasks(number)}
    assert "give_opinion" in open_now
    assert "bring_papers" not in open_now
    other = practice.file_case().number
    task = practice.open_task(other, "review_filing")
    again = {**PROMISED, "promised_on": "2020-03-12"}
    with pytest.raises(PromiseRefused) as refused:
        tasks.complete(
            practice.office, practice.somebody_for(task), task.id, again, now=practice.now
        )
    assert "acceptance" in refused.value.fields
    assert practice.all(select(models.Incident)) == []  # nobody needs to look at a refusal
    practice.answer(other, "review_filing", {"acceptance": "accept"})


@pytest.mark.parametrize("promised_on", ["2020-03-02", "2020-02-28", "2020-04-30"])
def test_a_day_that_cannot_be_promised_is_refused_at_its_question(
    practice: Practice, promised_on: str
) -> None:
    number = practice.file_case().number
    with pytest.raises(PromiseRefused) as refused:
        practice.answer(number, "review_filing", {**PROMISED, "promised_on": promised_on})
    assert "promised_on" in refused.value.fields
    assert practice.open_task(number, "review_filing").state == "ready"


def test_nothing_is_granted_while_a_required_paper_is_missing(practice: Practice) -> None:
    number = accepted(practice)
    practice.complete(number, "give_opinion")
    practice.complete(number, "first_review")
    with pytest.raises(PromiseRefused):
        practice.complete(number, "second_review")
    assert practice.case(number).outcome is None
    practice.answer(number, "bring_papers", {})
    practice.answer(number, "check_papers", {"papers_found": "complete"})
    practice.complete(number, "second_review")
    assert practice.case(number).outcome == "granted"


def test_an_optional_paper_holds_nothing_up(practice: Practice) -> None:
    number = accepted(practice, promised_papers=["rectification"])
    for step in ("give_opinion", "first_review", "second_review"):
        practice.complete(number, step)
    assert practice.case(number).outcome == "granted"


def test_a_case_that_ends_first_wants_the_papers_no_more(practice: Practice) -> None:
    number = accepted(practice)
    cases.withdraw(practice.office, practice.firm, number, reason="不办了", now=practice.now)
    assert promise_of(practice, number) == "lapsed"
    assert [task.element_id for task in practice.open_tasks(number)] == ["rate"]
    practice.move_to(day(3, 10))
    assert promise_of(practice, number) == "lapsed"
    assert "promise_broken" not in letters(practice, number)


def test_a_promise_that_waits_for_its_check_is_dropped_with_the_case(practice: Practice) -> None:
    number = accepted(practice)
    practice.answer(number, "bring_papers", {})
    cases.withdraw(practice.office, practice.firm, number, reason="不办了", now=practice.now)
    assert [task.element_id for task in practice.open_tasks(number)] == ["rate"]
    assert practice.case(number).waiting_messages == 0


def test_whose_time_does_not_count_the_promise_twice(practice: Practice) -> None:
    number = accepted(practice)
    practice.move_to(day(3, 4))
    view = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert view.whose_time is not None
    shares = {share.whose: share.office_seconds for share in view.whose_time.shares}
    assert shares.get(Whose.APPLICANT, 0) == 0
    assert shares[Whose.DEPARTMENT] > 0
