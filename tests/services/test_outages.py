"""Disks fill, upgrades are interrupted, clocks of machines jump: nothing is half written."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from engine.persistence import schema
from engine.persistence.object_store import open_object_store
from engine.persistence.unit_of_work import connect
from engine.services import timers
from engine.settings import ROOT
from tests.bearers import row_of
from tests.offices import Practice, day
from tests.oracle import unsound
from tests.servers import Server, free_port
from web.app import create_app

PDF = b"%PDF-1.7\n1 0 obj\n"


@contextmanager
def full_disk(practice: Practice) -> Iterator[None]:
    def is_full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as full:
        full.setattr(os, "fsync", is_full)
        yield


@contextmanager
def object_store_away(practice: Practice) -> Iterator[None]:
    address = f"http://127.0.0.1:{free_port()}/papers"
    with pytest.MonkeyPatch.context() as away:
        away.setattr(practice.office, "files", open_object_store(address, "a key", "a secret"))
        yield


@pytest.mark.parametrize("fault", [full_disk, object_store_away], ids=lambda each: each.__name__)
def test_a_paper_for_which_there_is_no_room_is_refused_for_now_and_leaves_no_trace(
    practice: Practice, fault: Callable[[Practice], AbstractContextManager[None]]
) -> None:
    number = practice.file_case().number
    kept = files(practice)
    client = create_app(practice.office).test_client()
    sent = {"kind": "other", "file": (io.BytesIO(PDF), "a.pdf")}
    headers = {"Authorization": f"Bearer {token_of(practice)}"}
    assert client.get("/api/v1/me", headers=headers).status_code == 200  # notes the token's use
    before = practice.everything()
    with fault(practice):
        path = f"/api/v1/cases/{number}/documents"
        answer = client.post(path, data=sent, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["type"] == "/problems/unavailable"
    assert (practice.everything(), files(practice)) == (before, kept)
    assert unsound(practice.office) == []


def files(practice: Practice) -> set[Path]:
    return {path for path in (practice.folder / "files").rglob("*") if path.is_file()}


def token_of(practice: Practice) -> str:
    with practice.office.uow.begin() as session:
        session.add(row_of("zhou", practice["zhou"].id, practice.office.real_now()))
    return "zhou"


#: A migration of a later release; the first attempt dies in the middle of it.
LATER = """
import os, signal
from pathlib import Path
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999_later", "{head}"
branch_labels = depends_on = None

def upgrade():
    with op.batch_alter_table("case_file") as table:
        table.add_column(sa.Column("later", sa.String(), nullable=True))
    op.execute("UPDATE case_file SET later = 'seen'")
    if not Path("{mark}").exists():
        Path("{mark}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    op.create_index("ix_case_later", "case_file", ["later"])
"""
UPGRADE = """
import sys
from pathlib import Path
from engine.persistence import schema
schema._SCRIPTS = Path(sys.argv[2])
schema.upgrade(sys.argv[1])
"""


def upgrading(url: str, scripts: Path) -> subprocess.Popen[bytes]:
    """A process that upgrades."""
    return subprocess.Popen([sys.executable, "-c", UPGRADE, url, str(scripts)], cwd=ROOT)


def test_an_upgrade_killed_in_the_middle_leaves_the_old_tables_and_is_done_the_next_time(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    number, _ = practice.at("give_opinion")
    practice.close()
    scripts = tmp_path / "migrations"
    shutil.copytree(schema._SCRIPTS, scripts)
    (head,) = ScriptDirectory(str(scripts)).get_heads()
    later = LATER.format(head=head, mark=tmp_path / "died")
    (scripts / "versions/9999_later.py").write_text(later)

    assert upgrading(database_url, scripts).wait(timeout=120) == -signal.SIGKILL
    assert schema.is_current(database_url)  # as if nothing had been tried
    assert practice.case(number).state == "open"
    practice.close()

    assert upgrading(database_url, scripts).wait(timeout=120) == 0
    engine = connect(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT later FROM case_file")).scalars().all() == ["seen"]
    engine.dispose()
    practice.complete(number, "give_opinion")
    assert unsound(practice.office) == []


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"empty_{uuid4().hex}"
    engine = connect(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.database(name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def test_two_who_upgrade_an_empty_database_at_once_do_it_one_after_the_other(
    empty_url: str,
) -> None:
    both = [upgrading(empty_url, schema._SCRIPTS) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert schema.is_current(empty_url)


def test_a_machine_whose_clock_jumps_forward_and_back_fires_each_timer_once(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    practice.clock.pass_by(timedelta(days=4))  # the limit of the step is over
    timers.sweep(practice.office, now=practice.now)
    assert practice.kinds(number).count("supervision_opened") == 1
    practice.clock.pass_by(-timedelta(days=4))  # the machine's clock is put right
    timers.sweep(practice.office, now=practice.now)
    practice.complete(number, "review_filing")  # people go on working
    practice.clock.pass_by(timedelta(days=4))
    timers.sweep(practice.office, now=practice.now)
    assert practice.kinds(number).count("supervision_opened") <= 2  # the next step's own
    fired = [e.element_id for e in practice.history(number) if e.kind == "timer_fired"]
    assert len(fired) == len(set(fired))
    assert unsound(practice.office) == []
    assert practice.now.date() >= day(3, 6).date()
