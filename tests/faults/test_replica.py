"""Charts and the heat map read a replica, and the database itself when it does not answer.

The streaming one is started by `make test-faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from engine.persistence.unit_of_work import UnitOfWork, connect
from engine.services import charts, heat
from engine.services.supervision import board
from tests import servers
from tests.faults.city import WHO, City, open_city
from tests.faults.replica import await_caught_up, following
from tests.offices import Practice


def counted(uow: UnitOfWork) -> int:
    with uow.survey() as session:
        return int(session.execute(text("SELECT count(*) FROM case_file")).scalar_one())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_survey_reads_the_replica_while_it_answers_and_else_the_database(
    practice: Practice,
) -> None:
    practice.file_case()
    elsewhere = connect(f"sqlite:///{practice.folder}/replica.sqlite3")
    with elsewhere.begin() as connection:
        connection.execute(text("CREATE TABLE case_file (id INTEGER)"))
    engine = practice.office.uow.engine
    assert counted(UnitOfWork(engine, practice.announced.append)) == 1
    away = connect("sqlite:////nowhere/at/all.sqlite3")
    assert counted(UnitOfWork(engine, practice.announced.append, away)) == 1
    with_replica = UnitOfWork(engine, practice.announced.append, elsewhere)
    assert counted(with_replica) == 0
    with with_replica.together():  # what was written in the same transaction is seen
        assert counted(with_replica) == 1
    elsewhere.dispose()


@pytest.fixture
def city() -> Iterator[City]:
    try:
        with open_city() as opened:
            yield opened
    except servers.ServerMissing as missing:
        pytest.fail(str(missing))


@pytest.mark.heavy
def test_charts_of_a_streaming_replica_are_those_of_the_database_also_when_it_dies(
    city: City,
) -> None:
    practice = city.practice
    number = practice.file_case().number
    while practice.case(number).state == "open":
        tasks = practice.open_tasks(number)
        if tasks:
            element = tasks[0].element_id
            practice.complete(number, element, by=practice[WHO[element]])
        else:
            practice.acknowledge(number)
    plain, supervisor, now = practice.office, practice["fang"], practice.now
    told = charts.charts(plain, supervisor, now=now)
    warm = heat.heatmap(plain, supervisor, "credit_repair", now=now)
    assert told.closed == 1
    with following(city.database_url) as (url, server):
        uow = UnitOfWork(plain.uow.engine, practice.announced.append, connect(url))
        office = replace(plain, uow=uow)
        await_caught_up(city.database_url)
        assert charts.charts(office, supervisor, now=now) == told
        assert heat.heatmap(office, supervisor, "credit_repair", now=now) == warm
        with uow.survey() as session:
            assert session.execute(text("SELECT pg_is_in_recovery()")).scalar_one()
        practice.file_case()
        assert board(office, supervisor, now=now).open_cases == 1  # of the database: no lag
        server.end()
        assert charts.charts(office, supervisor, now=now).closed == 1
        uow.engine.dispose()
