"""A state is one of its life's words, wherever it is written or asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

import pytest
from sqlalchemy import Connection, LargeBinary, create_engine, select, update
from sqlalchemy.exc import StatementError

from engine.domain import states
from engine.persistence import models
from engine.persistence.declarative import Base, State, table_of


@contextmanager
def connected() -> Iterator[Connection]:
    """To a database without tables: what is asked is looked at before it is sent."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def test_every_state_that_a_table_stores_belongs_to_a_life() -> None:
    columns = [
        column
        for mapper in Base.registry.mappers
        for column in mapper.columns
        if column.name == "state" and not isinstance(column.type, LargeBinary)
    ]
    assert len(columns) >= len(states.STORED)
    loose = [str(column) for column in columns if not isinstance(column.type, State)]
    assert not loose


def test_a_word_of_no_life_is_neither_stored_nor_looked_for() -> None:
    case = table_of(models.Case)
    for asked in (
        update(case).values(state="opne"),
        select(case.c.id).where(case.c.state == "opne"),
    ):
        with pytest.raises(StatementError, match="'opne' is none of"), connected() as connection:
            connection.execute(asked)


@pytest.mark.parametrize("life", states.STORED, ids=str)
def test_a_life_names_each_of_its_states_once(life: object) -> None:
    words = get_args(life)
    assert len(words) > 1
    assert len(set(words)) == len(words)
