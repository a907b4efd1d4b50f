"""Time of the processors that a process has used: on a busy machine it tells more than the clock."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection

_TICKS = os.sysconf("SC_CLK_TCK")


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def backend(connection: Connection) -> int:
    """The server's process behind a connection."""
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


#: The least time that is told, seconds.
TICK = 1 / _TICKS


def seconds(pid: int) -> float:
    """User and system time of a process of this machine (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
