"""A city whose servers may be harmed, and what must hold of its tables afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import servers
from tests.faults.city import City, open_city
from tests.oracle import unsound


@pytest.fixture
def city() -> Iterator[City]:
    try:
        with open_city() as opened:
            yield opened
            assert unsound(opened.practice.office) == []
    except servers.ServerMissing as missing:
        pytest.fail(str(missing))
