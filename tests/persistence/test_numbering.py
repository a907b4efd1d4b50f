"""Numbers of a series within transactions, parts of them that fail, and those after them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.persistence.declarative import Base
from engine.persistence.numbering import holds_series, next_number
from engine.persistence.unit_of_work import UnitOfWork, connect


@pytest.fixture
def uow(database_url: str, tmp_path: Path) -> Iterator[UnitOfWork]:
    opened = UnitOfWork(connect(database_url), lambda job_id: None)
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.engine.dispose()


def test_a_transaction_counts_on_where_the_last_one_ended(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        assert not holds_series(session)
        assert [next_number(session, "a") for _ in range(3)] == [1, 2, 3]
        assert next_number(session, "b") == 1
        assert holds_series(session)
    with uow.begin() as session:
        assert [next_number(session, key) for key in "abc"] == [4, 2, 1]


def test_what_a_failed_transaction_took_is_taken_by_the_next(uow: UnitOfWork) -> None:
    with suppress(ZeroDivisionError), uow.begin() as session:
        assert next_number(session, "a") == 1
        raise ZeroDivisionError
    with uow.begin() as session:
        assert next_number(session, "a") == 1


def test_parts_of_a_transaction_go_on_from_one_another_and_past_one_that_failed(
    uow: UnitOfWork,
) -> None:
    with uow.together() as whole:
        for expected in (1, 2):
            with uow.begin() as part:
                assert next_number(part, "a") == expected
        with suppress(ZeroDivisionError), uow.begin() as part:
            assert next_number(part, "a") == 3
            raise ZeroDivisionError
        assert next_number(whole, "a") == 3
    with uow.begin() as session:
        assert next_number(session, "a") == 4


def test_a_savepoint_that_is_given_up_gives_up_its_numbers(uow: UnitOfWork) -> None:
    with uow.begin() as session:
        assert next_number(session, "a") == 1
        with suppress(ZeroDivisionError), session.begin_nested():
            assert [next_number(session, "a"), next_number(session, "b")] == [2, 1]
            raise ZeroDivisionError
        assert [next_number(session, "a"), next_number(session, "b")] == [2, 1]
    with uow.begin() as session:
        assert [next_number(session, "a"), next_number(session, "b")] == [3, 2]
