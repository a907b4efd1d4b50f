"""The primary database dies and its replica takes its place: who was told of both goes on by itself."""

from __future__ import annotations

import signal
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.persistence.unit_of_work import UnitOfWork, connect
from tests import servers
from tests.faults.city import open_city, wait_for
from tests.faults.replica import await_caught_up, following, programs_of
from tests.faults.test_servers_that_die import assert_all_is_done, filed, is_printed
from tests.oracle import unsound

pytestmark = pytest.mark.heavy


def test_a_replica_that_is_promoted_is_found_by_web_and_workers_without_a_restart() -> None:
    try:
        with open_city() as city, following(city.database_url) as (replica_url, _):
            one, two = (url.partition("?host=")[2] for url in (city.database_url, replica_url))
            city.settings["KUNXIN_DATABASE_URL"] = (
                f"postgresql+psycopg://postgres@/postgres?host={one},{two}&target_session_attrs=read-write"
            )
            numbers = filed(city, 3)
            with city.web(), city.worker(), city.beat(), city.worked_by(3, numbers) as work:
                work.until(5)
                await_caught_up(city.database_url)
                city.practice.close()
                city.database.end(signal.SIGQUIT)
                work.until_answered(503)
                promote(Path(one), Path(two))
                office = city.practice.office
                city.practice.office = replace(
                    office, uow=UnitOfWork(connect(replica_url), lambda job_id: None)
                )
                wait_for(lambda: all(is_printed(city, n) for n in numbers), "the letters")
            with closing(city.practice):
                assert_all_is_done(city, work)
                assert unsound(city.practice.office) == []
    except servers.ServerMissing as missing:
        pytest.fail(str(missing))


def promote(primary: Path, replica: Path) -> None:
    cluster = servers.Cluster(replica, programs_of(primary), None)
    subprocess.run(
        [cluster.programs / "pg_ctl", "promote", "--pgdata", replica / "data"],
        check=True, capture_output=True, env=cluster.environment, cwd=replica,
        user=replica.owner() if replica.owner() != "root" else None,
    )  # fmt: skip
