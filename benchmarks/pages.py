"""The caseworker's pages on a city's million cases: sixteen people at once, each with time to read."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from statistics import median
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import event, select, text

from benchmarks import city, installation, processor, scenario
from benchmarks.figures import Figure
from benchmarks.installation import Place
from engine.domain.actor import Actor
from engine.persistence import models
from engine.services import people, tasks
from engine.services.office import Office

#: Who works: four in each group, at the same time.
USERS = {
    f"{group}_{number}": (group, department or "market_regulation")
    for group, department in city.STEPS.values()
    for number in range(4)
}
#: Two processes, as a server of two cores has.
PROCESSES = 2
THINKING = 1.0  # seconds between two pages of one person, on average
DOCUMENTS = 500
PATIENCE = 60
MOST, MOST_OF_MANY = 100, 200


@dataclass
class Taken:
    """Milliseconds in the server and for the client, by kind of page."""

    server: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    client: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    used: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """Cases driven for real to each of the desks (number, open task, element); the first of them has
    DOCUMENTS papers."""

    real: tuple[tuple[str, UUID, str], ...]

    def as_json(self) -> list[list[str]]:
        return [[number, str(task_id), element] for number, task_id, element in self.real]

    @classmethod
    def from_json(cls, told: list[list[str]]) -> Made:
        return cls(tuple((number, UUID(task_id), element) for number, task_id, element in told))


def make(office: Office, cases: int) -> Made:
    """People, cases driven for real, and a city's million around them."""
    real = _drive(office, 16)
    _people(office)
    (template,) = installation.file_cases(office, 1, "城")
    city.fill(office, template, cases, _officers())
    _with_documents(office, real[0])
    return Made(tuple(real))


def measure(place: Place, office: Office, made: Made, rounds: int) -> Iterator[Figure]:
    """Every user `rounds` times: own list, group's list, a poll, a task, its case, one search."""
    real, large = made.real, made.real[0]
    cases, of_them = _rows(office, "case_file"), _rows(office, "task")
    yield Figure("cases / tasks", cases, "", note=f"{of_them:,} tasks")
    yield from _explained(office)
    taken = Taken()
    with _serving(place) as ports:
        users = [User(ports[n % PROCESSES], name, taken) for n, name in enumerate(USERS)]
        for user in users:
            user.sign_in()
            user.work(real, large, rounds=2)  # connections, prepared statements, templates
        taken.server.clear()
        taken.client.clear()
        taken.used.clear()
        with ThreadPoolExecutor(len(users)) as pool:
            list(pool.map(lambda user: user.work(real, large, rounds, THINKING), users))
    yield from _told(taken)


def _told(taken: Taken) -> Iterator[Figure]:
    floor = _at(taken.server["floor"], 0.5)
    yield Figure("a page that asks nothing", floor, "ms", note=f"the floor; {processor.load()}")
    for kind, times in taken.server.items():
        if kind == "floor":
            continue
        p95, middle = _at(times, 0.95), median(times)
        of_client = _at(taken.client[kind], 0.95)
        note = (
            f"median {middle:.1f} ms, {middle / floor:.1f} × the floor, of it"
            f" {median(taken.used[kind]):.1f} ms of a processor of the web; for the client"
            f" {of_client:.0f} ms; {len(times)} asked, {len(USERS)} users,"
            f" {taken.bytes[kind] / 1000:.0f} kB"
        )
        most = MOST_OF_MANY if kind.startswith("case with") else MOST
        yield Figure(f"{kind}: server time, p95", p95, "ms", at_most=most, note=note)


