"""What every page asks beside its own, and an office that people sign in to."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.services import notices
from tests.doors import hash_cheaply, open_doors
from tests.offices import Practice


@pytest.fixture(autouse=True)
def _nothing_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "unread", lambda office, actor: 0)


@pytest.fixture
def doors(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """An office that has people and nothing else; to hash a password costs little there."""
    hash_cheaply(monkeypatch)
    with closing(open_doors(database_url, tmp_path)) as opened:
        yield opened
