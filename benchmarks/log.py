"""The write-ahead log: how much of it, and for which tables and indexes."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Engine

from benchmarks.watch import Watch
from tests import servers

NAMES = """
SELECT pg_relation_filenode(c.oid), coalesce(owner.relname || ' (documents)', c.relname)
FROM pg_class c
LEFT JOIN pg_class owner ON c.relkind = 't' AND owner.reltoastrelid = c.oid
WHERE c.relkind IN ('r', 'i', 't') AND pg_relation_filenode(c.oid) IS NOT NULL
"""
RECORD = re.compile(r"rmgr: \S+\s+len \(rec/tot\):\s*\d+/\s*(\d+)")
RELATION = re.compile(r"rel \d+/\d+/(\d+)")


class Log:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def begin(self, *, full_pages: bool) -> int:
        """A checkpoint; the position after it."""
        self._watch.checkpoint(full_pages=full_pages)
        return self._watch.log_position()

    def size(self, began: int) -> int:
        """Bytes since."""
        return self._watch.log_position() - began

    def largest(self, began: int, engine: Engine, tasks: int) -> str:
        """The relations that most of it was for, with bytes for each task."""
        with engine.connect() as connection:
            names = {str(node): str(name) for node, name in connection.exec_driver_sql(NAMES)}
        sizes: Counter[str] = Counter()
        for relation, size in self._records(began, names):
            sizes[relation] += size
        return ", ".join(f"{name} {size / tasks:.0f} B" for name, size in sizes.most_common(4))

    def _records(self, began: int, names: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        program = servers.postgresql_programs() / "pg_waldump"
        if not program.exists():
            return
        end = self._watch.log_position()
        places = ["--start", _position(began), "--end", _position(end)]
        folder = Path(self._watch.data_folder()) / "pg_wal"
        told = subprocess.run(
            [program, "--path", folder, *places], capture_output=True, text=True, check=False
        ).stdout
        for line in told.splitlines():
            record, relation = RECORD.match(line), RELATION.search(line)
            if record:
                name = names.get(relation[1], "") if relation else ""
                yield name or "transactions", int(record[1])


def _position(bytes_so_far: int) -> str:
    """As PostgreSQL writes it: high and low half, hexadecimal."""
    return f"{bytes_so_far >> 32:X}/{bytes_so_far & 0xFFFFFFFF:X}"
