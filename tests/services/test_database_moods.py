"""A database that an administrator has made read-only, or that ends what takes long: later it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from engine.domain.errors import Overtaxed
from engine.persistence.unit_of_work import connect
from engine.services import timers
from engine.services.casework import RETRIES
from engine.services.jobs import run
from tests.bearers import row_of
from tests.offices import Practice, day
from tests.oracle import unsound
from tests.services.test_jobs import job_of, waiting
from web.app import create_app

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@contextmanager
def database_with(practice: Practice, url: str, setting: str, value: str) -> Iterator[None]:
    """As `ALTER DATABASE … SET`, which new connections heed."""
    name = url.partition("?")[0].rpartition("/")[2]
    engine = connect(url, isolation_level="AUTOCOMMIT")

    def alter(how: str) -> None:
        with engine.connect() as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f'ALTER DATABASE "{name}" {how}'))
        practice.office.uow.engine.dispose()

    alter(f"SET {setting} = '{value}'")
    try:
        yield
    finally:
        alter(f"RESET {setting}")
        engine.dispose()


@pytest.fixture
def client(practice: Practice) -> FlaskClient:
    with practice.office.uow.begin() as session:
        session.add(row_of("zhou", practice["zhou"].id, practice.office.real_now()))
    return create_app(practice.office).test_client()


BEARER = {"Authorization": "Bearer zhou"}


def test_while_it_is_read_only_people_read_and_who_writes_is_asked_to_come_back(
    practice: Practice, client: FlaskClient, database_url: str
) -> None:
    number, task = practice.at("review_filing")
    path = f"/api/v1/tasks/{task.id}/claim"
    with database_with(practice, database_url, "default_transaction_read_only", "on"):
        assert client.get("/readyz").status_code == 200
        assert client.get(f"/api/v1/cases/{number}", headers=BEARER).status_code == 200
        refused = client.post(path, headers=BEARER)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert client.post(path, headers=BEARER).status_code == 204
    assert unsound(practice.office) == []


def test_a_statement_that_took_too_long_is_told_as_that(practice: Practice) -> None:
    with pytest.raises(Overtaxed):
        take_long(practice)


def take_long(practice: Practice) -> None:
    with practice.office.uow.begin() as session:
        session.execute(text("SET LOCAL statement_timeout = '20ms'"))
        session.execute(text("SELECT pg_sleep(3600)"))


def test_who_waits_too_long_for_somebody_is_asked_to_come_back(
    practice: Practice, client: FlaskClient, database_url: str
) -> None:
    number, task = practice.at("review_filing")
    other, engine = practice.file_case().number, connect(database_url)
    late = day(3, 20)
    impatient = database_with(practice, database_url, "lock_timeout", "100ms")
    with engine.connect() as somebody, impatient:
        somebody.execute(
            text("SELECT 1 FROM case_file WHERE number = :number FOR UPDATE"), {"number": number}
        )
        refused = client.post(f"/api/v1/tasks/{task.id}/claim", headers=BEARER)
        practice.show(late)
        timers.sweep(practice.office, now=practice.now)
        assert "supervision_opened" in practice.kinds(other)  # it does not wait for the first
        assert "supervision_opened" not in practice.kinds(number)
        printing = next(job for job in waiting(practice) if job.operation == "print_letter")
        somebody.execute(text("SELECT 1 FROM letter FOR UPDATE"))
        assert run(practice.office, printing.id)
    engine.dispose()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert job_of(practice, printing.id).retries_left == RETRIES - 1
    practice.clock.pass_by(timedelta(minutes=1))
    timers.sweep(practice.office, now=practice.now)
    told = [practice.kinds(each).count("supervision_opened") for each in (number, other)]
    assert told[0] == told[1]
    assert practice.case(number).open_incidents == 0
    practice.run_jobs()
    assert unsound(practice.office) == []
