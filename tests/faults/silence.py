"""A machine that is gone without a word: what is sent to its port, and what it sends, is dropped."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest


@contextmanager
def vanished(port: int) -> Iterator[None]:
    """Until the block ends nothing passes to or from the port on loopback, and nobody is told."""
    with ExitStack() as stack:
        for end in ("--dport", "--sport"):
            rule = ["INPUT", "-i", "lo", "-p", "tcp", end, str(port), "-j", "DROP"]
            try:
                subprocess.run(["iptables", "-I", *rule], check=True, capture_output=True)
            except (FileNotFoundError, subprocess.CalledProcessError):
                pytest.skip("only root can drop packets, by iptables")
            stack.callback(subprocess.run, ["iptables", "-D", *rule], check=True)
        yield
