"""February 2020 again: cases of 20 January, the holiday prolonged on 26 January, every date by hand.

Before: 24-30 January off, Friday 31 January and Saturday 1 February worked. After: off to Sunday
2 February. All moments at the closing time, 17:00.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.calendar_views import CaseMoved
from engine.domain.errors import Conflict, Invalid, NotPermitted
from engine.exchange.spreadsheet import read_sheet
from engine.persistence import models
from engine.runtime import stepper
from engine.services import (
    calendar_application,
    calendar_changes,
    calendar_drafts,
    calendar_moved,
    calendar_sheet,
    clock_actions,
    deployments,
    tasks,
)
from engine.services.calendar_drafts import Request
from engine.services.calendar_editions import write_years
from tests.domain.notices import PROLONGED_2020, first_edition_of_2020
from tests.offices import ASK_FOR_PAPERS, Practice, day, usual_answers

SECOND = Actor(uuid4(), "qin", "秦立", "credit_office", frozenset({"administrator"}))
PROLONGED = Request(
    source="notice", text=PROLONGED_2020, reason="国办发明电〔2020〕1号：春节假期延长至2月2日"
)


@pytest.fixture
def january(practice: Practice) -> Practice:
    """Monday 20 January 2020, 09:00, with the calendar as it was first published."""
    with practice.office.uow.begin() as session:
        write_years(session, [2020], [first_edition_of_2020()])
    practice.office.forget()
    practice.show(day(1, 20))
    return practice


def file(practice: Practice) -> str:
    record = practice.import_penalty(CF_JDRQ="2019-09-10")
    return practice.file_case(record).number


def prolong(practice: Practice) -> UUID:
    """Proposed by one administrator on Sunday 26 January, approved by another."""
    practice.move_to(day(1, 26, 20))
    change_id = calendar_changes.propose(
        practice.office, practice["feng"], PROLONGED, now=practice.now
    )
    calendar_changes.approve(practice.office, SECOND, change_id, now=practice.now)
    return change_id


def clock(practice: Practice, number: str, key: str) -> models.Clock:
    return next(c for c in practice.of_case(models.Clock, number) if c.key == key)


def task(practice: Practice, number: str, element_id: str) -> models.Task:
    return practice.open_task(number, element_id)


def timers(practice: Practice, number: str) -> dict[str, Any]:
    """Armed timers by element: due, as the rows say and as the stored instance says."""
    found = {}
    for instance in practice.of_case(models.ProcessInstance, number):
        with practice.reading() as session:
            drawn = practice.office.procedure(session, instance.definition_id)
        live = stepper.load(drawn, instance.process_id, instance.state)
        rows = practice.all(
            select(models.Timer).where(
                models.Timer.instance_id == instance.id, models.Timer.fired_at.is_(None)
            )
        )
        for row in rows:
            if row.clock_key is None:  # one that waits for a clock's event keeps no moment
                assert live.timers[row.id].due_at == row.due_at
            found[row.element_id] = row.due_at
        assert instance.next_due_at == min((row.due_at for row in rows), default=None)
    return found


def test_a_case_accepted_on_22_january_moves_with_all_that_hangs_on_it(january: Practice) -> None:
    number = file(january)
    january.show(day(1, 22))
    january.complete(number, "review_filing")
    assert clock(january, number, "handling").due_at == day(2, 11, 17)
    assert task(january, number, "give_opinion").due_at == day(2, 1, 17)
    assert timers(january, number)["opinion_late"] == day(2, 1, 17)
    assert timers(january, number)["opinion_missing"] == day(2, 4, 17)
    prolong(january)
    assert clock(january, number, "handling").due_at == day(2, 13, 17)
    opinion = task(january, number, "give_opinion")
    assert opinion.due_at == day(2, 4, 17)
    assert opinion.warn_at == day(2, 3, 0)  # one working day is left
    moved = timers(january, number)
    assert moved["opinion_late"] == day(2, 4, 17)
    assert moved["opinion_missing"] == day(2, 6, 17)
    assert january.case(number).due_at == clock(january, number, "handling").due_at
    # the ledger says what moved it, from when to when
    handling = clock(january, number, "handling")
    (entry,) = [
        e
        for e in january.of_case(models.ClockEntry, number)
        if e.kind == "recount" and e.clock_id == handling.id
    ]
    assert (entry.due_before, entry.due_after) == (day(2, 11, 17), day(2, 13, 17))
    assert entry.document == "国办发明电〔2020〕1号"
    assert entry.actor == "qin"
    assert january.kinds(number)[-1] == "calendar_changed"
    # and the timers fire at the new moments, not at the old ones
    january.move_to(day(2, 4, 16, 59))
    assert "timer_fired" not in january.kinds(number)
    january.move_to(day(2, 4, 17, 1))
    fired = [e.element_id for e in january.history(number) if e.kind == "timer_fired"]
    assert fired == ["opinion_late"]


def test_a_step_that_ends_with_its_clock_ends_with_it_by_the_new_calendar_too(
    january: Practice,
) -> None:
    number = file(january)
    january.complete(number, "review_filing")
    january.move_to(day(1, 22))
    january.drive_to(number, "first_review")
    with january.office.uow.begin() as session:  # as a first review that began late is stored
        row = session.get_one(models.Task, task(january, number, "first_review").id)
        held = session.get_one(models.Clock, clock(january, number, "handling").id)
        row.due_at, held.due_at, held.amount = day(1, 31, 17), day(1, 31, 17), 4
    prolong(january)
    assert clock(january, number, "handling").due_at == day(2, 3, 17)
    assert task(january, number, "first_review").due_at == day(2, 3, 17)


def test_what_falls_due_on_31_january_falls_due_on_3_february(january: Practice) -> None:
    january.show(day(1, 22))
    number = file(january)
    assert task(january, number, "review_filing").due_at == day(1, 31, 17)
    assert clock(january, number, "acceptance").due_at == day(1, 31, 17)
    assert timers(january, number)["silence"] == day(2, 4, 17)
    prolong(january)
    assert task(january, number, "review_filing").due_at == day(2, 3, 17)
    assert clock(january, number, "acceptance").due_at == day(2, 3, 17)
    assert timers(january, number)["silence"] == day(2, 6, 17)
    january.move_to(day(2, 3, 17, 1))
    fired = [e.element_id for e in january.history(number) if e.kind == "timer_fired"]
    assert fired == ["promise_over"]


def test_what_was_over_before_the_holiday_stays_over(january: Practice) -> None:
    number = file(january)
    january.move_to(day(1, 23))
    assert "timer_fired" in january.kinds(number)
    assert timers(january, number)["silence"] == day(2, 1, 17)
    prolong(january)
    assert task(january, number, "review_filing").due_at == day(1, 22, 17)
    assert clock(january, number, "acceptance").due_at == day(1, 22, 17)
    assert january.case(number).due_at == day(1, 22, 17)
    # what is still to come moves: the law's own end, and the silence that it brings
    assert january.case(number).statutory_due_at == day(2, 4, 17)
    assert timers(january, number)["silence"] == day(2, 4, 17)


def test_a_paused_clock_moves_and_stays_paused(january: Practice) -> None:
    january.show(day(1, 22))
    number = file(january)
    january.show(day(1, 23))
    january.answer(number, "review_filing", ASK_FOR_PAPERS)
    acceptance = clock(january, number, "acceptance")
    assert (acceptance.state, acceptance.due_at) == ("paused", day(1, 31, 17))
    assert task(january, number, "supplement").due_at == day(2, 12, 17)
    prolong(january)
    acceptance = clock(january, number, "acceptance")
    assert (acceptance.state, acceptance.due_at) == ("paused", day(2, 3, 17))
    assert task(january, number, "supplement").due_at == day(2, 14, 17)
    assert january.case(number).due_at == day(2, 14, 17)
    # answered on 5 February: the acceptance clock begins afresh, in the new calendar
    january.move_to(day(2, 5))
    january.complete(number, "supplement", by=january.firm)
    assert clock(january, number, "acceptance").due_at == day(2, 7, 17)
    assert clock(january, number, "acceptance").state == "running"


def test_the_preview_says_what_will_move_and_moves_nothing(january: Practice) -> None:
    january.show(day(1, 22))
    number = file(january)
    january.show(day(1, 26, 20))
    told = calendar_drafts.preview(january.office, january["feng"], PROLONGED, now=january.now)
    assert [each.on for each in told.days] == [date(2020, 1, 31), date(2020, 2, 1)]
    assert (told.tally.later, told.tally.earlier, told.tally.newly_red) == (1, 0, 0)
    (first, *_) = told.limits
    assert (first.case_number, first.before, first.after) == (number, day(1, 31, 17), day(2, 3, 17))
    assert first.days == 3
    assert clock(january, number, "acceptance").due_at == day(1, 31, 17)
    (group,) = told.groups
    assert (group.department.zh, group.later) == ("政务服务中心信用窗口", 1)


def test_a_change_applied_late_turns_red_into_green(january: Practice) -> None:
    january.show(day(1, 22))
    number = file(january)
    january.show(day(2, 3, 10))  # its promise was over on 31 January; nobody has swept
    told = calendar_drafts.preview(january.office, january["feng"], PROLONGED, now=january.now)
    assert [limit.turns for limit in told.limits if limit.kind == "task"] == ["green"]
    change_id = calendar_changes.propose(
        january.office, january["feng"], PROLONGED, now=january.now
    )
    calendar_changes.approve(january.office, SECOND, change_id, now=january.now)
    january.move_to(day(2, 3, 11))
    assert "timer_fired" not in january.kinds(number)


def test_nobody_approves_what_he_proposed(january: Practice) -> None:
    change_id = calendar_changes.propose(
        january.office, january["feng"], PROLONGED, now=january.now
    )
    with pytest.raises(NotPermitted):
        calendar_changes.approve(january.office, january["feng"], change_id, now=january.now)
    with pytest.raises(NotPermitted):
        calendar_changes.approve(january.office, january["fang"], change_id, now=january.now)
    assert january.office.calendar().is_open(date(2020, 1, 31))


def test_a_change_needs_a_reason_and_a_document(january: Practice) -> None:
    with pytest.raises(Invalid) as refusal:
        calendar_changes.propose(
            january.office,
            january["feng"],
            Request(source="day", on=date(2020, 3, 4), name="防汛"),
            now=january.now,
        )
    assert set(refusal.value.fields) == {"reason", "document"}


def test_a_change_of_a_calendar_that_has_changed_since_is_refused(january: Practice) -> None:
    first, second = (
        calendar_changes.propose(january.office, january["feng"], PROLONGED, now=january.now)
        for _ in range(2)
    )
    calendar_changes.approve(january.office, SECOND, first, now=january.now)
    with pytest.raises(Conflict):
        calendar_changes.approve(january.office, SECOND, second, now=january.now)


def test_a_change_taken_back_puts_every_date_back(january: Practice) -> None:
    january.show(day(1, 22))
    number = file(january)
    before = (clock(january, number, "acceptance").due_at, timers(january, number))
    change_id = prolong(january)
    assert clock(january, number, "acceptance").due_at == day(2, 3, 17)
    back = calendar_changes.revoke(
        january.office, SECOND, change_id, now=january.now, reason="误录"
    )
    assert clock(january, number, "acceptance").due_at == day(2, 3, 17)  # not yet
    calendar_changes.approve(january.office, january["feng"], back, now=january.now)
    assert clock(january, number, "acceptance").due_at == before[0]
    after = {key: moment for key, moment in timers(january, number).items() if key in before[1]}
    assert after["silence"] == before[1]["silence"]
    assert january.office.calendar().is_open(date(2020, 1, 31))
    states = {c.state for c in calendar_changes.changes(january.office, SECOND)}
    assert states == {"applied", "revoked"}


def test_an_applied_change_lists_what_it_moved_case_by_case(january: Practice) -> None:
    january.show(day(1, 22))
    one = file(january)
    january.complete(one, "review_filing")
    another = file(january)
    change_id = prolong(january)
    listed = {each.case_number: each for each in moved(january, change_id)}
    assert set(listed) == {one, another}
    first = {limit.key: limit for limit in listed[one].limits}
    handling = first["handling"]
    assert (handling.kind, handling.before, handling.after) == (
        "clock",
        day(2, 11, 17),
        day(2, 13, 17),
    )
    assert (handling.days, handling.turns) == (2, "")
    opinion = first["give_opinion"]
    assert (opinion.kind, opinion.before, opinion.after) == ("task", day(2, 1, 17), day(2, 4, 17))
    assert opinion.title.en
    # the ledgers say the same of each clock
    for number, case in listed.items():
        keys = {held.id: held.key for held in january.of_case(models.Clock, number)}
        in_ledger = {
            (keys[each.clock_id], each.due_before, each.due_after)
            for each in january.of_case(models.ClockEntry, number)
            if each.kind == "recount"
        }
        assert in_ledger == {(x.key, x.before, x.after) for x in case.limits if x.kind == "clock"}


def test_each_change_lists_its_own_moves_and_page_by_page_none_is_lost(january: Practice) -> None:
    january.show(day(1, 22))
    numbers = {file(january) for _ in range(3)}
    change_id = prolong(january)
    back = calendar_changes.revoke(
        january.office, SECOND, change_id, now=january.now, reason="误录"
    )
    assert moved(january, back) == []  # only proposed
    calendar_changes.approve(january.office, january["feng"], back, now=january.now)
    there, and_back = moved(january, change_id), moved(january, back)
    assert (
        {each.case_number for each in there} == {each.case_number for each in and_back} == numbers
    )
    ends = {(c.case_number, x.key): (x.before, x.after) for c in there for x in c.limits}
    returned = {(c.case_number, x.key): (x.after, x.before) for c in and_back for x in c.limits}
    assert ends == returned
    pages, cursor = [], None
    while True:
        page = calendar_moved.moved(january.office, SECOND, change_id, cursor=cursor, limit=2)
        pages.append(page.items)
        if (cursor := page.next_cursor) is None:
            break
    assert [len(each) for each in pages] == [2, 1]
    assert [case for page in pages for case in page] == there


def test_an_applied_change_is_a_workbook_that_lists_every_limit_it_moved(
    january: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    january.show(day(1, 22))
    numbers = [file(january) for _ in range(3)]
    january.complete(numbers[0], "review_filing")
    change_id = prolong(january)
    monkeypatch.setattr(calendar_sheet, "AT_ONCE", 2)  # page by page, none lost
    listed = [(case.case_number, one) for case in moved(january, change_id) for one in case.limits]
    local = january.office.calendar().local
    assert len(listed) > len(numbers)
    for language, names in (
        ("zh", ("案号", "期限", "末日（旧）", "末日（新）", "变化（自然日）")),
        ("en", ("Case", "Limit", "Last day before", "Last day after", "Calendar days")),
    ):
        content = calendar_sheet.moved(
            january.office, SECOND, change_id, "国办发明电〔2020〕1号", language=language
        )
        sheet = read_sheet("moved.xlsx", content, is_column=names.__contains__)
        told = [[row.values[name] for name in names] for row in sheet.rows]
        assert told == [
            [
                number,
                one.title.within(language),
                *(local(each).replace(tzinfo=None) for each in (one.before, one.after)),
                one.days,
            ]
            for number, one in listed
        ]


def moved(practice: Practice, change_id: UUID) -> list[CaseMoved]:
    return list(calendar_moved.moved(practice.office, SECOND, change_id).items)


def test_a_live_instance_in_memory_is_not_trusted_after_the_change(
    january: Practice, another_process: Practice
) -> None:
    number = file(january)  # alive in this process
    another_process.office.calendar()  # read, with the holiday to 30 January
    prolong(another_process)
    january.complete(number, "review_filing")
    # this process has not heard the time pass: accepted on 20 January, counted by the new calendar
    assert clock(january, number, "handling").due_at == day(2, 11, 17)
    assert timers(january, number)["opinion_missing"] == day(2, 4, 17)


def test_a_step_meets_a_case_that_the_change_has_not_reached(
    january: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = file(january)
    january.show(day(1, 22))
    january.complete(number, "review_filing")
    with monkeypatch.context() as slow:
        slow.setattr("engine.services.calendar_application.work_off", lambda office, *, now: 0)
        prolong(january)
        assert clock(january, number, "handling").due_at == day(2, 11, 17)
        january.complete(number, "give_opinion")
    assert clock(january, number, "handling").due_at == day(2, 13, 17)
    assert "recount" in [e.kind for e in january.of_case(models.ClockEntry, number)]


def test_a_last_day_that_stands_in_a_letter_is_told_by_a_letter(january: Practice) -> None:
    number = file(january)
    january.show(day(1, 22))
    january.complete(number, "review_filing")  # the acceptance letter says: 11 February
    january.run_jobs()
    told = calendar_drafts.preview(january.office, january["feng"], PROLONGED, now=january.now)
    assert told.tally.in_letters == 1
    january.move_to(day(1, 26, 20))
    change_id = calendar_changes.propose(
        january.office,
        january["feng"],
        replace(PROLONGED, tells_by_letter=True),
        now=january.now,
    )
    calendar_changes.approve(january.office, SECOND, change_id, now=january.now)
    january.run_jobs()
    letters = january.of_case(models.Letter, number)
    (letter,) = [each for each in letters if each.key == "deadline_change"]
    assert (letter.state, letter.title) == ("served", "期限变更告知书")
    assert letter.data["clock"]["old_last_day"] == "2020-02-11"
    assert letter.data["clock"]["new_last_day"] == "2020-02-13"
    assert letter.sha256 is not None  # printed
    assert all(job.state == "done" for job in january.all(select(models.Job)))


def test_of_a_stopped_clock_no_last_day_is_told(january: Practice) -> None:
    number = file(january)
    january.show(day(1, 22))
    january.complete(number, "review_filing")
    january.complete(number, "give_opinion")
    clock_actions.pause(
        january.office,
        january["wang"],
        number,
        "handling",
        ground="expert",
        reason="须请专家核对检测报告。",
        expected_on=date(2020, 2, 5),
        now=january.now,
    )
    january.run_jobs()
    told = calendar_drafts.preview(january.office, january["feng"], PROLONGED, now=january.now)
    assert told.tally.in_letters == 0
    january.move_to(day(1, 26, 20))
    asked = replace(PROLONGED, tells_by_letter=True)
    change_id = calendar_changes.propose(january.office, january["feng"], asked, now=january.now)
    calendar_changes.approve(january.office, SECOND, change_id, now=january.now)
    january.run_jobs()
    assert "deadline_change" not in [each.key for each in january.of_case(models.Letter, number)]
    assert "new_date" not in [each.kind for each in january.of_case(models.Notice, number)]


def test_a_proposal_pressed_twice_is_one_and_so_is_its_revocation(january: Practice) -> None:
    office, feng = january.office, january["feng"]
    first, again = (
        calendar_changes.propose(office, feng, PROLONGED, now=january.now) for _ in range(2)
    )
    assert first == again
    other = replace(PROLONGED, reason="另一个理由")
    assert calendar_changes.propose(office, feng, other, now=january.now) != first
    calendar_changes.approve(office, SECOND, first, now=january.now)
    back, back_again = (
        calendar_changes.revoke(office, SECOND, first, reason="误报", now=january.now)
        for _ in range(2)
    )
    assert back == back_again


def test_a_year_that_a_release_brings_is_proposed_once_and_not_written(january: Practice) -> None:
    office = january.office
    with office.uow.begin() as session:
        write_years(session, [2026], [])
    office.forget()
    for _ in range(2):
        deployments.load_shared(office, office.workflows)
    assert office.calendar().day(date(2026, 3, 2)).provisional
    (shipped,) = calendar_changes.changes(office, january["feng"])
    assert (shipped.state, shipped.years) == ("proposed", (2026,))
    calendar_changes.approve(office, january["feng"], shipped.id, now=january.now)
    assert not office.calendar().day(date(2026, 3, 2)).provisional
    deployments.load_shared(office, office.workflows)
    assert len(calendar_changes.changes(office, january["feng"])) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_steps_taken_while_a_change_is_written_end_where_the_new_calendar_says(
    january: Practice, another_process: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes: one writes the change into cases two at a time, the other completes tasks."""
    january.show(day(1, 22))
    numbers = [file(january) for _ in range(8)]
    january.move_to(day(1, 23))
    another_process.show(day(1, 23))
    steps = [january.open_task(number, "review_filing") for number in numbers]
    change_id = calendar_changes.propose(
        january.office, january["feng"], PROLONGED, now=january.now
    )
    monkeypatch.setattr(calendar_application, "BATCH", 1)  # approving writes nothing by itself
    calendar_changes.approve(january.office, SECOND, change_id, now=january.now)

    def write() -> None:
        while calendar_application.batch(january.office, now=january.now, most=2):
            pass

    def work() -> None:
        for task_row in steps:
            who = another_process.somebody_for(task_row)
            answers, now = usual_answers("review_filing"), another_process.now
            tasks.complete(another_process.office, who, task_row.id, answers, now=now)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(write), threads.submit(work)]:
            done.result()
    calendar_application.work_off(january.office, now=january.now)
    for number in numbers:
        # accepted on 23 January: 10 days from 3 February on
        assert clock(january, number, "handling").due_at == day(2, 14, 17)
        assert task(january, number, "give_opinion").due_at == day(2, 5, 17)
        assert timers(january, number)["opinion_missing"] == day(2, 7, 17)
        moved = [e for e in january.of_case(models.ClockEntry, number) if e.kind == "recount"]
        assert len({entry.clock_id for entry in moved}) == len(moved)  # no clock moved twice
    assert {c.state for c in calendar_changes.changes(january.office, SECOND)} == {"applied"}
