"""A machine's clock that ran ahead and was put right: nobody waits until it is there again, nothing lasts longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.errors import NotAuthenticated, Unavailable
from engine.domain.scope import Scope
from engine.domain.sign_in import Place
from engine.persistence import models
from engine.services import (
    calendar_changes,
    daily_jobs,
    job_operations,
    jobs,
    people,
    sessions,
    sign_ins,
    tokens,
)
from engine.services.calendar_drafts import Request
from tests.offices import MONDAY, Practice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = Place("203.0.113.7")
PASSWORD = "correct-horse-battery"
YEAR = timedelta(days=366)
SECOND = Actor(UUID(int=901), "second", "second", groups=frozenset({"administrator"}))
CLOSED = Request(source="day", on=date(2020, 6, 4), name="防汛", document="通知", reason="停课停工")


@contextmanager
def running_ahead(practice: Practice, span: timedelta = YEAR) -> Iterator[None]:
    practice.clock.pass_by(span)
    yield
    practice.clock.pass_by(-span)


@pytest.fixture
def ma(practice: Practice) -> str:
    people.add_person(
        practice.office, "ma", PASSWORD, "马跃", now=MONDAY, groups=["credit_clerk"],
        department="credit_office",
    )  # fmt: skip
    return "ma"


def test_wrong_passwords_of_a_time_to_come_lock_nobody_out_now(practice: Practice, ma: str) -> None:
    with running_ahead(practice):
        for _ in range(5):
            with pytest.raises(NotAuthenticated):
                sign_ins.sign_in(practice.office, ma, "wrong", place=HERE)
    assert sign_ins.sign_in(practice.office, ma, PASSWORD, place=HERE).username == ma


def test_a_session_and_a_token_of_a_time_to_come_open_nothing_now(
    practice: Practice, ma: str
) -> None:
    office = practice.office
    actor = people.actor_of_username(office, ma)
    with running_ahead(practice):
        session = sessions.begin(office, actor, place=HERE)
        token, _ = tokens.make(office, actor, "报表", [Scope.CASES_READ.value], 30, place=HERE)
        assert sessions.open_session(office, session, now=practice.now).actor.username == ma
        assert tokens.actor_of(office, token, now=practice.now).username == ma
    with pytest.raises(NotAuthenticated):
        sessions.open_session(office, session, now=practice.now)
    with pytest.raises(NotAuthenticated):
        tokens.actor_of(office, token, now=practice.now)


@pytest.mark.parametrize("span", [timedelta(hours=3), YEAR], ids=["hours", "a year"])
def test_a_promise_made_or_taken_up_while_the_clock_ran_ahead_is_kept_at_once(
    practice: Practice, span: timedelta
) -> None:
    practice.run_jobs()
    with running_ahead(practice, span):
        number = practice.file_case().number
    assert practice.run_jobs() > 0
    (letter,) = practice.of_case(models.Letter, number)
    assert letter.sha256
    assert jobs.due_jobs(practice.office) == []


def test_such_a_promise_that_cannot_be_kept_yet_waits_as_any_other(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.run_jobs()
    with running_ahead(practice):
        number = practice.file_case().number

    def away(*_: object) -> None:
        raise Unavailable("请稍候再试。", "away")

    with monkeypatch.context() as cut:
        cut.setitem(job_operations.OPERATIONS, "print_letter", away)
        practice.run_jobs()  # comes to an end
    assert jobs.due_jobs(practice.office) == []
    practice.clock.pass_by(jobs.FIRST_WAIT)
    practice.run_jobs()
    (letter,) = practice.of_case(models.Letter, number)
    assert letter.sha256


def test_a_process_sees_a_new_calendar_though_it_last_looked_in_a_time_to_come(
    practice: Practice,
) -> None:
    with running_ahead(practice):
        before = practice.office.calendar()
        looked_at = practice.office._calendar_seen_at
    change = calendar_changes.propose(practice.office, practice["feng"], CLOSED, now=practice.now)
    calendar_changes.approve(practice.office, SECOND, change, now=practice.now)
    practice.office._calendar = before  # as another process still has it
    practice.office._calendar_seen_at = looked_at
    assert practice.office.calendar().edition > before.edition


def test_a_clock_that_leaps_ahead_erases_nothing_by_itself(practice: Practice) -> None:
    office, notice = practice.office, models.Notice
    practice.file_case()
    practice.run_jobs()
    texts = set(practice.all(select(notice.id, notice.body)))
    with running_ahead(practice, YEAR * 4):
        daily_jobs.promise(office)
        jobs.run_due(office)
    assert texts
    assert set(practice.all(select(notice.id, notice.body))) >= texts
