"""A backup that is made while people work is whole: brought back it has no flaw. Run by `make test-faults`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.persistence.unit_of_work import connect
from engine.settings import ROOT
from tests.faults.city import KUNXIN, City
from tests.faults.replica import programs_of
from tests.faults.test_servers_that_die import assert_all_is_done, filed

pytestmark = pytest.mark.heavy


def run(environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        words, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_backup_made_under_load_is_brought_back_without_a_flaw(city: City) -> None:
    numbers = filed(city, 6)
    folder = Path(city.database_url.partition("?host=")[2])
    path = os.pathsep.join([str(programs_of(folder)), os.environ["PATH"]])
    here = {**city.environment, "PATH": path}
    backups: list[str] = []
    with city.web(), city.worker(), city.beat(), city.worked_by(3, numbers) as work:
        for completions in (6, 18):
            work.until(completions)
            place = str(city.folder.parent / f"backups-{completions}")
            backups.append(run(here, "sh", "-eu", "deploy/backup.sh", place).strip())
    assert_all_is_done(city, work)

    for number, backup in enumerate(backups):
        engine = connect(city.database_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE again_{number}"))
        engine.dispose()
        there = {
            **here,
            "KUNXIN_DATABASE_URL": city.database_url.replace("@/postgres?", f"@/again_{number}?"),
            "KUNXIN_DATA_DIR": str(city.folder.parent / f"again-{number}"),
        }
        run(there, "sh", "-eu", "deploy/restore.sh", backup)
        for command in (["upgrade"], ["audit", "verify"], ["doctor"]):
            run(there, *KUNXIN, *command)
