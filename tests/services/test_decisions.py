"""Decision tables in use: what they answered is kept with the rows that held, and can be looked up."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.domain.errors import Invalid, NotFound
from engine.persistence import models
from engine.services import cases, decision_tables, decisions
from engine.services.history_check import verify_history
from tests.offices import FIRM, Practice

EVERY_DAY = {
    "publication": "shown",
    "grade": "general",
    "minimum_reached": True,
    "objection_open": False,
    "promise_broken": False,
    "repair_open": False,
    "objection_filed": False,
    "expired": False,
}


def made(practice: Practice, number: str) -> Any:
    (found,) = decisions.of_case(practice.office, practice["zhou"], number, now=practice.now)
    return found


def test_a_case_keeps_on_which_row_and_article_it_was_let_in(practice: Practice) -> None:
    record = practice.import_penalty()
    number = practice.file_case(record).number
    told = made(practice, number)
    asked = {each.name: each.value for each in told.inputs}
    assert (told.decision_id, told.hit_policy) == ("eligibility", "FIRST")
    assert (asked["publication"], asked["grade"], asked["expired"]) == ("shown", "general", False)
    assert told.inputs[1].words.zh == "一般失信"
    (answer,) = told.outputs
    assert {each.name: each.value for each in answer}["outcome"] == "eligible"
    (row,) = told.rows
    assert row.row_id == "b_07"
    assert told.articles == row.annotations
    assert "527号" in told.articles[0]
    assert told.about == practice.record(record).number


def test_the_version_of_the_table_is_kept_with_its_answer(practice: Practice) -> None:
    number = practice.file_case().number
    told, case = made(practice, number), practice.case(number)
    with practice.reading() as session:
        files = practice.office.procedure(session, case.definition_id).files
    assert told.definition_id == case.definition_id
    assert told.sha256 == hashlib.sha256(files[told.filename]).hexdigest()
    assert told.edition == "2020"


def test_an_answer_stands_in_the_history_by_the_step_that_asked(practice: Practice) -> None:
    number = practice.file_case().number
    told = made(practice, number)
    line = practice.history(number)[told.sequence - 1]
    assert (line.kind, line.sequence) == ("decision_made", told.sequence)
    assert line.changes["rows"] == [told.rows[0].number]
    assert line.detail == told.articles[0]
    assert told.element.zh == "自动预审受理条件"


CHANGES: dict[str, dict[str, Any]] = {
    "inputs": {"inputs": []},
    "outputs": {"outputs": []},
    "row": {"rows": [{"number": 1, "row_id": "b_01", "annotations": []}]},
    "decision": {"decision_id": "grading"},
    "required": {"required": [1]},
}


def found_by_the_check(practice: Practice) -> list[tuple[str, str]]:
    return [(flaw.where, flaw.en) for flaw in verify_history(practice.office)]


@pytest.mark.parametrize("what", CHANGES)
def test_an_answer_that_was_changed_later_does_not_fit_the_history(
    practice: Practice, what: str
) -> None:
    number = practice.file_case().number
    (row,) = practice.of_case(models.DecisionMade, number)
    assert found_by_the_check(practice) == []
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        session.execute(
            update(models.DecisionMade)
            .where(models.DecisionMade.id == row.id)
            .values(**CHANGES[what])
        )
    said = "the decision does not fit the hash in this line"
    assert found_by_the_check(practice) == [(f"{number}#{row.sequence}", said)]


def test_an_answer_that_went_or_came_past_the_history_is_found(practice: Practice) -> None:
    number = practice.file_case().number
    (row,) = practice.of_case(models.DecisionMade, number)
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        moved = update(models.DecisionMade).where(models.DecisionMade.id == row.id)
        session.execute(moved.values(sequence=900))
    assert found_by_the_check(practice) == [
        (f"{number}#{row.sequence}", "the decision that this line tells of is gone"),
        (f"{number}#900", "the history does not tell of this decision"),
    ]


def test_a_filing_that_is_refused_keeps_no_answer(practice: Practice) -> None:
    record = practice.import_penalty()
    with pytest.raises(Invalid):
        cases.file(
            practice.office, practice.firm, "credit_repair", FIRM, [record], {}, now=practice.now
        )
    assert practice.all(select(models.DecisionMade)) == []


def test_a_case_that_is_not_there_has_no_answers_either(practice: Practice) -> None:
    with pytest.raises(NotFound):
        decisions.of_case(practice.office, practice["zhou"], "KSXY-XF-1", now=practice.now)


# ── the tables of a version ─────────────────────────────────────────────────────────────────────


def tables(practice: Practice) -> dict[str, Any]:
    definition = practice.case(practice.file_case().number).definition_id
    found = decision_tables.tables(practice.office, practice["fang"], definition)
    return {"definition": definition, **{each.decision_id: each for each in found}}


def test_every_table_of_a_version_is_shown_with_its_rows_and_what_it_is_asked_with(
    practice: Practice,
) -> None:
    found = tables(practice)
    grading = found["grading"]
    assert grading.parts == ("grading",)
    assert grading.filename == "common/decisions/grading.dmn"
    assert [row.number for row in grading.rows] == list(range(1, len(grading.rows) + 1))
    assert all(row.annotations for row in grading.rows)
    kinds = {each.name: each.kind for each in grading.variables}
    assert kinds["fine"] == "number"
    (grade,) = [each for each in found["eligibility"].variables if each.name == "grade"]
    assert grade.choices == ("general", "serious", "grave")
    assert grade.label.en == "Gravity"
    assert all(each.findings == () for key, each in found.items() if key != "definition")


def test_a_table_can_be_tried_and_nothing_is_kept(practice: Practice) -> None:
    definition = tables(practice)["definition"]
    before = practice.everything()
    known = {each.name for each in tables_of(practice, definition)["eligibility"].variables}
    inputs = {name: value for name, value in EVERY_DAY.items() if name in known}
    told = decision_tables.try_table(
        practice.office, practice["fang"], definition, "eligibility", inputs
    )
    assert told.failure is None
    assert [row.row_id for row in told.rows] == ["b_07"]
    typed = {name: str(value).lower() for name, value in inputs.items()}
    again = decision_tables.try_table(
        practice.office, practice["fang"], definition, "eligibility", typed
    )
    assert again == told
    assert practice.everything() == before


def tables_of(practice: Practice, definition: Any) -> dict[str, Any]:
    found = decision_tables.tables(practice.office, practice["fang"], definition)
    return {each.decision_id: each for each in found}


def test_inputs_that_do_not_fit_are_told_in_words(practice: Practice) -> None:
    definition = tables(practice)["definition"]
    told = decision_tables.try_table(
        practice.office, practice["fang"], definition, "grading", {"fine": "a lot"}
    )
    assert told.failure is not None
    assert (told.outputs, told.rows) == ((), ())
    stranger = decision_tables.try_table(
        practice.office, practice["fang"], definition, "grading", {"weather": "fine"}
    )
    assert "weather" in str(stranger.failure)
    with pytest.raises(NotFound):
        decision_tables.try_table(practice.office, practice["fang"], definition, "weather", {})
