"""A machine vanishes without a word, as when a switch fails: nobody waits for it for ever, and all goes on."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from tests.faults.city import City, wait_for
from tests.faults.pooler import pooling
from tests.faults.silence import vanished
from tests.faults.test_servers_that_die import assert_all_is_done, filed, is_printed

pytestmark = pytest.mark.heavy


def test_while_the_database_is_gone_without_a_word_people_are_told_and_its_locks_are_let_go(
    city: City,
) -> None:
    numbers = filed(city, 3)
    with pooling(city.database_url, "session", connections=60) as (url, _):
        city.settings["KUNXIN_DATABASE_URL"] = url
        with city.web(), city.worker(), city.beat(), city.worked_by(3, numbers) as work:
            work.until(5)
            with vanished(urlsplit(url).port or 0):
                work.until_answered(503)
                assert city.ask("GET", "/readyz").status == 503
                wait_for(lambda: not others_in_a_transaction(city), "the database to let go")
            wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
    assert_all_is_done(city, work)


def others_in_a_transaction(city: City) -> bool:
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        " AND backend_type = 'client backend'"
    )
    with city.practice.reading() as session:
        return bool(session.scalar(text(asked)))


def test_while_the_broker_is_gone_without_a_word_people_work_and_sign_in(city: City) -> None:
    with city.web(), city.worker(), city.beat():
        with vanished(urlsplit(city.broker_url).port or 0):
            numbers = filed(city, 2)
            nobody = {"username": "nobody", "password": "a guess of somebody"}
            assert city.ask("POST", "/api/v1/tokens", body=nobody).status == 401
            with city.worked_by(2, numbers) as work:
                pass
        wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
    assert_all_is_done(city, work)
