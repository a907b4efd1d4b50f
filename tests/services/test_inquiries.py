"""An enterprise asks about its case, the office answers; whom it concerns is told, and it stays."""

import pytest

from engine.domain.errors import Invalid
from engine.persistence import models
from engine.services import inquiries
from tests.offices import Practice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def told(practice: Practice, number: str, kind: str) -> set[str]:
    rows = practice.of_case(models.Notice, number)
    return {row.recipient for row in rows if row.kind == kind}


def test_a_question_goes_to_who_has_the_case_and_its_answer_to_who_asked(
    practice: Practice,
) -> None:
    number, task = practice.at("give_opinion")
    office, now = practice.office, practice.now
    inquiries.ask(office, practice.firm, number, " 还要几天？ ", now=now)
    asked = told(practice, number, "inquiry")
    assert asked
    assert practice.firm.username not in asked
    if task.assignee:
        assert asked == {task.assignee}

    clerk = practice["zhou"]
    inquiries.answer(office, clerk, number, "三个工作日内。", now=now)
    assert told(practice, number, "inquiry_answered") == {practice.firm.username}
    said = inquiries.of_case(office, practice.firm, number)
    assert [(line.is_answer, line.text) for line in said] == [
        (False, "还要几天？"),
        (True, "三个工作日内。"),
    ]
    assert said == inquiries.of_case(office, clerk, number)
    assert practice.kinds(number)[-2:] == ["inquiry_asked", "inquiry_answered"]


def test_what_says_nothing_or_too_much_is_not_kept(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    before = practice.kinds(number)
    for text in ("", "  ", "长" * 2_001, "不\x00行"):
        with pytest.raises(Invalid) as refused:
            inquiries.ask(practice.office, practice.firm, number, text, now=practice.now)
        assert "text" in refused.value.fields
    assert practice.kinds(number) == before
