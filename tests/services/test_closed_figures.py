"""Closed cases are summed up once, and afresh when what their sums rest on changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine.domain.actor import Actor
from engine.domain.chart_views import Charts
from engine.domain.office_time import office_day
from engine.persistence import models
from engine.services import (
    calendar_changes,
    cases,
    charts,
    clock_actions,
    closed_figures,
    whose_time,
)
from engine.services.calendar_drafts import Request
from tests.offices import Practice, day

SECOND = Actor(None, "second", "另一管理员", "credit_office", frozenset({"administrator"}))
Closed, Task = models.ClosedCase, models.Task


@pytest.fixture
def closed(practice: Practice) -> Practice:
    """Three cases that ended at different moments: withdrawn at different steps."""
    practice.show(day(2, 17))
    numbers = [practice.at("give_opinion")[0] for _ in range(2)] + [practice.file_case().number]
    for moment, number in zip((day(2, 19, 11), day(2, 24), day(2, 26, 16)), numbers, strict=True):
        practice.move_to(moment)
        cases.withdraw(practice.office, practice.firm, number, reason="", now=moment)
    practice.move_to(day(3, 2))
    return practice


def chart(practice: Practice) -> Charts:
    first, last = date(2020, 2, 3), date(2020, 3, 29)
    fang = practice["fang"]
    return charts.charts(practice.office, fang, now=practice.now, since=first, until=last)


def sums(practice: Practice) -> list[models.ClosedCase]:
    return practice.all(select(Closed).order_by(Closed.closed_at))


def unsum(practice: Practice) -> None:
    with practice.office.uow.begin() as session:
        session.execute(update(Closed).values(is_summed=False, days=None, office=99))


def changed(practice: Practice, kind: Any, number: str, **values: Any) -> None:
    case_id = practice.case(number).id
    with practice.office.uow.begin() as session:
        session.execute(update(kind).where(kind.case_id == case_id).values(**values))


def test_charts_are_the_same_before_and_after_the_cases_are_summed_up(closed: Practice) -> None:
    unsum(closed)
    live = chart(closed)
    assert closed_figures.sum_up(closed.office) == 3
    assert closed_figures.sum_up(closed.office) == 0
    assert all(one.is_summed for one in sums(closed))
    assert chart(closed) == live
    assert live.closed == 3


def test_some_may_be_summed_up_and_others_not_yet(closed: Practice) -> None:
    whole = chart(closed)
    with closed.office.uow.begin() as session:
        first = select(func.min(Closed.closed_at)).scalar_subquery()
        some = update(Closed).where(Closed.closed_at == first).values(is_summed=False, days=77)
        session.execute(some.execution_options(synchronize_session=False))
    assert chart(closed) == whole


def test_the_sums_of_a_case_are_whole_and_read_by_the_charts(closed: Practice) -> None:
    unsum(closed)
    closed_figures.sum_up(closed.office)
    for one in sums(closed):
        assert one.days == pytest.approx(
            sum(getattr(one, party) for party in closed_figures.PARTIES)
        )
    with closed.office.uow.begin() as session:
        session.execute(update(Closed).values(days=19.5))
    assert chart(closed).median_days == 19.5


@pytest.mark.parametrize("kind", ["task", "case"])
def test_a_late_correction_is_summed_up_again(closed: Practice, kind: str) -> None:
    closed_figures.sum_up(closed.office)
    before = chart(closed)
    number = closed.all(select(models.Case.number).order_by(models.Case.closed_at))[-1]
    if kind == "task":
        changed(closed, Task, number, whose="expert")
    else:
        with closed.office.uow.begin() as session:
            late = update(models.Case).where(models.Case.number == number)
            session.execute(late.values(closed_at=day(2, 27, 11)))
    assert [one.is_summed for one in sums(closed)] == [True, True, False]
    after = chart(closed)
    assert after != before
    assert closed_figures.sum_up(closed.office) == 1
    assert chart(closed) == after


def test_a_step_of_an_open_case_takes_no_sums_back(closed: Practice) -> None:
    closed_figures.sum_up(closed.office)
    number, _ = closed.at("give_opinion")
    closed.complete(number, "give_opinion")
    assert all(one.is_summed for one in sums(closed))


def test_a_case_that_is_opened_again_is_no_closed_one(closed: Practice) -> None:
    closed_figures.sum_up(closed.office)
    held = models.Case
    with closed.office.uow.begin() as session:
        session.execute(update(held).values(closed_at=None, state="open"))
    assert sums(closed) == []
    assert chart(closed).closed == 0


def test_a_calendar_that_changes_counts_afresh_what_was_closed_since(closed: Practice) -> None:
    closed_figures.sum_up(closed.office)
    before = chart(closed)
    extra = Request(source="day", on=date(2020, 2, 21), name="停工", document="通知", reason="防汛")
    proposed = calendar_changes.propose(closed.office, closed["feng"], extra, now=closed.now)
    calendar_changes.approve(closed.office, SECOND, proposed, now=closed.now)
    assert [one.is_summed for one in sums(closed)] == [True, False, False]
    after = chart(closed)
    assert after.weeks[3].median_days != before.weeks[3].median_days
    assert closed_figures.sum_up(closed.office) == 2
    assert chart(closed) == after


def test_whose_time_is_one_rule_a_pause_is_his_for_whose_sake_it_was(practice: Practice) -> None:
    """The charts say of a closed case what its own page says, pauses included."""
    practice.show(day(2, 17))
    number, _ = practice.at("give_opinion")
    clock_actions.pause(
        practice.office,
        practice["fang"],
        number,
        "handling",
        ground="expert",
        reason="专家评审",
        expected_on=date(2020, 2, 20),
        now=practice.now,
    )
    practice.move_to(day(2, 20))
    clock_actions.resume(
        practice.office, practice["fang"], number, "handling", reason="评审已毕", now=practice.now
    )
    practice.move_to(day(2, 24))
    cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    closed_figures.sum_up(practice.office)
    (one,) = sums(practice)
    with practice.reading() as session:
        (found,) = whose_time.of_cases(
            practice.office, session, [one.id], now=practice.now, from_receipt=True
        ).values()
    length = office_day(practice.office.calendar())
    told = {share.whose.value: share.office_time / length for share in found.shares}
    assert told["expert"] == pytest.approx(3)
    assert {p: getattr(one, p) for p in closed_figures.PARTIES if getattr(one, p)} == {
        whose: pytest.approx(days) for whose, days in told.items() if days
    }
    assert one.days == pytest.approx(sum(told.values()))
    (stack,) = chart(practice).whose
    assert {part.whose.value: part.days for part in stack.parts} == {
        whose: pytest.approx(days, abs=0.01) for whose, days in told.items() if days
    }
