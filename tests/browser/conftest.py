"""A training office served by its own process, and a real Chromium that visits it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.site import PATIENCE, Site, served

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
