"""Lists are read page by page: every row once, in the order of the whole list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.domain.errors import Invalid
from engine.domain.views import Page
from engine.services import cases, records, tasks
from tests.offices import FIRM, OTHER_FIRM, Practice, day


def pages(read: Callable[[str | None], Page[Any]]) -> list[Any]:
    """All rows, one a page."""
    rows: list[Any] = []
    cursor: str | None = None
    while True:
        page = read(cursor)
        rows += page.items
        assert len(page.items) <= 1
        if page.next_cursor is None:
            return rows
        cursor = page.next_cursor


@pytest.fixture
def three_cases(practice: Practice) -> Practice:
    """Three cases, two of them filed at the same moment."""
    practice.file_case()
    practice.move_to(day(3, 3))
    for _ in range(2):
        practice.file_case()
    return practice


def test_cases_come_page_by_page(three_cases: Practice) -> None:
    office, who = three_cases.office, three_cases["fang"]

    def read(cursor: str | None) -> Page[Any]:
        return cases.find(office, who, now=three_cases.now, cursor=cursor, limit=1)

    whole = cases.find(office, who, now=three_cases.now).items
    assert len(whole) == 3
    assert pages(read) == list(whole)


@pytest.mark.parametrize("sort", ["slack", "newest"])
def test_tasks_come_page_by_page(three_cases: Practice, sort: Any) -> None:
    office, who = three_cases.office, three_cases["zhou"]

    def read(cursor: str | None, limit: int = 1) -> Page[Any]:
        return tasks.inbox(
            office, who, scope="group", sort=sort, now=three_cases.now, cursor=cursor, limit=limit
        )

    whole = read(None, limit=50).items
    assert len(whole) == 3
    assert pages(read) == list(whole)


def test_done_tasks_come_page_by_page(three_cases: Practice) -> None:
    office, who = three_cases.office, three_cases["zhou"]
    for task in tasks.inbox(office, who, scope="group", now=three_cases.now).items:
        three_cases.complete(task.case_number, "review_filing", by=who)

    def read(cursor: str | None, limit: int = 1) -> Page[Any]:
        return tasks.inbox(
            office, who, scope="done", now=three_cases.now, cursor=cursor, limit=limit
        )

    whole = read(None, limit=50).items
    assert len(whole) == 3
    assert pages(read) == list(whole)


def test_records_come_page_by_page(three_cases: Practice) -> None:
    three_cases.import_penalty(CF_XDR_SHXYM=OTHER_FIRM, CF_XDR_MC="昆山淞南食品有限公司")
    office, who = three_cases.office, three_cases["lin"]

    def read(cursor: str | None) -> Page[Any]:
        return records.find(office, who, now=three_cases.now, cursor=cursor, limit=1)

    found = records.find(office, who, now=three_cases.now)
    whole = found.items
    assert found.total == len(whole)
    assert len(whole) == 4
    assert pages(read) == list(whole)
    assert {one.subject_code for one in whole} == {FIRM, OTHER_FIRM}


@pytest.mark.parametrize("cursor", ["x", "bm90aGluZw", "WyIyMDIwLTAzLTAyIl0"])
def test_a_cursor_that_is_not_ours_is_refused(practice: Practice, cursor: str) -> None:
    with pytest.raises(Invalid):
        cases.find(practice.office, practice["fang"], now=practice.now, cursor=cursor)
