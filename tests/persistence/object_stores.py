"""An object store on loopback that speaks S3 (moto's server), in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.persistence import object_store
from engine.persistence.object_store import ObjectStore

KEY, SECRET = "a key", "a secret"
BUCKET = "papers"


@dataclass
class StoreServer:
    process: subprocess.Popen[str]
    endpoint: str

    @property
    def address(self) -> str:
        return f"{self.endpoint}/{BUCKET}/kunxin"

    def open(self) -> ObjectStore:
        return object_store.open_object_store(self.address, KEY, SECRET)

    def client(self) -> Any:
        """What an administrator of the store uses."""
        return self.open()._client


@contextmanager
def running() -> Iterator[StoreServer]:
    """The server, with an empty bucket; gone with the block."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        server = StoreServer(process, _told_address(process))
        server.client().create_bucket(Bucket=BUCKET)
        yield server
    finally:
        process.kill()
        process.communicate()


def _told_address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", line):
            return found[1]
    raise AssertionError("".join(said))
