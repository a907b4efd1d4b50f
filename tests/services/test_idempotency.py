"""The same POST sent again acts once, whenever it comes, and whatever fails on the way."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, select

from engine.domain.errors import Conflict
from engine.persistence import models
from engine.services import documents, idempotency, tasks
from engine.services.idempotency import Answer, Asked
from engine.services.timer_firing import fire_timer
from tests.bearers import row_of
from tests.offices import Practice, day
from tests.oracle import unsound
from tests.services.crowds import refusals, together
from web.app import create_app

PDF = b"%PDF-1.7\n1 0 obj\n"
ROUTE = "POST /api/v1/cases/1/documents"


@pytest.fixture(autouse=True)
def _seen_by_the_doctor(practice: Practice) -> Iterator[None]:
    yield
    assert unsound(practice.office) == []


class Broken(Exception):
    """What a test breaks on purpose."""


def attaching(practice: Practice, number: str, *, body_hash: str = "a") -> Callable[[], Answer]:
    """One POST of a paper, as the web hands it over."""
    asked = Asked(practice["zhou"], "4711", ROUTE, body_hash)

    def act() -> tuple[int, dict[str, Any]]:
        paper = documents.attach(
            practice.office, practice["zhou"], number, "other", "a.pdf", PDF, now=practice.now
        )
        return 201, {"id": str(paper.id)}

    return lambda: idempotency.once(practice.office, asked, act, now=practice.now)


def papers(practice: Practice, number: str) -> list[str]:
    return [str(paper.id) for paper in practice.of_case(models.Paper, number)]


def test_ten_at_once_attach_one_paper_and_all_are_told_the_same(
    practice: Practice, another_process: Practice
) -> None:
    number = practice.file_case().number
    posts = [attaching(where, number) for where in (practice, another_process) for _ in range(5)]
    answers = together(*posts)
    assert refusals(answers) == []
    (paper,) = papers(practice, number)
    assert {(answer.status, answer.body["id"]) for answer in answers} == {(201, paper)}
    assert sorted(answer.is_replayed for answer in answers) == [False] + [True] * 9
    assert practice.kinds(number).count("paper_received") == 1


def test_ten_at_once_over_http_do_it_once(practice: Practice) -> None:
    number = practice.file_case().number
    headers = {"Authorization": f"Bearer {_token(practice, 'zhou')}", "Idempotency-Key": "4711"}
    app = create_app(practice.office)

    def post() -> tuple[int, str]:
        sent = {"kind": "other", "file": (io.BytesIO(PDF), "a.pdf")}
        path = f"/api/v1/cases/{number}/documents"
        answer = app.test_client().post(path, data=sent, headers=headers)
        return answer.status_code, answer.get_json()["id"]

    answers = together(*[post] * 10)
    (paper,) = papers(practice, number)
    assert answers == [(201, paper)] * 10


def test_of_two_different_requests_at_once_with_one_key_one_is_refused(practice: Practice) -> None:
    number = practice.file_case().number
    answers = together(*(attaching(practice, number, body_hash=each) for each in "ab"))
    (refused,) = refusals(answers)
    assert isinstance(refused, Conflict)
    assert len(papers(practice, number)) == 1


def test_when_the_act_fails_nothing_is_kept_and_the_key_is_free(practice: Practice) -> None:
    number = practice.file_case().number
    asked = Asked(practice["zhou"], "4711", ROUTE, "a")

    def act() -> tuple[int, dict[str, Any]]:
        documents.attach(
            practice.office, practice["zhou"], number, "other", "a.pdf", PDF, now=practice.now
        )
        raise Broken

    before, announced = practice.everything(), list(practice.announced)
    with pytest.raises(Broken):
        idempotency.once(practice.office, asked, act, now=practice.now)
    assert (practice.everything(), practice.announced) == (before, announced)
    assert not attaching(practice, number)().is_replayed


def test_an_act_and_its_answer_are_stored_together_or_not_at_all(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    asked = Asked(practice["zhou"], "4711", "POST /complete", "a")
    before, announced = practice.everything(), list(practice.announced)

    def act() -> tuple[int, dict[str, Any]]:
        answers = {"acceptance": "accept"}
        done = tasks.complete(practice.office, practice["zhou"], task.id, answers, now=practice.now)
        return 200, {"case": done.case_number}

    def breaks(connection: Any) -> None:
        raise Broken

    engine = practice.office.uow.engine
    event.listen(engine, "commit", breaks)
    try:
        with pytest.raises(Broken):
            idempotency.once(practice.office, asked, act, now=practice.now)
    finally:
        event.remove(engine, "commit", breaks)
    assert (practice.everything(), practice.announced) == (before, announced)
    (row,) = practice.of_case(models.ProcessInstance, number)
    assert practice.office.instances.take(row.id, row.version + 1) is None

    assert idempotency.once(practice.office, asked, act, now=practice.now).body == {"case": number}
    assert practice.announced != announced
    assert practice.kinds(number).count("task_completed") == 1
    assert idempotency.once(practice.office, asked, act, now=practice.now).is_replayed


def test_what_fails_within_and_is_caught_is_undone_alone(practice: Practice) -> None:
    uow = practice.office.uow

    def fail() -> None:
        with uow.begin() as session:
            session.add(models.Setting(key="b", value={}))
            raise Broken

    with uow.together():
        with uow.begin() as session:
            session.add(models.Setting(key="a", value={}))
        with pytest.raises(Broken):
            fail()
        with uow.read() as session:
            assert "a" in set(session.scalars(select(models.Setting.key)))
    assert {"a", "b"} & set(practice.all(select(models.Setting.key))) == {"a"}


def test_a_timer_that_is_due_fires_before_the_act_also_within_one_transaction(
    practice: Practice,
) -> None:
    number, task = practice.at("review_filing")
    practice.show(day(3, 5))
    asked = Asked(practice["zhou"], "4711", "POST /complete", "a")

    def act() -> tuple[int, dict[str, Any]]:
        answers = {"acceptance": "accept"}
        tasks.complete(practice.office, practice["zhou"], task.id, answers, now=practice.now)
        return 200, {}

    idempotency.once(practice.office, asked, act, now=practice.now)
    kinds = practice.kinds(number)
    assert kinds.index("timer_fired") < kinds.index("task_completed")
    assert not any(fire_timer(practice.office, t.id, now=practice.now) for t in _due(practice))


def _due(practice: Practice) -> list[models.Timer]:
    timer = models.Timer
    return practice.all(select(timer).where(timer.fired_at.is_(None), timer.due_at <= practice.now))


def _token(practice: Practice, username: str) -> str:
    token = f"of {username}"
    with practice.office.uow.begin() as session:
        session.add(row_of(token, practice[username].id, practice.office.real_now()))
    return token
