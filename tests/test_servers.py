"""The servers that tests run on leave nothing behind."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).parent.parent
OWNER = """
import json, signal, sys
from tests import servers
server = servers.start(sys.argv[1])
print(json.dumps([server.url, server.keeper]), flush=True)
signal.pause()
"""


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_a_server_ends_with_its_owner_even_when_that_is_killed(
    kind: str, postgres_url: str, redis_url: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, kind], stdout=subprocess.PIPE, cwd=ROOT
    ) as owner:
        assert owner.stdout is not None
        url, keeper = json.loads(owner.stdout.readline())
        ended = select.poll()
        ended.register(os.pidfd_open(keeper), select.POLLIN)
        owner.kill()
    assert ended.poll(30_000), "the keeper still runs"
    if kind == "postgresql":
        assert not Path(url.partition("host=")[2]).exists()


def test_a_server_is_gone_after_its_block(postgres_url: str) -> None:
    with servers.running("postgresql", durable=True) as server:
        folder = Path(server.url.partition("host=")[2])
        assert folder.exists()
    assert not folder.exists()


def test_what_is_made_once_is_made_once(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(len(made))
        return {"number": len(made)}

    found = [servers.once(tmp_path / "note.json", make) for _ in range(3)]
    assert found == [{"number": 1}] * 3
