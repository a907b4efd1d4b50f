"""The heat map and the charts: summed up by the database as the clock counts, alike on both."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import column, select, values

from engine.domain.calendar import Calendar
from engine.domain.clock import Whose
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.office_time import office_day, office_time
from engine.domain.supervision_views import ElementHeat
from engine.domain.whose_time import Stay, whose_time
from engine.persistence import models
from engine.persistence.declarative import Moment
from engine.persistence.working_time import WorkingTime, percentile
from engine.services import charts, supervision
from engine.services.stepping import SUPERVISION
from tests.offices import Practice, day


def worked(calendar: Calendar, since: datetime, until: datetime) -> float:
    return office_time(calendar, since, until) / office_day(calendar)


def moments(seed: int) -> Iterator[tuple[datetime, datetime]]:
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    for _ in range(200):
        since = day(1, 1) + timedelta(minutes=chance.randrange(90 * 24 * 60))
        yield since, since + timedelta(minutes=chance.randrange(30 * 24 * 60))


def test_sql_counts_working_time_as_the_clock_does(practice: Practice) -> None:
    calendar = practice.office.calendar()
    pairs = list(moments(7))
    table = (
        values(column("since", Moment()), column("until", Moment()), name="spans")
        .data(pairs)
        .cte("given")
    )
    with practice.reading() as session:
        rows = select(table).subquery()
        timed = WorkingTime(calendar, date(2019, 12, 1), date(2020, 6, 1)).of(
            rows, days=("since", "until")
        )
        found = [row.days for row in session.execute(select(timed.c.days))]
    expected = [worked(calendar, *pair) for pair in pairs]
    assert sorted(found) == pytest.approx(sorted(expected), abs=1e-6)
    assert any(value % 1 for value in found)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2.5), (0.9, 3.7), (0.0, 1.0), (1.0, 4.0)])
def test_a_percentile_lies_between_two_values_on_both_databases(
    practice: Practice, share: float, expected: float
) -> None:
    table = (
        values(column("n", models.Case.event_count.type), name="numbers")
        .data([(4,), (1,), (3,), (2,), (None,)])
        .cte("given")
    )
    with practice.reading() as session:
        rows = select(table).subquery()
        assert session.scalar(select(percentile(share, rows.c.n))) == pytest.approx(expected)
        nothing = select(percentile(share, rows.c.n)).where(rows.c.n > 100)
        assert session.scalar(nothing) is None


def drive(practice: Practice, number: str, element_id: str) -> None:
    """Work the case itself to an element; what supervises it is left alone."""
    for _ in range(20):
        open_now = [
            t.element_id for t in practice.open_tasks(number) if t.process_id != SUPERVISION
        ]
        if element_id in open_now:
            return
        if open_now:
            practice.complete(number, open_now[0])
        else:
            practice.acknowledge(number)
    raise AssertionError(element_id)


@pytest.fixture
def worked_on(practice: Practice) -> Practice:
    """Three granted cases of February, one of them with a late opinion; one open and over."""
    practice.show(day(2, 17))
    numbers = [practice.file_case().number for _ in range(3)]
    for hours, number in enumerate(numbers):
        practice.show(day(2, 17, 10 + hours))
        practice.complete(number, "review_filing")
    for number, moment in zip(numbers, (day(2, 18), day(2, 20, 15), day(2, 24, 11)), strict=True):
        practice.move_to(moment)
        drive(practice, number, "first_review")
    for number in numbers:
        practice.move_to(practice.now + timedelta(hours=20))
        drive(practice, number, "rate")
    practice.at("give_opinion")
    practice.move_to(practice.now + timedelta(days=8))
    return practice


def heat(practice: Practice, **given: Any) -> dict[str, ElementHeat]:
    span = {"since": date(2020, 2, 1), "until": date(2020, 3, 31), **given}
    seen = supervision.heatmap(
        practice.office, practice["fang"], "credit_repair", now=practice.now, **span
    )
    return {one.element_id: one for one in seen.elements}


def test_a_step_is_timed_in_working_days_apart_from_waiting(worked_on: Practice) -> None:
    calendar = worked_on.office.calendar()
    task = models.Task
    done = worked_on.all(
        select(task).where(task.element_id == "first_review", task.state == "completed")
    )
    took = [worked(calendar, one.created_at, one.completed_at) for one in done]
    own = [worked(calendar, one.claimed_at, one.completed_at) for one in done]
    seen = heat(worked_on)["first_review"]
    assert seen.count == len(done) == 3
    assert seen.median_days == pytest.approx(median(took), abs=0.006)
    assert seen.own_median_days == pytest.approx(median(own), abs=0.006)
    assert seen.p90_days is not None
    assert seen.median_days is not None
    assert seen.p90_days >= seen.median_days
    assert seen.share == pytest.approx(seen.median_days / 3, abs=0.006)


def test_breaches_are_late_ends_and_open_steps_over_their_limit(worked_on: Practice) -> None:
    task = models.Task
    rows = worked_on.all(select(task).where(task.element_id == "give_opinion"))
    late = sum(
        one.due_at < (one.completed_at or worked_on.now) for one in rows if one.state != "cancelled"
    )
    assert heat(worked_on)["give_opinion"].breaches == late


def test_a_period_and_a_department_narrow_the_map(worked_on: Practice) -> None:
    assert heat(worked_on, until=date(2020, 2, 18))["give_opinion"].count < 3
    assert set(heat(worked_on, department="service_window")) <= {"review_filing", "serve_on_paper"}
    with pytest.raises(Invalid) as refused:
        heat(worked_on, since=date(2020, 3, 2), until=date(2020, 3, 1))
    assert refused.value.fields.keys() == {"until"}
    with pytest.raises(NotPermitted):
        supervision.heatmap(worked_on.office, worked_on["wang"], "credit_repair", now=worked_on.now)


def chart(practice: Practice, **given: Any) -> Any:
    return charts.charts(
        practice.office,
        practice["fang"],
        now=practice.now,
        since=date(2020, 2, 3),
        until=date(2020, 3, 29),
        **given,
    )


def test_cycle_time_and_throughput_sum_up_to_the_cases_themselves(worked_on: Practice) -> None:
    seen, calendar = chart(worked_on), worked_on.office.calendar()
    held = models.Case
    closed = worked_on.all(select(held).where(held.state == "closed"))
    took = [worked(calendar, one.received_at, one.closed_at) for one in closed]
    assert seen.closed == len(closed) >= 2
    assert seen.median_days == pytest.approx(median(took), abs=0.006)
    assert sum(band.count for band in seen.cycle) == len(closed)
    for band in seen.cycle:
        inside = sum(band.first <= t < (band.end or 10**6) for t in took)
        assert band.count == inside
    assert [one.monday.weekday() for one in seen.weeks] == [0] * len(seen.weeks)
    assert sum(one.filed for one in seen.weeks) == 4
    assert sum(one.closed for one in seen.weeks) == len(closed)
    first = next(one for one in seen.weeks if one.monday == date(2020, 2, 17))
    assert first.filed == 3


def test_whose_time_sums_to_the_whole_and_is_what_the_clock_says(worked_on: Practice) -> None:
    (stack,) = chart(worked_on).whose
    calendar = worked_on.office.calendar()
    held = models.Case
    closed = worked_on.all(select(held).where(held.state == "closed"))
    expected: dict[Whose, float] = {}
    for one in closed:
        places: list[Any] = [
            *worked_on.of_case(models.Task, one.number), *worked_on.of_case(models.Wait, one.number),
        ]  # fmt: skip
        stays = [
            Stay(place.since, place.until, Whose(place.whose), "")
            for place in places
            if place.process_id != SUPERVISION and place.until
        ]
        told = whose_time(stays, [], one.received_at, one.closed_at, calendar)
        for share in told.shares:
            days = share.office_time / office_day(calendar) / len(closed)
            expected[share.whose] = expected.get(share.whose, 0) + days
    assert {part.whose: part.days for part in stack.parts} == pytest.approx(
        {whose: days for whose, days in expected.items() if days}, abs=0.01
    )
    assert stack.total == pytest.approx(sum(expected.values()), abs=0.01)
    assert stack.cases == len(closed)


def test_charts_are_for_supervisors_and_of_one_procedure_when_asked(worked_on: Practice) -> None:
    assert chart(worked_on, procedure="objection").closed == 0
    with pytest.raises(NotPermitted):
        charts.charts(worked_on.office, worked_on["wang"], now=worked_on.now)
