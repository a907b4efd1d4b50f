"""A city's installation on this machine: PostgreSQL, Redis, gunicorn, worker and beat, each of which may die."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.domain.actor import Actor
from engine.persistence import schema
from engine.settings import ROOT
from engine.worker import celery_app
from tests import servers
from tests.bearers import row_of
from tests.offices import Practice, open_practice, usual_answers

KUNXIN = [sys.executable, "-c", "from engine.command_line import main; main()"]
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
#: No wait of a test is longer; a machine that needs more is broken.
PATIENCE = 120


@dataclass
class Restartable:
    """A server that can be ended and started again over the same data, if it keeps any."""

    run: Callable[[], subprocess.Popen[str]]
    ready: str
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = self.run()
        servers.await_line(self.process, self.ready)

    def end(self, number: signal.Signals = signal.SIGINT) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=PATIENCE)


@dataclass
class Program:
    """A process of the installation and what it has said so far."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                with self._news:
                    self.said.append(line)
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def until(self, pattern: str, *, times: int = 1) -> None:
        """Wait for so many lines of this kind."""

        def is_said() -> bool:
            return sum(bool(re.search(pattern, line)) for line in self.said) >= times

        with self._news:
            self._news.wait_for(lambda: is_said() or self.process.poll() is not None, PATIENCE)
            assert is_said(), f"never said {pattern}:\n{''.join(self.said[-40:])}"

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class City:
    """The installation, and a practice over the same tables for what a test prepares and asks."""

    folder: Path
    database: Restartable
    broker: Restartable
    database_url: str
    broker_url: str
    practice: Practice
    tokens: Mapping[str, str]
    port: int
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "KUNXIN_DATABASE_URL": self.database_url,
            "KUNXIN_BROKER_URL": self.broker_url,
            "KUNXIN_DATA_DIR": str(self.folder),
            "KUNXIN_SECRET_KEY": "for tests",
            "KUNXIN_SANDBOX": "1",
            "KUNXIN_BIND": f"127.0.0.1:{self.port}",
            **self.settings,
        }

    @contextmanager
    def running(self, command: Sequence[str], ready: str) -> Iterator[Program]:
        """A program of the installation, started, ready, and ended with the block."""
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        program = Program(process)
        program.listen()
        try:
            program.until(ready)
            yield program
        finally:
            program.end()

    @contextmanager
    def web(self) -> Iterator[Program]:
        command = [*GUNICORN, "tests.faults.training_office:application()"]
        with self.running(command, r"Booting worker") as program:
            self.await_ready()
            yield program

    @contextmanager
    def worker(self, program: Sequence[str] = KUNXIN) -> Iterator[Program]:
        with self.running([*program, "worker", "--concurrency=2"], r"ready\.") as running:
            yield running

    @contextmanager
    def beat(self) -> Iterator[Program]:
        with self.running([*KUNXIN, "beat"], r"beat: Starting") as program:
            yield program

    # ── talking to it ───────────────────────────────────────────────────────────────────────────

    def ask(
        self, method: str, path: str, *, who: str = "", body: Any = None, key: str = ""
    ) -> Answer:
        """One request of a program. OSError or HTTPException when nobody answers it."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        if key:
            headers["Idempotency-Key"] = key
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(line):
            line.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = line.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def await_ready(self) -> None:
        def is_ready() -> bool:
            try:
                return self.ask("GET", "/readyz").status == 200
            except (OSError, http.client.HTTPException):
                return False

        wait_for(is_ready, "the web to be ready")

    def worked_by(self, hands: int, numbers: Sequence[str]) -> Work:
        return Work(self, hands, list(numbers))


def wait_for(holds: Callable[[], bool], what: str) -> None:
    """Until it holds; asked ten times a second, as nothing tells."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)


