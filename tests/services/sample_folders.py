"""Folders of workflows that hold what procedures share and one procedure, drawn for a test."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.settings import ROOT
from tests.runtime.sketches import Sketch, folder


def sharing(folder: Path, *parts: str) -> Path:
    """A folder of workflows with the shared tables, calendars, and these parts of `common`."""
    workflows, shared = folder / "workflows", ROOT / "workflows" / "common"
    for part in ("calendars", *parts):
        shutil.copytree(shared / part, workflows / "common" / part)
    for table in shared.glob("*.toml"):
        shutil.copy(table, workflows / "common")
    return workflows


def write(workflows: Path, *sketches: Sketch) -> None:
    """The procedure of these sketches, in the place of the one that was there."""
    shutil.rmtree(workflows / "sample", ignore_errors=True)
    for name, content in folder(*sketches).items():
        path = workflows / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
