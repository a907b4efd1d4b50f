"""The inbox is searched by what open cases say, kept beside them, and finds what the forms say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

from engine.domain.actor import Actor
from engine.persistence import models, words
from engine.services import tasks
from tests.offices import Practice


def listed(practice: Practice, actor: Actor, **wanted: Any) -> list[str]:
    page = tasks.inbox(practice.office, actor, now=practice.now, **wanted)
    return [task.case_number for task in page.items]


def kept(practice: Practice) -> dict[tuple[UUID, UUID], set[str]]:
    """The lines of every form's words; each database spaces lists in its own way."""
    with practice.office.uow.read() as session:
        rows = session.scalars(select(models.OpenWords)).all()
        return {
            (row.case_id, row.id): {
                line.replace(", ", ",") for line in row.said.split("\n") if line
            }
            for row in rows
        }


def close(practice: Practice, number: str) -> None:
    while practice.case(number).state == "open":
        held = practice.open_tasks(number)
        if held:
            practice.complete(number, held[0].element_id)
        else:
            practice.acknowledge(number)


def test_a_task_is_found_by_number_name_earlier_form_and_draft_alike(practice: Practice) -> None:
    number, task = practice.at("first_review")
    other, held = practice.at("first_review")
    name, clerk = practice.case(number).subject_name, practice.somebody_for(task)
    assert listed(practice, clerk, scope="group", q=number.lower()) == [number]
    assert set(listed(practice, clerk, scope="group", q=name[1:5])) == {number, other}
    opinion = next(
        str(each.answers["opinion"])
        for each in practice.of_case(models.Task, number)
        if each.answers and "opinion" in each.answers
    )
    assert set(listed(practice, clerk, scope="group", q=opinion)) == {number, other}
    assert listed(practice, clerk, scope="group", q="没有哪张表这么说") == []
    tasks.claim(practice.office, clerk, held.id, now=practice.now)
    draft = {"opinion": "尚待核对"}
    tasks.save_draft(practice.office, clerk, held.id, draft, now=practice.now)
    assert listed(practice, clerk, scope="mine", q="尚待核对") == [other]


def test_signs_that_mean_something_to_a_pattern_are_looked_for_as_they_are(
    practice: Practice,
) -> None:
    number = practice.file_case(account="回收率100%_降解\\标识").number
    practice.file_case(account="回收率100或降解标识")
    window = practice["zhou"]
    for said in ("100%_降", "0%", "解\\标", "\\", "_"):
        assert number in listed(practice, window, scope="group", q=said), said
    assert listed(practice, window, scope="group", q="100%_降解\\") == [number]


def test_a_case_that_is_taken_up_again_says_what_it_said(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    before, case = kept(practice), practice.case(number)
    with practice.office.uow.begin() as session:
        words.forget(session, case.id)
    assert kept(practice) == {}
    with practice.office.uow.begin() as session:
        words.write_again(session, session.get_one(models.Case, case.id))
    assert kept(practice) == before


def test_what_cases_lack_is_written_as_the_services_would_have(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    practice.file_case(account='改用"可降解"的\\标识')
    before = kept(practice)
    case_id = practice.case(number).id
    assert sum(case == case_id for case, _ in before) > 2
    with practice.office.uow.begin() as session:
        session.execute(delete(models.OpenWords))
        words.mend(session.connection())
    assert kept(practice) == before
    with practice.office.uow.begin() as session:
        words.mend(session.connection())
    assert kept(practice).keys() == before.keys()


def test_a_closed_case_leaves_no_words_and_is_still_found(practice: Practice) -> None:
    number, _ = practice.at("review_filing")
    assert kept(practice)
    close(practice, number)
    assert kept(practice) == {}
    name = practice.case(number).subject_name
    assert listed(practice, practice.firm, scope="all", q=name[1:5]) == [number]  # to be rated
    assert number in listed(practice, practice["zhou"], scope="done", q=name[1:5])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_draft_is_nothing_and_no_document(practice: Practice) -> None:
    practice.at("first_review")
    with practice.office.uow.read() as session:
        found = session.execute(text("SELECT count(*) FROM task WHERE draft IS NOT NULL"))
        assert found.scalar_one() == 0
