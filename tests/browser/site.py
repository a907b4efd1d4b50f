"""The site as visitors know it: an address, accounts to sign in with, pages to read."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page
from pypdf import PdfReader, PdfWriter

from engine.demo.cast import cast

ROOT = Path(__file__).parents[2]
DESK, PHONE = (1440, 900), (360, 740)
PATIENCE = 30_000  # ms for what a busy machine still has to answer
NUMBER = re.compile(r"\b(?:[A-Z]+-)+\d{8}-\d{6}\b")
#: What Chromium itself writes when an answer is a refusal; a test that expects one looks at the page.
REFUSED = "Failed to load resource"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`kunxin serve` on a free port with this data; gone at the end. The address without a slash."""
    command = [sys.executable, "-c", "from engine.command_line import main; main()", "serve"]
    settings = {"KUNXIN_SANDBOX": "1", "KUNXIN_DATA_DIR": str(folder), "PORT": str(_free_port())}
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen(
            command,
            env={**os.environ, **settings},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as server,
    ):
        assert server.stdout is not None
        alarm = threading.Timer(60, server.kill)
        alarm.start()
        try:
            address = _printed_address(server.stdout)
            assert address, "the server did not start: " + (folder / "server.log").read_text()
            alarm.cancel()
            yield address
        finally:
            alarm.cancel()
            server.terminate()
            server.stdout.read()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _printed_address(told: IO[str]) -> str:
    """What the server prints once it listens; '' when it ended instead."""
    found = (re.search(r"http://[\d.:]+", line) for line in told)
    return next((address.group() for address in found if address), "")


class Site:
    """Opens pages for visitors; remembers who has signed in, and what went wrong in their pages."""

    def __init__(self, address: str, browser: Browser) -> None:
        self.address = address
        self._browser = browser
        self._sessions: dict[str, Any] = {}
        self._open: list[BrowserContext] = []
        self._errors: list[str] = []

    def visit(
        self,
        path: str = "/",
        *,
        who: str | None = None,
        language: str = "zh",
        size: tuple[int, int] = DESK,
    ) -> Page:
        """A page of its own visitor, signed in if `who` names an account."""
        if who is not None and who not in self._sessions:
            self._sessions[who] = self._sign_in(who)
        page = self._context(size, language, self._sessions.get(who or "")).new_page()
        page.goto(path)
        return page

    def _context(self, size: tuple[int, int], language: str, session: Any) -> BrowserContext:
        width, height = size
        context = self._browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            locale="zh-CN" if language == "zh" else "en",
            timezone_id="Asia/Shanghai",
            storage_state=session,
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self._errors.append(str(error.error)))
        self._open.append(context)
        return context

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSED):
            where = message.page.url if message.page else ""
            self._errors.append(f"{where}: {message.text}")

    def _sign_in(self, who: str) -> Any:
        page = self.visit("/login")
        sign_in(page, who)
        state = page.context.storage_state()
        self._open.remove(page.context)
        page.context.close()
        return state

    def photograph(self, folder: Path) -> None:
        """A picture of every page that is open, for whoever has to find out why a test failed."""
        for number, page in enumerate(page for context in self._open for page in context.pages):
            page.screenshot(path=folder / f"page-{number}.png", full_page=True)

    def leave(self) -> list[str]:
        """Close every page. What went wrong in them."""
        for context in self._open:
            context.close()
        errors, self._open, self._errors = self._errors, [], []
        return errors


def sign_in(page: Page, who: str) -> None:
    """Fill in the sign-in page that is open, and arrive."""
    page.get_by_label("账号").fill(who)
    page.get_by_label("密码").fill(cast().password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def firm(key: str) -> str:
    """The name of an enterprise of the cast."""
    return cast().firms[key].name


def number_in(text: str) -> str:
    """The first case number in a text."""
    found = NUMBER.search(text)
    assert found, f"no case number in: {text}"
    return found.group()


def text_of_pdf(content: bytes) -> str:
    """What a PDF says, without the spaces and lines in which typesetting breaks it."""
    assert content.startswith(b"%PDF-")
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def small_pdf(path: Path) -> Path:
    """A real PDF of one blank page."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.write(path)
    return path


def reload_until(page: Page, wanted: Locator) -> None:
    """Look again and again until it is there: for what the office makes in the background."""
    for _ in range(200):
        if wanted.count():
            return
        page.reload()
    raise AssertionError(f"never came: {wanted}")
