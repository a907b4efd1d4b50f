"""A training office served by its own process, and a real Chromium that visits it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import servers
from tests.browser.site import PATIENCE, ROOT, Site, served

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: A visitor without errands of its own: it asks nobody but the server of the test.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. Without it the tests are skipped, aloud; in CI they fail."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        said = "NOT TESTED in a real browser: install Chromium (Debian: apt-get install chromium)"
        if IN_CI:
            pytest.fail(said)
        pytest.skip(said)
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # of a module, not of the session: Playwright's event loop is nothing for the tests that follow
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


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
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return {"folder": str(folder), "problem": told.stderr if told.returncode else ""}

    found = servers.once(run_folder / "practice_office.json", fill)
    assert not found["problem"], found["problem"]
    return Path(found["folder"])


@pytest.fixture(scope="module")
def site(
    browser: Browser, filled_office: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """An office of the module's own: what its tests do, nobody else sees."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(filled_office, folder, dirs_exist_ok=True)
    with served(folder) as address:
        yield Site(address, browser)
    told = (folder / "server.log").read_text("utf-8")
    assert "Traceback" not in told, told


@pytest.fixture(autouse=True)
def visitors(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """After each test every page is closed; none may have met an error in its scripts."""
    if "site" not in request.fixturenames:
        yield
        return
    visited: Site = request.getfixturevalue("site")
    yield
    if request.node.stash.get(_FAILED, False):
        visited.photograph(tmp_path)
    errors = visited.leave()
    assert not errors, errors


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report
