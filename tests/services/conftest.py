"""A practice for every test of the services, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.offices import Practice, open_practice
from tests.oracle import contradictions


@pytest.fixture
def practice(database_url: str, tmp_path: Path) -> Iterator[Practice]:
    """A practice; whatever a test has done to it, its tables agree with each other afterwards."""
    with closing(open_practice(database_url, tmp_path)) as opened:
        yield opened
        assert opened.is_tampered or contradictions(opened.office) == []


@pytest.fixture
def another_process(practice: Practice, database_url: str, tmp_path: Path) -> Iterator[Practice]:
    """A second process of the same installation: its own connections, its own memory."""
    with closing(open_practice(database_url, tmp_path, deployed=False)) as opened:
        yield opened
