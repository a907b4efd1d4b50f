"""The board: each number is a list, nothing is silent, and a workbook runs no formula."""

from __future__ import annotations

import io
from collections import Counter
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select, update

from engine.domain.clock import Light
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.office_time import office_day, office_time
from engine.domain.supervision_views import Board, LightCounts, Standing
from engine.domain.views import CaseRow, TaskView
from engine.persistence import models
from engine.services import audit, cases, supervision, supervision_sheets, tasks
from engine.services.board_pass import DIMENSIONS
from tests.offices import BY_POST, EMERGENCY, EMERGENCY_CODE, Practice, day

LIGHTS = ("green", "yellow", "red", "blue", "provisional")
#: What a row and a column of each board narrow.
NARROWS = {
    "department": ("department", "procedure"),
    "procedure": ("procedure", "stage"),
    "step": ("step", "procedure"),
    "person": ("person", "procedure"),
}


@pytest.fixture
def busy(practice: Practice) -> Practice:
    """Cases at all kinds of places: claimed and not, late, at another authority, outside, asked for papers."""
    practice.show(day(2, 25))
    late, _ = practice.at("give_opinion")
    practice.show(day(2, 26))
    opinion = practice.open_task(practice.at("give_opinion")[0], "give_opinion")
    tasks.claim(practice.office, practice["wu"], opinion.id, now=practice.now)
    elsewhere = practice.import_penalty(CF_CFJG=EMERGENCY, CF_CFJGDM=EMERGENCY_CODE)
    practice.drive_to(practice.file_case(elsewhere).number, "give_opinion")
    waiting = practice.file_case().number
    practice.complete(
        waiting,
        "review_filing",
        acceptance="supplement",
        missing=[{"paper": "performance_proof", "reason": "看不清", "form": "照片"}],
    )
    for _ in range(2):
        practice.at("first_review", **BY_POST)
    practice.move_to(day(3, 2, 10))
    assert practice.case(late).state == "open"
    return practice


def board_of(practice: Practice, by: str = "department") -> Board:
    return supervision.board(practice.office, practice["fang"], now=practice.now, by=by)


def places(practice: Practice, **narrowed: str) -> list[Standing]:
    """The whole list, page by page."""
    found: list[Standing] = []
    cursor = None
    while True:
        page = supervision.places(
            practice.office,
            practice["fang"],
            now=practice.now,
            narrowed=narrowed,
            cursor=cursor,
            limit=2,
        )
        found += page.items
        if page.next_cursor is None:
            assert page.total == len(found)
            return found
        cursor = page.next_cursor


def row_filter(by: str, key: str) -> dict[str, str]:
    is_outside = by == "person" and key.startswith("outside:")
    return {"department" if is_outside else NARROWS[by][0]: key}


@pytest.mark.parametrize("by", DIMENSIONS)
def test_every_number_of_the_board_counts_exactly_its_list(busy: Practice, by: str) -> None:
    seen = board_of(busy, by)
    assert len(seen.matrix) > (0 if by == "procedure" else 2)
    for cell in seen.matrix:
        narrowed = {**row_filter(by, cell.row), NARROWS[by][1]: cell.column}
        listed = places(busy, **narrowed)
        assert len(listed) == cell.counts.total
        by_light = Counter(one.light for one in listed)
        for light in LIGHTS:
            assert by_light[light] == getattr(cell.counts, light), (cell, light)
            assert len(places(busy, **narrowed, light=light)) == by_light[light]
    total = sum((cell.counts for cell in seen.matrix), LightCounts())
    assert total == seen.lights
    for band in seen.ageing:
        assert len(places(busy, age=band.key)) == band.count
    assert sum(band.count for band in seen.ageing) == seen.lights.total
    assert len(places(busy, due="today")) == seen.due_today_count
    for load in seen.workload:
        listed = places(busy, person=load.person or "-", department=load.holder)
        assert (len(listed), sum(one.light == "red" for one in listed)) == (load.open, load.late)


def test_every_open_case_stands_somewhere_on_the_board(busy: Practice) -> None:
    held = models.Case
    open_cases = set(busy.all(select(held.number).where(held.state == "open")))
    assert {one.case_number for one in places(busy)} == open_cases
    assert board_of(busy).open_cases == len(open_cases)


def test_a_light_of_the_list_is_the_light_of_the_inbox_unless_the_case_is_worse(
    busy: Practice,
) -> None:
    order = [Light.GREEN, Light.YELLOW, Light.BLUE, Light.RED]
    for one in places(busy):
        if not one.is_task or one.light == "provisional":
            continue
        task = tasks.get(busy.office, busy["fang"], one.id, now=busy.now).task
        assert order.index(Light(one.light)) >= order.index(task.light)


def test_a_breach_says_whose_time_it_was_and_why(busy: Practice) -> None:
    breaches = supervision.breaches(busy.office, busy["fang"], now=busy.now).items
    worst = breaches[0]
    assert worst.step.zh == "出具修复意见"
    assert worst.holder == "market_regulation"
    assert worst.over_days > 0
    assert worst.over_since == worst.due_at
    assert worst.supervision_number
    assert "无人领取" in worst.cause.zh
    assert "nobody has claimed it" in worst.cause.en
    calendar = busy.office.calendar()
    filed = busy.case(worst.case_number).filed_at
    whole = office_time(calendar, filed, busy.now) / office_day(calendar)
    assert sum(part.days for part in worst.whose_days) == pytest.approx(whole, abs=0.05)


