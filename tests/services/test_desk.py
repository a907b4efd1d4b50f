"""Colleagues at one desk: notes and whom they name, who else is here, what would follow, what is found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.domain.errors import Conflict, Invalid, NotPermitted
from engine.persistence import models
from engine.services import (
    cases,
    foresight,
    notes,
    notices,
    presence,
    related,
    search,
    tasks,
)
from tests.offices import FIRM, Practice, StoppedClock, usual_answers

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# ── notes ───────────────────────────────────────────────────────────────────────────────────────


@on_sqlite
def test_a_note_is_a_line_of_the_history_that_the_enterprise_is_not_shown(
    practice: Practice,
) -> None:
    office, now = practice.office, practice.now
    number = practice.file_case().number
    notes.add(office, practice["fang"], number, "请先看缴款凭证。", now=now)
    (note,) = notes.of_case(office, practice["fang"], number)
    assert (note.text, note.actor_name) == ("请先看缴款凭证。", practice["fang"].name)
    assert practice.kinds(number)[-1] == notes.KIND
    told = cases.history(office, practice.firm, number, now=now)
    assert "请先看缴款凭证。" not in {event.detail.zh for event in told if event.detail}
    with pytest.raises(NotPermitted):
        notes.of_case(office, practice.firm, number)
    counted = [notes.number(office, who, number) for who in (practice["zhou"], practice["tang"])]
    assert counted == [1, 0]


@on_sqlite
def test_whoever_a_note_names_is_told_and_must_be_able_to_see_the_case(practice: Practice) -> None:
    office, now = practice.office, practice.now
    number = practice.file_case().number
    before = notices.unread(office, practice["qian"])
    notes.add(office, practice["zhou"], number, "@qian帮我看一下 @zhou", now=now)
    assert notices.unread(office, practice["qian"]) == before + 1
    told = notices.mine(office, practice["qian"]).items[0]
    assert number in told.title.zh
    assert "帮我看一下" in told.body.zh
    # who writes knows already
    assert notices.unread(office, practice["zhou"]) == 0

    for text, who in (("@tang 在吗", "tang"), ("@张三丰 在吗", "张三丰")):
        with pytest.raises(Invalid) as refused:
            notes.add(office, practice["zhou"], number, text, now=now)
        assert who in str(refused.value.fields)
    assert len(notes.of_case(office, practice["zhou"], number)) == 1


# ── two at one form ─────────────────────────────────────────────────────────────────────────────


@on_sqlite
def test_two_who_have_a_task_open_are_told_of_each_other_until_one_leaves(
    practice: Practice,
) -> None:
    office = practice.office
    clock = office.real_now = StoppedClock(office.real_now())
    task_id = practice.open_task(practice.file_case().number, "review_filing").id
    zhou, qian = practice["zhou"], practice["qian"]
    assert presence.attend(office, zhou, task_id).others == ()
    assert presence.attend(office, qian, task_id, is_writing=True).others == ((zhou.name, False),)
    assert presence.attend(office, zhou, task_id).others == ((qian.name, True),)
    clock.pass_by(presence.IDLE + timedelta(seconds=1))
    assert presence.attend(office, zhou, task_id).others == ((qian.name, False),)
    clock.pass_by(presence.GONE)
    assert presence.attend(office, zhou, task_id).others == ()
    presence.leave(office, zhou, task_id)
    assert presence.attend(office, qian, task_id).others == ()


@on_sqlite
def test_a_draft_does_not_cover_up_a_colleagues_later_one(practice: Practice) -> None:
    office, now = practice.office, practice.now
    task_id = practice.open_task(practice.file_case().number, "review_filing").id
    zhou, qian = practice["zhou"], practice["qian"]
    first = tasks.save_draft(office, zhou, task_id, {"note": "一"}, now=now, seen_at=None)
    assert presence.attend(office, qian, task_id).draft_by == zhou.name
    with pytest.raises(Conflict):
        tasks.save_draft(office, qian, task_id, {"note": "二"}, now=now, seen_at=None)
    tasks.save_draft(office, qian, task_id, {"note": "二"}, now=now, seen_at=first)
    assert tasks.get(office, zhou, task_id, now=now).answers == {"note": "二"}


# ── what would follow ───────────────────────────────────────────────────────────────────────────


@on_sqlite
def test_what_completing_would_do_is_shown_with_its_letters_and_leaves_nothing(
    practice: Practice,
) -> None:
    office, now = practice.office, practice.now
    number = practice.file_case().number
    task = practice.open_task(number, "review_filing")
    answers = usual_answers("review_filing")
    before = practice.everything()
    shown = foresight.look(office, practice["zhou"], task.id, answers, now=now)
    assert [each.key for each in shown.letters] == ["acceptance"]
    assert "open" in {line.kind for line in shown.lines}
    pdf = foresight.letter(office, practice["zhou"], task.id, answers, "acceptance", now=now)
    assert pdf.startswith(b"%PDF")
    assert practice.everything() == before

    # and done for real it is the same, under the number that nobody had taken
    tasks.complete(office, practice["zhou"], task.id, answers, now=now)
    issued = practice.of_case(models.Letter, number)
    assert "acceptance" in {letter.key for letter in issued}


# ── found ───────────────────────────────────────────────────────────────────────────────────────


@on_sqlite
def test_other_cases_of_the_subject_stand_beside_a_case_those_of_its_record_first(
    practice: Practice,
) -> None:
    office, now = practice.office, practice.now
    first = practice.file_case().number
    second = practice.file_case().number
    (other,) = related.of_case(office, practice["fang"], first, now=now)
    assert (other.case.number, other.why) == (second, related.SAME_SUBJECT)
    with practice.office.uow.begin() as session:
        rows = {row.number: row for row in session.query(models.Case)}
        rows[second].record_ids = rows[first].record_ids
    practice.is_tampered = True
    (other,) = related.of_case(office, practice["fang"], first, now=now)
    assert other.why == related.SAME_RECORD


def test_one_search_finds_cases_subjects_and_records_that_one_may_see(practice: Practice) -> None:
    office, now = practice.office, practice.now
    number = practice.file_case().number
    record = practice.case(number).line
    for text in (number, number.lower(), number[-6:], number[5:16], FIRM, "澄远", record):
        found = search.everything(office, practice["fang"], text, now=now)
        assert [case.number for case in found.cases] == [number], text
    assert [
        one.code for one in search.everything(office, practice["fang"], "澄远", now=now).subjects
    ]
    assert search.everything(office, practice["fang"], record, now=now).records
    # a department that has no part in it, and another enterprise
    assert search.everything(office, practice["tang"], number, now=now).cases == ()
    other = search.everything(office, practice.other_firm, "昆山", now=now)
    assert {one.code for one in other.subjects} <= {practice.other_firm.subject}
    assert (other.cases, other.records) == ((), ())
    assert search.everything(office, practice["fang"], "澄", now=now).cases == ()
