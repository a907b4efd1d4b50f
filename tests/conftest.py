"""What every test may ask for: a fresh migrated database, a real PostgreSQL, a real Redis."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest

from tests import compilation, servers

if TYPE_CHECKING:
    from tests.offices import Practice

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
RUN_PID = "KUNXIN_TEST_RUN_PID"
TEMPLATE, PRACTICE_TEMPLATE = "kunxin_template", "kunxin_practice_template"

hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=IN_CI, print_blob=True, database=None
)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-sqlite", action="store_true", help="leave out what runs on PostgreSQL as well"
    )


def pytest_configure(config: pytest.Config) -> None:
    for name in list(os.environ):  # how a developer runs Kunxin is no concern of its tests
        if name.startswith("KUNXIN_") and not name.startswith("KUNXIN_TEST_"):
            del os.environ[name]
    if not hasattr(config, "workerinput"):  # xdist's workers inherit it
        os.environ[RUN_PID] = str(os.getpid())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-sqlite"):
        return
    left_out = [item for item in items if _needs_postgresql(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _needs_postgresql(item: pytest.Item) -> bool:
    given: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    asked: list[str] = getattr(item, "fixturenames", [])
    return given.get("database_url") == "postgresql" or "postgres_url" in asked


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """What every test's database and office need in memory is made once in a process."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("engine.persistence.unit_of_work.create_engine", compilation.create_engine)
        patched.setattr("engine.services.office.catalog.load", compilation.load)
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def postgresql(run_folder: Path) -> servers.Server:
    return _server(run_folder, "postgresql")


@pytest.fixture(scope="session")
def postgres_url(postgresql: servers.Server) -> str:
    """The address of an empty PostgreSQL, shared by the whole run; make databases of your own in it."""
    return postgresql.url


@pytest.fixture(scope="session")
def redis_url(run_folder: Path) -> str:
    """The address of a database of a real Redis that no other worker of this run uses."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return _server(run_folder, "redis").url.removesuffix("0") + str(int(worker) % 16)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with all tables and no rows; each test runs on both kinds.

    For one kind only: `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    template = _template(request)
    if request.param == "sqlite":
        path = tmp_path / "kunxin.sqlite3"
        if template:
            shutil.copyfile(request.getfixturevalue(f"sqlite_{template}"), path)
        yield f"sqlite:///{path}"
        return
    server: servers.Server = request.getfixturevalue("postgresql")
    origin = request.getfixturevalue(f"postgresql_{template}") if template else "template0"
    name = f"test_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {origin} STRATEGY file_copy")
    yield server.database(name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _template(request: pytest.FixtureRequest) -> str | None:
    if "blank" in request.fixturenames:
        return None
    return "practice_template" if "established" in request.fixturenames else "empty_template"


@pytest.fixture
def blank() -> None:
    """Asked for by a test whose database has no tables yet."""


@pytest.fixture
def established() -> None:
    """Asked for by a fixture whose database is that of a practice: deployed to, and people hired."""


@pytest.fixture
def practice(established: None, database_url: str, tmp_path: Path) -> Iterator[Practice]:
    """A practice; whatever a test has done to it, its tables agree with each other afterwards."""
    from tests.offices import open_practice
    from tests.oracle import contradictions

    with closing(open_practice(database_url, tmp_path, deployed=False)) as opened:
        yield opened
        assert opened.is_tampered or contradictions(opened.office) == []


@pytest.fixture
def another_process(practice: Practice, database_url: str, tmp_path: Path) -> Iterator[Practice]:
    """A second process of the same installation: its own connections, its own memory."""
    from tests.offices import open_practice

    with closing(open_practice(database_url, tmp_path, deployed=False)) as opened:
        yield opened


@pytest.fixture(scope="session")
def filled_office(run_folder: Path) -> Path:
    """The data of a practice office with its month behind it: filled once in a run, then copied.

    KUNXIN_TEST_OFFICE names a folder that `kunxin demo` has filled, for whoever runs this often.
    """
    if given := os.environ.get("KUNXIN_TEST_OFFICE"):
        return Path(given)

    def fill() -> dict[str, Any]:
        folder = run_folder / "practice_office"
        told = subprocess.run(
            [sys.executable, "-c", "from engine.command_line import main; main()", "demo"],
            env={**os.environ, "KUNXIN_SANDBOX": "1", "KUNXIN_DATA_DIR": str(folder)},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
        return {"folder": str(folder), "problem": told.stderr if told.returncode else ""}

    found = servers.once(run_folder / "practice_office.json", fill)
    assert not found["problem"], found["problem"]
    return Path(found["folder"])


@pytest.fixture(scope="session")
def sqlite_empty_template(run_folder: Path) -> Path:
    return _sqlite_template(run_folder, "empty", _upgrade)


@pytest.fixture(scope="session")
def sqlite_practice_template(run_folder: Path) -> Path:
    return _sqlite_template(run_folder, "practice", _establish)


def _sqlite_template(run_folder: Path, name: str, fill: Callable[[str], None]) -> Path:
    def make() -> dict[str, Any]:
        path = run_folder / f"{name}.sqlite3"
        fill(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as connection:  # fold the write-ahead log into the file
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return {"path": str(path)}

    return Path(servers.once(run_folder / f"sqlite_{name}.json", make)["path"])


@pytest.fixture(scope="session")
def postgresql_empty_template(run_folder: Path, postgresql: servers.Server) -> str:
    return _postgresql_template(run_folder, postgresql, TEMPLATE, _upgrade)


@pytest.fixture(scope="session")
def postgresql_practice_template(run_folder: Path, postgresql: servers.Server) -> str:
    return _postgresql_template(run_folder, postgresql, PRACTICE_TEMPLATE, _establish)


def _postgresql_template(
    run_folder: Path, server: servers.Server, name: str, fill: Callable[[str], None]
) -> str:
    def make() -> dict[str, Any]:
        _administer(server, f"CREATE DATABASE {name}")
        fill(server.database(name))
        # a connection left open would block every copy
        _administer(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        _administer(
            server,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            name,
        )
        return {}

    servers.once(run_folder / f"{name}.json", make)
    return name


def _establish(url: str) -> None:
    from tests.offices import open_practice

    _upgrade(url)
    with TemporaryDirectory() as folder:
        open_practice(url, Path(folder)).close()


def _upgrade(url: str) -> None:
    from engine.persistence import schema  # only who asks for a database needs it to import

    schema.upgrade(url)


def _administer(server: servers.Server, statement: str, *given: str) -> None:
    address = server.url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode(), given or None)


def _server(run_folder: Path, kind: servers.Kind) -> servers.Server:
    try:
        return servers.shared(run_folder, kind, owner=int(os.environ[RUN_PID]))
    except servers.ServerMissing as missing:
        if IN_CI:
            raise
        pytest.skip(f"NOT TESTED on a real {kind}: {missing}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reason for reason in reasons if "NOT TESTED" in reason):
        terminalreporter.write_sep("!", reason.removeprefix("Skipped: "), red=True, bold=True)
