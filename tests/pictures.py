"""Pictures of all that is shipped, for people to look at: `make pictures` writes them.

Diagrams are drawn by the viewer that the pages use; letters are those that the scenarios issue,
each kind once, page by page.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from shutil import which
from typing import Any

from playwright.sync_api import Page, sync_playwright

from engine.persistence import models, schema
from engine.settings import ROOT
from tests.letter_pages import drawn, flaws, png
from tests.offices import open_practice
from tests.test_procedures import WHOLE, name, play_through, read

VIEWER = ROOT / "web/frontend/node_modules/bpmn-js/dist/bpmn-viewer.production.min.js"
SCREEN = """<!doctype html><meta charset="utf-8"><style>
html,body{margin:0;background:#fff}#canvas{width:1800px;height:1100px}.bjs-powered-by{display:none}
</style><div id="canvas"></div>"""
SHOW = """async (xml) => {
  const viewer = new BpmnJS({container: '#canvas'});
  await viewer.importXML(xml);
  viewer.get('canvas').zoom('fit-viewport', 'auto');
}"""


def diagrams(page: Page, out: Path) -> list[str]:
    made = []
    for path in sorted((ROOT / "workflows").rglob("*.bpmn")):
        page.set_content(SCREEN)
        page.add_script_tag(path=VIEWER)
        page.evaluate(SHOW, path.read_text("utf-8"))
        title = "-".join(path.relative_to(ROOT / "workflows").with_suffix("").parts)
        page.screenshot(path=out / f"{title}.png")
        made.append(title)
    return made


def letters(out: Path) -> list[str]:
    """Each kind of letter of each edition, as the first scenario that issues it prints it."""
    made: list[str] = []
    for path in WHOLE:
        edition = name(path).removesuffix(f"-{path.stem}")
        wanted = {f"{edition}-{key}" for key in read(path)["then"]["letters"]}
        if wanted - set(made):
            made += _played(path, edition, out, set(made))
    return made


def _played(path: Path, edition: str, out: Path, had: set[str]) -> list[str]:
    made = []
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/kunxin.db"
        schema.upgrade(database)
        with closing(open_practice(database, Path(folder))) as practice:
            number, _ = play_through(path, practice)
            for letter in practice.of_case(models.Letter, number):
                title = f"{edition}-{letter.key}"
                if title not in had and letter.sha256:
                    made.append(title)
                    _write(practice.office.files.get(letter.sha256), out, title)
    return made


def _write(pdf: bytes, out: Path, title: str) -> None:
    for flaw in flaws(pdf):
        sys.stdout.write(f"{title}: {flaw}\n")
    for count, page in enumerate(drawn(pdf, scale=1.2), 1):
        (out / f"{title}-{count}.png").write_bytes(png(page))


def main(out: Path) -> None:
    for part in ("diagrams", "letters"):
        (out / part).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser: Any = playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox"]
        )
        drawings = diagrams(
            browser.new_page(viewport={"width": 1800, "height": 1100}), out / "diagrams"
        )
        browser.close()
    printed = letters(out / "letters")
    told = {"diagrams": drawings, "letters": sorted(printed)}
    sys.stdout.write(json.dumps({key: len(made) for key, made in told.items()}) + f" → {out}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/pictures"))
