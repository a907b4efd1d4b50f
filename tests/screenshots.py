"""Pictures of the main pages for the README, in both languages: `make screenshots` takes them.

A training office is filled (or copied from KUNXIN_TEST_OFFICE), served, and visited as people do.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, NAMES
from tests.browser.site import ROOT, Site, served

DESK, PHONE = (1280, 800), (390, 844)
LANGUAGES = ("zh", "en")
LARGEST = 150_000  # bytes of a picture
LARGEST_ALL = 1_500_000
Step = Callable[[Page], None]

#: At most 256 colours, the most frequent of those that a picture has: pages are flat.
REDUCE = """async (source) => {
  const image = new Image();
  image.src = `data:image/png;base64,${source}`;
  await image.decode();
  const { width, height } = image;
  const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  const counts = new Map();
  const key = (at) => ((data[at] & 0xf8) << 16) | ((data[at + 1] & 0xf8) << 8) | (data[at + 2] & 0xf8);
  const exact = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const coarse = key(at);
    counts.set(coarse, (counts.get(coarse) || 0) + 1);
    if (!exact.has(coarse)) exact.set(coarse, [data[at], data[at + 1], data[at + 2]]);
  }
  const kept = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([coarse]) => coarse);
  const palette = kept.map((coarse) => exact.get(coarse));
  const places = new Map(kept.map((coarse, place) => [coarse, place]));
  const near = ([r, g, b]) => {
    let best = 0, least = Infinity;
    palette.forEach(([x, y, z], place) => {
      const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
      if (far < least) [least, best] = [far, place];
    });
    return best;
  };
  const pixels = new Uint8Array(width * height);
  for (let at = 0, place = 0; at < data.length; at += 4, place += 1) {
    const coarse = key(at);
    if (!places.has(coarse)) places.set(coarse, near(exact.get(coarse)));
    pixels[place] = places.get(coarse);
  }
  let text = "";
  for (let at = 0; at < pixels.length; at += 32768) text += String.fromCharCode(...pixels.subarray(at, at + 32768));
  return { width, height, palette: palette.flat(), pixels: btoa(text) };
}"""


@dataclass(frozen=True)
class Shot:
    """A page as somebody sees it. `steps`: what is done before the picture is taken."""

    name: str
    who: str | None
    path: str
    size: tuple[int, int] = DESK
    steps: tuple[Step, ...] = ()


def follow(selector: str) -> Step:
    """Click the first of these and wait for what comes."""

    def step(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return step


def wait(selector: str) -> Step:
    def step(page: Page) -> None:
        page.locator(selector).first.wait_for()

    return step


def choose(element: str) -> Step:
    """Select a drawn element in the modeler."""

    def step(page: Page) -> None:
        page.locator(f".djs-element[data-element-id='{element}'] .djs-hit").first.click(force=True)

    return step


SHOTS = (
    Shot("inbox", "zhoumin", "/desk", steps=(follow(".trow a"),)),
    Shot("task", "zhoumin", "/desk", (1280, 1200), (
        follow(".trow a"), follow("#pane .btns a[href^='/desk/tasks/']:not([data-dialog])"),
        follow("#tab-diagram"), wait("#panel-diagram [data-diagram-ready]"))),
    Shot("board", "luxiaolan", "/supervision"),
    Shot("heatmap", "luxiaolan", "/supervision/heatmap/credit_repair", steps=(wait("[data-diagram-ready]"),)),
    Shot("modeler", "qinli", "/admin/procedures", steps=(
        follow("section[aria-labelledby='p-objection'] table a"), follow("a[href$='/model']"),
        wait("[data-ready]"), choose("intake"))),
    Shot("portal", None, "/", PHONE),
    Shot("records", "mulan", "/my/records", PHONE),
    Shot("case", "chengyuan", "/my", PHONE, (follow("a[href*='/my/cases/']"),)),
)  # fmt: skip


def take(site: Site, shots: tuple[Shot, ...] = SHOTS) -> Iterator[tuple[str, bytes]]:
    """(name-language, PNG) of every shot."""
    for language in LANGUAGES:
        for shot in shots:
            page = site.visit(shot.path, who=shot.who, language=language, size=shot.size)
            for step in shot.steps:
                step(page)
            page.wait_for_load_state("networkidle")
            yield f"{shot.name}-{language}", small(page.context.new_page(), page.screenshot())
            page.context.close()


def small(blank: Page, picture: bytes) -> bytes:
    """The picture as a PNG with a palette."""
    told: dict[str, Any] = blank.evaluate(REDUCE, b64encode(picture).decode())
    width, height, pixels = told["width"], told["height"], b64decode(told["pixels"])
    lines = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(told["palette"])),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))
        for kind, held in parts
    )


def filled(folder: Path) -> Path:
    """The data of a training office with its month behind it."""
    if given := os.environ.get("KUNXIN_TEST_OFFICE"):
        shutil.copytree(given, folder, dirs_exist_ok=True)
        return folder
    command = [sys.executable, "-c", "from engine.command_line import main; main()", "demo"]
    settings = {"KUNXIN_SANDBOX": "1", "KUNXIN_DATA_DIR": str(folder)}
    subprocess.run(command, env={**os.environ, **settings}, cwd=ROOT, check=True)
    return folder


def visit(browser: Browser, out: Path) -> list[tuple[str, int]]:
    with tempfile.TemporaryDirectory() as held, served(filled(Path(held))) as address:
        made = []
        for name, picture in take(Site(address, browser)):
            (out / f"{name}.png").write_bytes(picture)
            made.append((name, len(picture)))
        return made


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "web/screenshots")
    out.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        raise SystemExit("No Chromium here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        made = visit(browser, out)
        browser.close()
    for name, size in made:
        sys.stdout.write(f"{name:<16} {size / 1000:6.0f} kB\n")
    heavy = [name for name, size in made if size > LARGEST]
    total = sum(size for _, size in made)
    if heavy or total > LARGEST_ALL:
        raise SystemExit(f"too large: {', '.join(heavy)} ({total / 1e6:.1f} MB in all)")


if __name__ == "__main__":
    main()
