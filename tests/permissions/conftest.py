"""The prepared office: made once in a run, opened by each process on a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.permissions.cells import without_guards
from tests.permissions.prepared import Prepared, prepare, reopen

DATABASE = "kunxin.sqlite3"


@pytest.fixture(scope="session")
def prepared(
    run_folder: Path, sqlite_practice_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    origin = run_folder / "permissions"

    def make() -> dict[str, Any]:
        origin.mkdir()
        shutil.copyfile(sqlite_practice_template, origin / DATABASE)
        made = prepare(f"sqlite:///{origin / DATABASE}", origin)
        made.practice.close()
        return made.ids

    ids = servers.once(run_folder / "permissions.json", make)
    place = tmp_path_factory.mktemp("permissions") / "office"
    shutil.copytree(origin, place)
    opened = reopen(f"sqlite:///{place / DATABASE}", place, ids)
    yield opened
    opened.practice.close()


@pytest.fixture(scope="session")
def unguarded(prepared: Prepared) -> Prepared:
    """The same, with the guards of the pages only noting what they would have refused."""
    without_guards(prepared.app)
    return prepared
