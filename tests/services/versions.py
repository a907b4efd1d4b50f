"""A practice whose only procedure is drawn by sketches, and redrawn while cases run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from engine.services import cases, deploying, deployments
from tests.offices import FIRM, Practice, open_practice
from tests.runtime.sketches import Sketch
from tests.services.sample_folders import sharing, write
from tests.services.test_sample_procedures import overlooking

Drawn = Callable[..., "Redrawn"]


@dataclass
class Redrawn:
    """The practice, and the id of the version that it deployed last."""

    practice: Practice
    definition_id: UUID

    def file(self) -> str:
        practice = self.practice
        return cases.file(
            practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
        ).number

    def redraw(self, *sketches: Sketch, **changes: str) -> UUID:
        """Deploy another version; `changes` replace texts of procedure.toml. Its id."""
        write(self.practice.office.workflows, *sketches)
        path = self.practice.office.workflows / "sample/procedure.toml"
        for old, new in changes.items():
            path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        made = deployments.deploy_folder(
            self.practice.office, self.practice["feng"], path.parent, now=self.practice.now
        )
        assert made is not None
        return made


@pytest.fixture
def drawn(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    """Opens a practice with the sketches as its first version; the gate looks away."""
    monkeypatch.setattr(deploying, "judged", overlooking)
    workflows = sharing(tmp_path)
    with ExitStack() as stack:

        def open_with(*sketches: Sketch, deployed: bool = True) -> Redrawn:
            if deployed:
                write(workflows, *sketches)
            practice = open_practice(database_url, tmp_path, workflows=workflows, deployed=deployed)
            stack.enter_context(closing(practice))
            (newest, *_) = practice.all(_newest())
            return Redrawn(practice, newest)

        yield open_with


def _newest() -> object:
    from sqlalchemy import select

    from engine.persistence import models

    return select(models.ProcessDefinition.id).order_by(models.ProcessDefinition.version.desc())
