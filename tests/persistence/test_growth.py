"""What is done to many cases at once reads each of their rows a few times, however many there are.

Also where the tables have no statistics yet, as after a restore: there PostgreSQL prefers an index of
all that is open, and walks through it for each case anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.persistence.declarative import Base, table_of
from engine.services import clock_moves
from tests.offices import Practice

Case, Instance, Task = models.Case, models.ProcessInstance, models.Task
Clock, Timer = models.Clock, models.Timer

CASES = 300
#: Rows of a table that may be read for each case: found, updated, and found again by a trigger.
A_FEW = 12
#: The ids of the copies, by table, from the number of the copy.
ID: Mapping[type[Base], str] = {
    each: f"md5('{each.__tablename__}' || n)::uuid" for each in (Case, Instance, Task, Clock, Timer)
}


@pytest.fixture
def practice(practice: Practice) -> Practice:
    if practice.is_sqlite:
        pytest.skip("SQLite reads no more than it is told to")
    practice.is_tampered = True  # rows are written here that no case has
    return practice


def test_timers_follow_the_clocks_of_many_cases_by_their_cases(practice: Practice) -> None:
    of_case = many(practice)
    with practice.office.uow.begin() as session:
        clock_moves.follow_all(session, of_case)
        read = rows_read(session)
    assert read["clock"] >= CASES
    assert read["timer"] >= CASES
    assert {table: n for table, n in read.items() if n > A_FEW * CASES} == {}
    assert armed_at(practice, of_case) == {practice.now + timedelta(days=9)}


def test_what_is_open_follows_many_cases_by_their_ids(practice: Practice) -> None:
    of_case = many(practice)
    with practice.office.uow.begin() as session:
        ends = practice.now + timedelta(days=3)
        session.execute(update(table_of(Case)).where(Case.id.in_(of_case)).values(due_at=ends))
        read = rows_read(session)
    assert read["task"] >= CASES
    read.pop("open_place")  # as narrow as this, so few are read whole as fast as by their keys
    assert {table: n for table, n in read.items() if n > A_FEW * CASES} == {}
    shown = models.OpenPlace.case_due_at
    asked = select(shown).where(models.OpenPlace.case_id.in_(of_case)).distinct()
    assert practice.all(asked) == [ends]


def many(practice: Practice) -> list[UUID]:
    """The ids of copies of a case that waits for an opinion, each with a timer armed from its clock."""
    number, task = practice.at("give_opinion")
    practice.file_case()
    with practice.office.uow.begin() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        running = select(Clock).where(Clock.case_id == case.id, Clock.key == "handling")
        clock = session.scalars(running).one()
        timer = session.scalars(select(Timer).where(Timer.fired_at.is_(None)).limit(1)).one()
        own = {"case_id": ID[Case], "instance_id": ID[Instance]}
        unlike = {"number": "'COPY-' || n", "idempotency_key": "NULL"}
        copy(session, Case, case.id, unlike)
        copy(session, Instance, task.instance_id, own)
        copy(session, Task, task.id, own)
        ends = practice.now + timedelta(days=9)
        copy(session, Clock, clock.id, {**own, "due_at": f"timestamptz '{ends.isoformat()}'"})
        armed = {"clock_key": "'handling'", "clock_event": "'breach'"}
        copy(session, Timer, timer.id, {**own, **armed})
        return list(session.scalars(select(Case.id).where(Case.number.like("COPY-%"))))


def copy(session: Session, model: type[Base], key: UUID, changes: Mapping[str, str]) -> None:
    table = table_of(model)
    given = {"id": ID[model], **changes}
    names = [column.name for column in table.columns]
    values = ", ".join(given.get(name, f"s.{name}") for name in names)
    session.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values}"  # noqa: S608
            f" FROM {table.name} AS s, generate_series(1, {CASES}) AS n WHERE s.id = :key"
        ),
        {"key": key},
    )


def rows_read(session: Session) -> dict[str, int]:
    """Table -> rows that this transaction has read so far, also those that it then passed by."""
    asked = text(
        "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
        " FROM pg_stat_xact_user_tables"
    )
    return {row[0]: int(row[1]) for row in session.execute(asked)}


def armed_at(practice: Practice, of_case: list[UUID]) -> set[Any]:
    return set(practice.all(select(Timer.due_at).where(Timer.case_id.in_(of_case))))
