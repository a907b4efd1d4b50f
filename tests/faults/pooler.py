"""A PgBouncer of the system (Debian: pgbouncer) before a city's PostgreSQL, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers
from tests.faults.city import Restartable

#: The few lines that a city's own file has besides its accounts.
SETTINGS = """\
[databases]
* = host={database} user=postgres pool_size={connections}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
max_client_conn = 200
tcp_keepidle = 5
tcp_keepintvl = 5
tcp_keepcnt = 3
tcp_user_timeout = 20000
logfile = {folder}/log
"""


@contextmanager
def pooling(
    database_url: str, mode: str, *, connections: int = 8
) -> Iterator[tuple[str, Restartable]]:
    """The address through the pooler, and the pooler; gone with the block."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise servers.ServerMissing("install PgBouncer (Debian: apt-get install pgbouncer)")
    with tempfile.TemporaryDirectory(prefix="kunxin-pooler-") as given:
        folder, port = Path(given), servers.free_port()
        database = database_url.partition("?host=")[2]
        file = folder / "pgbouncer.ini"
        file.write_text(
            SETTINGS.format(
                database=database, port=port, mode=mode, folder=folder, connections=connections
            )
        )
        user = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
        if user is not None:
            account = pwd.getpwnam(user)
            for path in (folder, file):
                os.chown(path, account.pw_uid, account.pw_gid)
        server = Restartable(
            lambda: subprocess.Popen(
                [program, file], user=user, cwd=folder, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            ),
            "process up",
        )  # fmt: skip
        server.start()
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", server
        finally:
            server.end()
