"""A RabbitMQ of the system (Debian: rabbitmq-server), run in a folder of its own on loopback."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import servers

READY = "completed with"
PLACES = "/usr/lib/rabbitmq/lib"


def program() -> str | None:
    """The server itself: the script on the path insists on the system's own account."""
    found = sorted(Path(PLACES).glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    return str(found[-1]) if found else None


@dataclass
class RabbitMq:
    """A broker that can be ended and started again, over the same queues or over none."""

    folder: Path
    port: int = field(default_factory=servers.free_port)
    password: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[str] | None = None
    _names_port: int = field(default_factory=servers.free_port)

    @property
    def url(self) -> str:
        return f"amqp://kunxin:{self.password}@127.0.0.1:{self.port}//"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._names_port),
            "RABBITMQ_NODENAME": f"kunxin{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(servers.free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "queues"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_LOGS": "-",
        }

    def start(self) -> None:
        found = program()
        if found is None:
            raise servers.ServerMissing(
                "install RabbitMQ (Debian: apt-get install rabbitmq-server)"
            )
        (self.folder / "rabbitmq.conf").write_text(
            f"default_user = kunxin\ndefault_pass = {self.password}\nlog.console.level = info\n"
        )
        (self.folder / "plugins").write_text("[].\n")
        self.process = subprocess.Popen(
            [found], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        servers.await_line(self.process, READY)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """The whole group: the script stands before Erlang's own process."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(timeout=120)

    def forget(self) -> None:
        """All its queues and messages are gone."""
        shutil.rmtree(self.folder / "queues")

    def end_names(self) -> None:
        """Erlang's name server stays behind by itself."""
        subprocess.run(
            ["epmd", "-port", str(self._names_port), "-kill"], env=self.environment,
            capture_output=True, check=False,
        )  # fmt: skip


@contextmanager
def running() -> Iterator[RabbitMq]:
    """A broker, started; gone with the block."""
    with tempfile.TemporaryDirectory(prefix="kunxin-rabbit-") as folder:
        broker = RabbitMq(Path(folder))
        try:
            broker.start()
            yield broker
        finally:
            broker.end()
            broker.end_names()
