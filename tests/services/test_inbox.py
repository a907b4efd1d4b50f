"""The inbox: found by anything a form says, kept lists, columns, numbers that stay cheap."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import or_, select

from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.personal_numbers import hidden
from engine.persistence import models
from engine.services import inbox_columns, inbox_reach, inbox_view, saved_filters, tasks
from tests.offices import Practice

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def listed(practice: Practice, username: str, **wanted: Any) -> list[str]:
    page = tasks.inbox(practice.office, practice[username], now=practice.now, **wanted)
    return [task.case_number for task in page.items]


def test_a_task_is_found_by_what_its_application_or_an_earlier_step_says(
    practice: Practice,
) -> None:
    number = practice.file_case(account="改用可降解的包装标识").number
    other = practice.file_case().number
    assert set(listed(practice, "zhou", scope="group")) == {number, other}
    assert listed(practice, "zhou", scope="group", q="可降解") == [number]
    # what a form is called by is not what it says
    assert listed(practice, "zhou", scope="group", q="account") == []

    task_id = practice.open_task(other, "review_filing").id
    tasks.save_draft(
        practice.office, practice["zhou"], task_id, {"note": "缺公章"}, now=practice.now
    )
    assert listed(practice, "zhou", scope="group", q="缺公章") == [other]


def test_a_scope_of_several_parts_is_one_list_page_by_page(practice: Practice) -> None:
    numbers = [practice.file_case().number for _ in range(5)]
    held = practice.open_task(numbers[3], "review_filing").id
    tasks.claim(practice.office, practice["zhou"], held, now=practice.now)
    seen: list[str] = []
    cursor = None
    while True:
        page = tasks.inbox(
            practice.office, practice["zhou"], now=practice.now, scope="all", cursor=cursor, limit=2
        )
        seen += [task.case_number for task in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(numbers)
    counted = tasks.counts(practice.office, practice["zhou"], now=practice.now)
    assert (counted.mine, counted.group, sum(counted.lights.values())) == (1, 4, 5)


@on_sqlite
def test_who_sees_all_cases_sees_the_tasks_of_every_group(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    assert listed(practice, "fang", scope="all") == [number]
    assert len(inbox_reach.parts(inbox_reach.reach(practice.office, practice["fang"], "all"))) > 10


@on_sqlite
def test_of_many_tasks_the_rail_only_says_that_there_are_more(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        practice.file_case()
    monkeypatch.setattr(inbox_view, "COUNTED", 2)
    assert tasks.counts(practice.office, practice["zhou"], now=practice.now).group == 3


@on_sqlite
def test_a_kept_list_is_counted_anew_each_time_and_is_its_owners_alone(practice: Practice) -> None:
    office, zhou, now = practice.office, practice["zhou"], practice.now
    practice.file_case()
    kept = saved_filters.save(office, zhou, " 待领 ", {"scope": "group", "q": ""}, now=now)
    (only,) = saved_filters.mine(office, zhou, now=now)
    assert (only.name, only.query, only.count) == ("待领", {"scope": "group"}, 1)
    practice.file_case()
    (only,) = saved_filters.mine(office, zhou, now=now)
    assert only.count == 2
    assert saved_filters.mine(office, practice["qian"], now=now) == ()
    with pytest.raises(NotFound):
        saved_filters.remove(office, practice["qian"], kept)
    # the same name means the list as it is now
    assert saved_filters.save(office, zhou, "待领", {"scope": "mine"}, now=now) == kept
    saved_filters.remove(office, zhou, kept)
    assert saved_filters.mine(office, zhou, now=now) == ()


@on_sqlite
def test_a_list_without_a_name_of_no_scope_or_one_too_many_is_not_kept(practice: Practice) -> None:
    office, zhou, now = practice.office, practice["zhou"], practice.now
    for name, query in (
        (" ", {}),
        ("长" * 41, {}),
        ("好", {"scope": "theirs"}),
        ("好", {"by": "x"}),
    ):
        with pytest.raises(Invalid):
            saved_filters.save(office, zhou, name, query, now=now)
    for number in range(saved_filters.MOST):
        saved_filters.save(office, zhou, f"第{number}个", {}, now=now)
    with pytest.raises(Conflict):
        saved_filters.save(office, zhou, "再一个", {}, now=now)


@on_sqlite
def test_columns_are_kept_in_their_order_and_filled_from_the_case(practice: Practice) -> None:
    office, zhou = practice.office, practice["zhou"]
    filed = practice.file_case()
    inbox_columns.choose(office, zhou, ["filed", "code", "filed"])
    assert inbox_columns.arrangement(office, zhou).columns == ("filed", "code")
    task_id = practice.open_task(filed.number, "review_filing").id
    matter = inbox_columns.matters(office, zhou, [task_id])[task_id]
    assert matter.subject_code == practice.case(filed.number).subject_code
    kept = practice.case(filed.number).answers
    assert matter.answers == {**kept, "handler_phone": hidden(kept["handler_phone"])}
    with pytest.raises(Invalid):
        inbox_columns.choose(office, zhou, [f"form.{number}" for number in range(7)])


@on_sqlite
def test_what_is_coming_is_told_to_whom_it_comes_and_opened_only_when_it_is_theirs(
    practice: Practice,
) -> None:
    number, _ = practice.at("give_opinion")  # of market regulation, which decided

    def coming(username: str) -> list[tuple[str, bool]]:
        page = tasks.inbox(practice.office, practice[username], now=practice.now, scope="upcoming")
        return [(task.case_number, task.may_open) for task in page.items]

    assert coming("wang") == [(number, False)]
    page = tasks.inbox(practice.office, practice.other_firm, now=practice.now, scope="upcoming")
    assert page.items == ()
    assert tasks.counts(practice.office, practice.other_firm, now=practice.now).upcoming == 0
    # the review may ask the department again that decided on the record; no other department
    practice.drive_to(number, "first_review")
    assert coming("wu") == [(number, True)]
    assert coming("zheng") == []


@on_sqlite
@pytest.mark.parametrize("own", [["credit_office"], ["", "market_regulation"], ["a", "m", "z"]])
def test_what_is_coming_leaves_out_what_is_offered_already(
    practice: Practice, own: list[str]
) -> None:
    """Of a group that is the actor's own, the tasks of other departments alone: not those of all."""
    departments = [None, "", "a", "credit_office", "emergency", "m", "market_regulation", "zz"]
    for _ in departments:
        practice.file_case()
    task = models.Task
    with practice.office.uow.begin() as session:
        rows = session.scalars(select(task).where(task.completed_at.is_(None))).all()
        for row, department in zip(rows, departments, strict=True):
            row.department = department
    places = tuple({(row.process_id, row.element_id) for row in rows})
    reached = inbox_reach.Reach(
        "upcoming",
        "somebody",
        ("somebody",),
        lent=tuple((("window",), where) for where in own),
        before=(("window", "any", places), ("authority", "any", places)),
    )
    coming = select(task.department).where(or_(*inbox_reach.parts(reached)))
    found = sorted(practice.all(coming))
    assert found == sorted(each for each in departments if each is not None and each not in own)


