"""A pooler before the database: connections are shared out to whoever has a transaction, and nobody meets
what another has left on one."""

from __future__ import annotations

import signal
import subprocess

import pytest

from engine.settings import ROOT
from tests.faults.city import KUNXIN, City, wait_for
from tests.faults.pooler import pooling
from tests.faults.test_servers_that_die import assert_all_is_done, filed, is_printed

pytestmark = pytest.mark.heavy


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_city_behind_a_pooler_that_is_killed_once_ends_all_its_cases(
    city: City, mode: str
) -> None:
    numbers = filed(city, 4)
    connections = 24 if mode == "session" else 4  # fewer than there are threads and processes
    with pooling(city.database_url, mode, connections=connections) as (url, pooler):
        city.settings["KUNXIN_DATABASE_URL"] = url
        upgrades = [started(city, "upgrade") for _ in range(2)]
        assert [each.wait(timeout=300) for each in upgrades] == [0, 0]
        with city.web(), city.worker(), city.beat(), city.worked_by(3, numbers) as work:
            work.until(9)
            pooler.end(signal.SIGKILL)
            work.until_answered(503)
            pooler.start()
            wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
        for check in ("doctor", "audit verify"):
            assert started(city, *check.split()).wait(timeout=300) == 0
    assert_all_is_done(city, work)


def started(city: City, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*KUNXIN, *words], cwd=ROOT, env=city.environment)
