"""A machine of another place and tongue, and a database without a connection to spare: all is done, and the
logs say nothing of people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.faults.city import City, Program, wait_for
from tests.faults.test_servers_that_die import assert_all_is_done, filed, is_printed
from tests.offices import FIRMS, application

pytestmark = pytest.mark.heavy

#: As minimal images and machines abroad have it.
ABROAD = {"LC_ALL": "C", "LANG": "C", "TZ": "America/New_York", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # fmt: skip


@contextmanager
def no_connection_left(city: City) -> Iterator[None]:
    """Somebody else holds all that the database has."""
    engine = create_engine(city.database_url, poolclass=NullPool)
    held = []
    try:
        while True:
            held.append(engine.connect())
    except OperationalError:
        yield
    finally:
        for connection in held:
            connection.close()


def typed() -> set[str]:
    """What the applicant typed that is of people, and whom the case is about."""
    personal = {text for text in application().values() if isinstance(text, str) and len(text) > 1}
    return {word for word in personal if not word.isascii()} | {FIRMS["firm"][1], "陈一苇"}


def assert_lines_of_nobody(programs: list[Program]) -> None:
    for program in programs:
        assert program.said
        for line in program.said:
            assert json.loads(line).keys() >= {"event", "level", "timestamp"}, line
            assert not [word for word in typed() if word in line or word in str(json.loads(line))]


def test_a_city_abroad_whose_database_has_no_connection_left_for_a_while(city: City) -> None:
    city.settings.update(ABROAD)
    with city.practice.office.uow.engine.connect() as connection:
        connection.execute(text("ALTER DATABASE postgres SET timezone = 'America/New_York'"))
        connection.commit()
    city.practice.close()
    numbers = filed(city, 3)
    with city.web() as web, city.worker() as worker, city.beat() as beat:
        with no_connection_left(city):
            asked = [
                city.ask("GET", path, who="fang")
                for path in (f"/api/v1/cases/{numbers[0]}", "/track", "/readyz")
            ]
        assert asked[0].status == 503
        assert {each.status for each in asked} <= {200, 503}
        assert not [each for each in asked if b"Traceback" in each.body]
        with city.worked_by(3, numbers) as work:
            pass
        wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
    assert_all_is_done(city, work)
    assert_lines_of_nobody([web, worker, beat])