def _at(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# ── who works, on what ──────────────────────────────────────────────────────────────────────────


def _officers() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, (group, _) in USERS.items():
        found[group].append(name)
    return dict(found)


def _people(office: Office) -> None:
    for name, (group, department) in USERS.items():
        people.add_person(
            office, name, name, name, now=city.NOW, department=department, groups=[group]
        )


def _drive(office: Office, each: int) -> list[tuple[str, UUID, str]]:
    """Cases driven for real to each of the desks: number, open task, element."""
    found = []
    ids = installation.file_cases(office, each * len(city.STEPS), "页")
    answers = installation.answers()
    actors = _actors(office)
    for place, element in enumerate(city.STEPS):
        stay, ids = ids[:each], ids[each:]
        for case_id, task_id in zip(
            stay, installation.open_tasks(office, stay, element), strict=True
        ):
            found.append((_number(office, case_id), task_id, element))
        if place < len(city.STEPS) - 1:
            for task_id in installation.open_tasks(office, ids, element):
                tasks.complete(
                    office, actors[element], task_id, answers[element], now=installation.NOW
                )
    return found


def _actors(office: Office) -> Mapping[str, Actor]:
    return {
        element: people.actor_of_username(office, group)
        for element, (group, _) in installation.DESKS.items()
    }


def _number(office: Office, case_id: UUID) -> str:
    with office.uow.read() as session:
        return session.get_one(models.Case, case_id).number


def _with_documents(office: Office, real: tuple[str, UUID, str]) -> None:
    """That case with 500 papers."""
    number = real[0]
    with office.uow.begin() as session:
        case = session.scalars(select(models.Case).where(models.Case.number == number)).one()
        session.add_all(
            models.Paper(
                id=UUID(int=n + 1),
                case_id=case.id,
                kind="other",
                filename=f"材料{n}.pdf",
                media_type="application/pdf",
                size=1000 + n,
                sha256=f"{n:064x}",
                source="upload",
                uploaded_by=case.applicant_name,
                uploaded_at=installation.NOW,
                receipt=f"{number[-6:]}-{n}",
            )
            for n in range(DOCUMENTS)
        )


def _rows(office: Office, table: str) -> int:
    with office.uow.engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


def _explained(office: Office) -> Iterator[Figure]:
    """What the first page of the fullest list reads, as PostgreSQL tells it."""
    actor = people.actor_of_username(office, "credit_clerk_0")
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if "FROM task" in statement and "LIMIT" in statement:
            seen.append((statement, values))

    for scope in ("mine", "group", "all", "upcoming", "done"):
        for engine in office.uow.engines:
            event.listen(engine, "before_cursor_execute", note)
        tasks.inbox(office, actor, now=city.NOW, scope=scope)
        for engine in office.uow.engines:
            event.remove(engine, "before_cursor_execute", note)
        statement, values = seen.pop()
        with office.uow.engine.connect() as connection:
            asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
            connection.exec_driver_sql(asked, values)
            plan = connection.exec_driver_sql(asked, values).scalar_one()[0]
        root = plan["Plan"]
        pages = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
        indexes = ", ".join(sorted(set(_indexes(root))))
        title = f"inbox, {scope}: pages of the database read"
        yield Figure(title, pages, "", note=f"{plan['Execution Time']:.1f} ms; {indexes}")


def _indexes(node: Mapping[str, Any]) -> Iterator[str]:
    if "Index Name" in node:
        yield node["Index Name"]
    elif node["Node Type"].endswith("Seq Scan"):
        yield f"whole {node['Relation Name']}"
    for inner in node.get("Plans", ()):
        yield from _indexes(inner)


# ── asking ──────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _serving(place: Place) -> Iterator[list[int]]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.page_server",
        place.database_url,
        str(place.folder),
    ]
    servers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=scenario.ROOT)
        for _ in range(PROCESSES)
    ]
    try:
        ports = []
        for server in servers:
            assert server.stdout is not None
            ports.append(json.loads(server.stdout.readline())["port"])
        yield ports
    finally:
        for server in servers:
            server.terminate()
            server.wait()


class User:
    """Somebody with a browser: one connection, a session, and a list that is polled."""

    def __init__(self, port: int, name: str, taken: Taken) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._name, self._taken = name, taken
        self._cookies: dict[str, str] = {}
        self._random = random.Random(name)  # noqa: S311 - when to read, nothing secret

    def sign_in(self) -> None:
        page, _ = self._ask("GET", "/login")
        token = re.search(rb'csrf_token" value="([^"]+)', page)
        assert token is not None
        sent = {"csrf_token": token[1].decode(), "username": self._name, "password": self._name}
        self._ask("POST", "/login", urlencode(sent))

    def work(
        self,
        real: Sequence[tuple[str, UUID, str]],
        large: tuple[str, UUID, str],
        rounds: int,
        thinking: float = 0.0,
    ) -> None:
        group = USERS[self._name][0]
        mine = [one for one in real if city.STEPS[one[2]][0] == group]
        for _ in range(rounds):
            number, task_id, _element = self._random.choice(mine)
            for kind, path in (
                ("floor", "/about"),
                ("inbox, mine", "/desk"),
                ("inbox, the group's", "/desk?scope=group"),
                ("inbox, by a text", "/desk?scope=group&q=%E7%AC%AC77"),
                ("inbox, asked again", "/desk/rows?scope=group"),
                ("task page", f"/desk/tasks/{task_id}"),
                ("task beside the list", f"/desk/tasks/{task_id}/pane"),
                ("case page", f"/desk/cases/{number}"),
                ("search of everything", "/search?q=%E7%AC%AC4711"),
            ):
                self._timed(kind, path, thinking)
            if large in mine:
                path = f"/desk/cases/{large[0]}?tab=papers"
                self._timed(f"case with {DOCUMENTS} documents", path, thinking)

    def _timed(self, kind: str, path: str, thinking: float) -> None:
        if thinking:
            sleep(self._random.expovariate(1 / thinking))
        begun = perf_counter()
        body, headers = self._ask("GET", path)
        self._taken.client[kind].append((perf_counter() - begun) * 1e3)
        self._taken.server[kind].append(float(headers["X-Taken"]))
        self._taken.used[kind].append(float(headers["X-Used"]))
        self._taken.bytes[kind] = len(body)

    def _ask(self, method: str, path: str, sent: str | None = None) -> tuple[bytes, Any]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Cookie": cookies, "Accept-Language": "zh"}
        if sent is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, sent, headers)
        answer = self._connection.getresponse()
        body = answer.read()
        for given in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        wanted = HTTPStatus.FOUND if method == "POST" else HTTPStatus.OK
        assert answer.status == wanted, (path, answer.status, answer.getheader("Location"))
        return body, answer.headers