def test_a_supervision_is_late_by_its_own_limit_not_by_that_of_its_case(busy: Practice) -> None:
    """An answer to a 督办单 that is not given in time, about a case that is over for longer."""
    before = busy.now - timedelta(days=9)
    held = models.Case
    with busy.office.uow.begin() as session:
        beside = models.Task.process_id == "supervision"
        of = select(models.Task.case_id).where(beside)
        session.execute(update(held).where(held.id.in_(of)).values(due_at=before))
        told = busy.now - timedelta(days=1)
        late = update(models.Task).where(beside, models.Task.completed_at.is_(None))
        session.execute(late.values(due_at=told, light="red"))
    found = [one for one in places(busy) if one.process_id == "supervision" and one.is_task]
    assert found
    assert {one.over_since for one in found} == {told}


def test_a_place_is_late_when_only_the_whole_case_is(practice: Practice) -> None:
    number, task = practice.at("first_review")
    held = models.Case
    with practice.office.uow.begin() as session:
        before = practice.now - timedelta(days=3)
        session.execute(update(held).where(held.number == number).values(due_at=before))
    (late,) = supervision.breaches(practice.office, practice["fang"], now=practice.now).items
    assert (late.id, late.cause.zh) == (task.id, "本步未超期，全案期限已过")
    assert late.over_since == before
    practice.is_tampered = True


def test_a_date_in_a_year_without_a_notice_is_provisional(practice: Practice) -> None:
    _, task = practice.at("first_review")
    assert [one.provisional for one in rows_of_lists(practice)] == [False, False]
    with practice.office.uow.begin() as session:
        session.execute(
            update(models.CalendarYear).where(models.CalendarYear.year == 2020).values(notice="")
        )
    practice.office.forget()
    assert [one.light for one in places(practice)] == ["provisional"]
    assert board_of(practice).lights == LightCounts(provisional=1)
    assert task.due_at
    assert [one.provisional for one in rows_of_lists(practice)] == [True, True]


def rows_of_lists(practice: Practice) -> list[TaskView | CaseRow]:
    """The only task and the only case, as inbox and list of cases show them."""
    inbox = tasks.inbox(practice.office, practice["wang"], scope="group", now=practice.now)
    return [*inbox.items, *cases.find(practice.office, practice["wang"], now=practice.now).items]


def test_a_case_made_silent_by_hand_is_found_everywhere(practice: Practice) -> None:
    loud, quiet = practice.file_case().number, practice.file_case().number
    assert list(audit.examine(practice.office)) == []
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        case_id = practice.case(quiet).id
        session.execute(
            update(models.Task).where(models.Task.case_id == case_id).values(due_at=None)
        )
    seen = board_of(practice)
    assert ([row.number for row in seen.silent], seen.silent_count) == ([quiet], 1)
    assert supervision.metrics(practice.office, now=practice.now)["kunxin_silent_cases"] == 1
    assert [flaw.where for flaw in audit.examine(practice.office)] == [quiet]
    listed = supervision.silent(practice.office, practice["fang"], now=practice.now)
    assert [row.number for row in listed] == [quiet]
    assert loud != quiet


def test_an_incident_or_a_dated_wait_breaks_the_silence_a_supervision_does_not(
    busy: Practice,
) -> None:
    """What lies beside the case does not move it."""
    busy.is_tampered = True
    number = next(one.case_number for one in places(busy, light="red") if one.supervision_number)
    case = busy.case(number)
    with busy.office.uow.begin() as session:
        task = models.Task
        mine = (task.case_id == case.id, task.process_id != "supervision")
        session.execute(delete(task).where(*mine))
    assert board_of(busy).silent_count == 1
    with busy.office.uow.begin() as session:
        session.add(
            models.Incident(
                id=case.id,
                number="YC-1",
                kind="step",
                case_id=case.id,
                title="复审",
                title_en="Second review",
                cause="停住了",
                cause_en="stuck",
                act={},
                fingerprint="x",
                raised_at=busy.now,
                last_at=busy.now,
                story=[],
            )
        )
    assert board_of(busy).silent_count == 0


def test_a_workbook_of_the_board_has_its_sums_and_no_formula(busy: Practice) -> None:
    number = places(busy)[0].case_number
    with busy.office.uow.begin() as session:
        held = models.Case
        evil = '=HYPERLINK("http://example.test","x")'
        session.execute(update(held).where(held.number == number).values(subject_name=evil))
    content = supervision_sheets.board_sheet(
        busy.office, busy["fang"], now=busy.now, by="department", language="zh"
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    board = book.get_sheet_by_name("今日看板").to_python()
    assert board[-1][0] == "合计"
    assert board[-1][-1] == board_of(busy).lights.total
    content = supervision_sheets.places_sheet(
        busy.office, busy["fang"], {}, now=busy.now, language="en"
    )
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[2][:3] == ["Light", "Case", "Subject"]
    assert len(rows) == 3 + len(places(busy))
    assert {row[2] for row in rows if row[1] == number} == {"'" + evil}


def test_the_board_is_for_supervisors_and_knows_its_dimensions(practice: Practice) -> None:
    with pytest.raises(NotPermitted):
        supervision.board(practice.office, practice["wang"], now=practice.now)
    with pytest.raises(Invalid):
        supervision.board(practice.office, practice["fang"], now=practice.now, by="weather")
