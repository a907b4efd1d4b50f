"""Several transactions as one whole: what fails within it leaves nothing, what waits for its end waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from engine.persistence.unit_of_work import JOBS, UnitOfWork, connect


class Undone(Exception):
    """A part, or the whole, is given up."""


@pytest.fixture
def announced() -> list[UUID]:
    return []


@pytest.fixture
def uow(database_url: str, announced: list[UUID]) -> Iterator[UnitOfWork]:
    made = UnitOfWork(connect(database_url), announced.append)
    yield made
    made.engine.dispose()


def promise(session: Session, job_id: UUID) -> None:
    session.info.setdefault(JOBS, []).append(job_id)


def test_jobs_are_announced_when_the_whole_is_stored_but_for_those_of_a_part_that_failed(
    uow: UnitOfWork, announced: list[UUID]
) -> None:
    first, failed, last = uuid4(), uuid4(), uuid4()
    with uow.together():
        with uow.begin() as session:
            promise(session, first)
        with suppress(Undone), uow.begin() as session:
            promise(session, failed)
            raise Undone
        with uow.begin() as session:
            promise(session, last)
        assert announced == []
    assert announced == [first, last]


def test_what_comes_after_a_transaction_waits_for_the_end_of_the_whole(uow: UnitOfWork) -> None:
    done: list[str] = []
    uow.afterwards(lambda: done.append("alone"))
    with uow.together():
        with uow.begin():
            pass
        uow.afterwards(lambda: done.append("in the whole"))
        assert done == ["alone"]
    assert done == ["alone", "in the whole"]


def test_nothing_comes_after_a_whole_that_failed(uow: UnitOfWork, announced: list[UUID]) -> None:
    done: list[str] = []
    with suppress(Undone), uow.together() as session:
        promise(session, uuid4())
        uow.afterwards(lambda: done.append("of the whole"))
        raise Undone
    uow.afterwards(lambda: done.append("of the next"))
    assert (done, announced) == (["of the next"], [])