@dataclass
class Work:
    """Hands that complete cases through the API until they are closed, whatever happens to the servers."""

    city: City
    hands: int
    numbers: list[str]
    acknowledged: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    is_over: bool = False
    wrong: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Work:
        for place in range(self.hands):
            mine = self.numbers[place :: self.hands]
            self._threads.append(threading.Thread(target=self._work, args=(mine,), daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(PATIENCE * 2)
        assert not any(thread.is_alive() for thread in self._threads), "the work never ended"

    def until(self, completions: int) -> None:
        """Wait for so many acknowledged completions in all."""
        with self._news:
            done = self._news.wait_for(
                lambda: self.acknowledged.total() >= completions or bool(self.wrong), PATIENCE
            )
        assert done, self.wrong

    def stop(self) -> None:
        """The hands do nothing more."""
        self.is_over = True

    def until_answered(self, status: int) -> None:
        """Wait until somebody was given this answer."""
        with self._news:
            assert self._news.wait_for(lambda: self.answers[status] > 0, PATIENCE), self.answers

    def _work(self, numbers: Sequence[str]) -> None:
        for number in numbers:
            while not self.is_over and not self.wrong and self._step(number):
                pass

    def _step(self, number: str) -> bool:
        """One step of the case, or another try; False when it is closed."""
        try:
            seen = self._ask("GET", f"/api/v1/cases/{number}", "fang")
            if seen is None:
                return True
            open_now = [t for t in seen.json["tasks"] if t["state"] in ("ready", "claimed")]
            if seen.json["state"] != "open":
                return False
            if not open_now:
                payload = {"site": "credit_china"}
                path = f"/api/v1/cases/{number}/messages/takedown_acknowledged"
                self._ask("POST", path, "lin", payload)
                return True
            self._complete(number, open_now[0])
        except (OSError, http.client.HTTPException):
            with self._news:
                self.unanswered += 1
                self._news.wait(0.05)
        return True

    def _complete(self, number: str, task: Mapping[str, Any]) -> None:
        element = task["element_id"]
        path, body = f"/api/v1/tasks/{task['id']}/complete", {"answers": usual_answers(element)}
        answer = self._ask("POST", path, self.somebody_for(element), body)
        if answer is not None and answer.status == 200:
            with self._news:
                self.acknowledged[number, element] += 1
                self._news.notify_all()

    def somebody_for(self, element: str) -> str:
        return WHO[element]

    def _ask(self, method: str, path: str, who: str, body: Any = None) -> Answer | None:
        """The answer; None when it is to come back later or somebody was faster."""
        answer = self.city.ask(method, path, who=who, body=body)
        with self._news:
            self.answers[answer.status] += 1
            if answer.status not in (200, 201, 202, 204, 404, 409, 503):
                self.wrong.append(f"{method} {path}: {answer.status} {answer.body[:400]!r}")
            if answer.status == 503 and "Retry-After" not in answer.headers:
                self.wrong.append(f"{path}: 503 without Retry-After")
            self._news.notify_all()
            if answer.status == 503:
                self._news.wait(0.05)
        return answer if answer.status < 300 else None


#: Who does which step of a granted case: other eyes for the check than for the removal.
WHO = {
    "review_filing": "zhou",
    "give_opinion": "wu",
    "first_review": "wang",
    "second_review": "gu",
    "take_down": "lin",
    "verify": "he",
    "verify_sites": "he",
}


@dataclass(frozen=True, slots=True)
class FreeServers:
    """A database and a broker of their own, and the folder they lie in."""

    folder: Path
    cluster: servers.Cluster
    database: Restartable
    broker: Restartable
    broker_url: str


@contextmanager
def free_servers() -> Iterator[FreeServers]:
    """PostgreSQL that survives a crash and a Redis that keeps nothing; gone with the block."""
    folder = Path(tempfile.mkdtemp(prefix="kunxin-city-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for part in ("database", "broker"):
            (folder / part).mkdir()
        folder.chmod(0o711)  # PostgreSQL may run as another account
        cluster = servers.Cluster.make(folder / "database")
        stack.callback(shutil.rmtree, servers.copied_programs(cluster.folder), ignore_errors=True)
        database = Restartable(lambda: cluster.run(durable=True), servers.READY["postgresql"])
        port, password = servers.free_port(), secrets.token_hex(16)
        broker = Restartable(
            lambda: servers.run_redis(folder / "broker", port, password), servers.READY["redis"]
        )
        for server in (database, broker):
            server.start()
            stack.callback(server.end)
        broker_url = f"redis://:{password}@127.0.0.1:{port}/0"
        yield FreeServers(folder, cluster, database, broker, broker_url)


@contextmanager
def open_city() -> Iterator[City]:
    """A city with nothing running but its database and its broker."""
    with ExitStack() as stack:
        given = stack.enter_context(free_servers())
        schema.upgrade(given.cluster.url)
        stack.enter_context(closing(celery_app.make_celery(given.broker_url)))
        folder = given.folder / "data"
        folder.mkdir()
        practice = stack.enter_context(
            closing(
                open_practice(
                    given.cluster.url, folder, announce=celery_app.announce, in_real_time=True
                )
            )
        )
        yield City(
            folder=folder,
            database=given.database,
            broker=given.broker,
            database_url=given.cluster.url,
            broker_url=given.broker_url,
            practice=practice,
            tokens=_tokens(practice, practice.cast),
            port=servers.free_port(),
        )


def _tokens(practice: Practice, cast: Mapping[str, Actor]) -> dict[str, str]:
    now = datetime.now(UTC)
    with practice.office.uow.begin() as session:
        for name, actor in cast.items():
            session.add(row_of(name, actor.id, now))
    return {name: name for name in cast}