@pytest.mark.parametrize("by", ["number", "subject", "filed", "accepted", "who", "due", "code"])
def test_a_list_is_sorted_whole_by_a_column_page_by_page_either_way(
    practice: Practice, by: str
) -> None:
    names = ("丙厂", "甲厂", "乙厂", "甲厂")
    numbers = [practice.file_case().number for _ in names]
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        for number, name in zip(numbers, names, strict=True):
            held = session.scalars(select(models.Case).where(models.Case.number == number)).one()
            held.subject_name = name
    upward, downward = (paged(practice, told) for told in (by, f"-{by}"))
    assert sorted(upward) == sorted(numbers)
    assert downward == upward[::-1]
    if by == "subject":
        told = dict(zip(numbers, names, strict=True))
        assert [told[number] for number in upward] == sorted(names)
    if by == "number":
        assert upward == sorted(numbers)


def paged(practice: Practice, by: str) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = tasks.inbox(
            practice.office,
            practice["zhou"],
            now=practice.now,
            scope="group",
            by=by,
            cursor=cursor,
            limit=2,
        )
        seen += [task.case_number for task in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@on_sqlite
def test_what_is_too_long_to_be_read_whole_is_sorted_by_its_end_alone(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [practice.file_case().number for _ in range(3)]
    monkeypatch.setattr(inbox_view, "COUNTED", 2)
    office, zhou = practice.office, practice["zhou"]
    assert not tasks.is_short(office, zhou, tasks.Asked("group"), now=practice.now)
    assert tasks.is_short(office, zhou, tasks.Asked("group", q=numbers[0]), now=practice.now)
    assert sorted(paged(practice, "-due")) == sorted(numbers)
    with pytest.raises(Invalid):
        paged(practice, "subject")


@on_sqlite
def test_a_cursor_of_a_list_in_another_order_is_refused(practice: Practice) -> None:
    for _ in range(2):
        practice.file_case()
    office, zhou, now = practice.office, practice["zhou"], practice.now
    by_name = tasks.inbox(office, zhou, now=now, scope="group", limit=1, by="subject")
    with pytest.raises(Invalid):
        tasks.inbox(office, zhou, now=now, scope="group", limit=1, cursor=by_name.next_cursor)
