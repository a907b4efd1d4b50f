"""The README's chapter on production, command by command, against real servers on loopback."""

from __future__ import annotations

import configparser
import http.client
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import func, select, table, text

from engine.persistence.unit_of_work import connect
from engine.settings import ROOT, SettingMissing, read_settings, refuse_unsafe
from tests import servers
from tests.faults.city import Program, free_servers, wait_for
from tests.offices import penalties

CHAPTER = (
    (ROOT / "README.md").read_text("utf-8").partition("\n## Production\n")[2].partition("\n## ")[0]
)
#: The commands of the chapter, without their comments.
COMMANDS = [
    shlex.join(words)
    for block in re.findall(r"```sh\n(.*?)```", CHAPTER, re.DOTALL)
    for line in block.splitlines()
    if (words := shlex.split(line, comments=True))
]
#: Any exit code that is no success: gunicorn's depends on which of its processes gave up first.
REFUSED = 256
PASSWORD = "a long one for the first administrator"


@dataclass(frozen=True)
class Server:
    """A machine after the first half of the chapter: account, empty database, settings."""

    folder: Path
    programs: Path
    environment: Mapping[str, str]

    def command(self, beginning: str) -> list[str]:
        """The chapter's command that begins like this, its folders ours."""
        (found,) = [each for each in COMMANDS if each.startswith(beginning)]
        local = {
            "backups": str(self.folder / "backups"),
            "kunxin.env": str(self.folder / "kunxin.env"),
        }
        return [local.get(word, word) for word in shlex.split(found)]

    def run(self, *words: str, typed: str = "", code: int = 0) -> str:
        done = subprocess.run(
            words, cwd=ROOT, env=dict(self.environment), input=typed, capture_output=True,
            text=True, start_new_session=True, timeout=300, check=False,
        )  # fmt: skip
        is_as_told = done.returncode == code if code < REFUSED else done.returncode != 0
        assert is_as_told, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def does(self, beginning: str, **how: str) -> str:
        """The output of a command of the chapter."""
        return self.run(*self.command(beginning), **how)  # type: ignore[arg-type]

    @contextmanager
    def running(self, beginning: str, ready: str) -> Iterator[Program]:
        process = subprocess.Popen(
            self.command(beginning), cwd=ROOT, env=dict(self.environment),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        program = Program(process)
        program.listen()
        try:
            program.until(ready)
            yield program
        finally:
            assert program.end() == 0, "".join(program.said[-20:])
            for line in program.said:  # every program writes the one form, its libraries too
                assert json.loads(line).keys() >= {"event", "level", "timestamp"}, line

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: str = ""
    ) -> tuple[int, str, list[str]]:
        """Status, body and the cookies that were set, asked as the proxy asks for a browser on https."""
        host, _, port = self.environment["KUNXIN_BIND"].partition(":")
        line = http.client.HTTPConnection(host, int(port), timeout=60)
        forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        line.request(
            method, path, body or None, {"Host": "credit.example.gov.cn", **forwarded, **headers}
        )
        answer = line.getresponse()
        given = answer.headers.get_all("Set-Cookie", [])
        found = answer.status, answer.read().decode(), given
        line.close()
        return found

    def is_ready(self) -> bool:
        try:
            return self.ask("GET", "/readyz", {})[0] == 200
        except OSError:
            return False


@pytest.fixture
def server() -> Iterator[Server]:
    try:
        with free_servers() as given:
            cluster = given.cluster
            administer(cluster.url, "CREATE DATABASE kunxin")
            settings = settings_of_example() | {
                "KUNXIN_SECOND_FACTOR": "",  # a script has no phone
                "KUNXIN_DATABASE_URL": cluster.url.replace("@/postgres?", "@/kunxin?"),
                "KUNXIN_BROKER_URL": given.broker_url,
                "KUNXIN_SECRET_KEY": secrets.token_hex(32),
                "KUNXIN_DATA_DIR": str(given.folder / "data"),
                "KUNXIN_BIND": f"127.0.0.1:{servers.free_port()}",
                "KUNXIN_WORKER_METRICS": f"127.0.0.1:{servers.free_port()}",
                "PROMETHEUS_MULTIPROC_DIR": str(given.folder / "figures"),
            }
            write_settings(given.folder, settings)
            path = os.pathsep.join(
                [str(Path(sys.executable).parent), str(cluster.programs), os.environ["PATH"]]
            )
            yield Server(given.folder, cluster.programs, {"PATH": path, **settings})
    except servers.ServerMissing as missing:
        pytest.fail(str(missing))


def administer(url: str, statement: str) -> None:
    """One statement outside of any transaction."""
    engine = connect(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def settings_of_example() -> dict[str, str]:
    """The template of settings, as systemd reads it."""
    lines = (ROOT / "deploy/kunxin.env.example").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def write_settings(folder: Path, settings: Mapping[str, str]) -> None:
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (folder / "kunxin.env").write_text("".join(lines))


def read_back(server: Server) -> Server:
    """The server with the settings that its file holds now."""
    kept = (server.folder / "kunxin.env").read_text().splitlines()
    return replace(
        server, environment={**server.environment, **dict(x.split("=", 1) for x in kept)}
    )


def test_a_server_is_set_up_works_is_backed_up_brought_back_and_given_a_new_key(
    server: Server,
) -> None:
    refused = server.run(*server.command("gunicorn"), code=REFUSED)
    assert "run `kunxin upgrade` first" in refused
    assert "run `kunxin upgrade` first" in server.run(*server.command("kunxin worker"), code=1)
    assert "credit_repair" in server.does("kunxin upgrade")
    assert "deployed: ()" in server.does("kunxin upgrade")
    server.does("kunxin user add", typed=f"{PASSWORD}\n{PASSWORD}\n")

    with (
        server.running("gunicorn", "Booting worker"),
        server.running("kunxin worker", r"ready\."),
        server.running("kunxin beat", "beat: Starting"),
    ):
        wait_for(server.is_ready, "the web")
        sign_in = json.dumps({"username": "qinli", "password": PASSWORD})
        status, body, _ = server.ask(
            "POST", "/api/v1/tokens", {"Content-Type": "application/json"}, sign_in
        )
        assert status in (200, 201), body
        bearer = {"Authorization": f"Bearer {json.loads(body)['token']}"}
        assert json.loads(server.ask("GET", "/api/v1/me", bearer)[1])["username"] == "qinli"
        cookie = signed_in(server)
        import_penalty(server)
        out = server.folder / "data/exchange/out"
        wait_for(lambda: any(out.glob("*.json")), "the worker to report the record upwards")
        wait_for(lambda: rows(server)["record_event"] == 2, "the record to say that it is reported")
        wait_for(lambda: counts_work(server), "the worker to count what its processes have done")
        backup = server.does("deploy/backup.sh").strip()

    server.does("deploy/rotate-key.sh")
    renewed = read_back(server)
    assert renewed.environment["KUNXIN_SECRET_KEY_OLD"] == server.environment["KUNXIN_SECRET_KEY"]
    with renewed.running("gunicorn", "Booting worker"):
        wait_for(renewed.is_ready, "the web")
        assert renewed.ask("GET", "/admin", {"Cookie": cookie})[0] == 200

    brought_back = emptied(renewed)
    assert "restored" in brought_back.run(str(ROOT / "deploy/restore.sh"), backup)
    refused = brought_back.run(str(ROOT / "deploy/restore.sh"), backup, code=1)
    assert "not empty" in refused
    for check in ("kunxin upgrade", "kunxin audit verify", "kunxin doctor"):
        brought_back.does(check)
    checked = {"history_check": 1}  # that it was looked at is written down
    assert rows(brought_back) == {**rows(renewed), **checked}
    assert rows(brought_back)["record"] == 1


def signed_in(server: Server) -> str:
    """The session cookie of a browser in which the administrator has signed in."""
    status, page, given = server.ask("GET", "/login", {})
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert status == 200
    assert token
    form = f"csrf_token={token[1]}&username=qinli&password={PASSWORD.replace(' ', '+')}"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": _cookies(given),
        "Referer": "https://credit.example.gov.cn/login",
    }
    status, _, given = server.ask("POST", "/login", headers, form)
    assert status == 302
    assert all("Secure" in cookie for cookie in given)
    return _cookies(given)


def counts_work(server: Server) -> bool:
    """Whether the worker tells Prometheus of a job and of a sweep, which its processes have done."""
    address = server.environment["KUNXIN_WORKER_METRICS"]
    with urlopen(f"http://{address}/metrics", timeout=60) as answer:
        told = answer.read().decode()
    wanted = ('kunxin_work_seconds_count{done="yes",what="job"}', 'what="sweep"')
    return all(each in told for each in wanted)


def _cookies(given: Iterable[str]) -> str:
    return "; ".join(each.partition(";")[0] for each in given)


def import_penalty(server: Server) -> None:
    file = server.folder / "penalties.csv"
    decided = datetime.now(UTC).date() - timedelta(days=14)  # this server lives in real time
    row = {"CF_WSH": f"昆市监罚〔{decided.year}〕1号", "CF_JDRQ": decided.isoformat()}
    file.write_bytes(penalties(row))
    words = ("--name", "林", "--group", "credit_centre", "--department", "credit_centre")
    server.run("kunxin", "user", "add", "lin", *words, typed=f"{PASSWORD}\n{PASSWORD}\n")
    told = server.run("kunxin", "import-records", str(file), "--as", "lin")
    assert "收入 1" in told


def emptied(server: Server) -> Server:
    """The same server with an empty database and an empty data folder."""
    old = server.environment["KUNXIN_DATABASE_URL"]
    administer(old, "CREATE DATABASE again")
    given = {"KUNXIN_DATABASE_URL": old.replace("@/kunxin?", "@/again?")}
    given["KUNXIN_DATA_DIR"] = str(server.folder / "again")
    return replace(server, environment={**server.environment, **given})


def rows(server: Server) -> dict[str, int]:
    """Rows of each table."""
    engine = connect(server.environment["KUNXIN_DATABASE_URL"])
    with engine.connect() as session:
        tables = session.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        ).scalars()
        found = {
            name: session.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in list(tables)
        }
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("KUNXIN_SECRET_KEY", "short", "KUNXIN_SECRET_KEY has 5 characters"),
        ("KUNXIN_PUBLIC_URL", "http://credit.example", "KUNXIN_PUBLIC_URL is not https://"),
        ("KUNXIN_SANDBOX", "1", "KUNXIN_SANDBOX is on"),
        ("KUNXIN_DATABASE_URL", "sqlite:///a.db", "KUNXIN_DATABASE_URL is not postgresql"),
    ],
)
def test_a_server_that_would_not_be_safe_does_not_start_and_says_why(
    name: str, value: str, told: str, tmp_path: Path
) -> None:
    safe = settings_of_example() | {"KUNXIN_SECRET_KEY": "k" * 64, "KUNXIN_DATA_DIR": str(tmp_path)}
    with pytest.raises(SettingMissing, match=re.escape(told)):
        refuse_unsafe(read_settings(safe | {name: value}), safe | {name: value})
    refuse_unsafe(read_settings(safe), safe)


def test_the_units_start_what_the_chapter_says() -> None:
    for path in sorted((ROOT / "deploy/systemd").glob("kunxin-*.service")):
        unit = configparser.ConfigParser(interpolation=None, strict=False)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(path.read_text("utf-8"))
        started = unit["Service"]["ExecStart"].split()
        program = started[0].removeprefix("/opt/kunxin/").removeprefix(".venv/bin/")
        arguments = [word.replace("/var/backups/kunxin", "backups") for word in started[1:]]
        assert shlex.join([program, *arguments]) in COMMANDS, path.name
        assert unit["Service"]["NoNewPrivileges"] == "true"


def test_the_scripts_can_be_read_by_a_plain_shell() -> None:
    for path in sorted((ROOT / "deploy").glob("*.sh")):
        assert shutil.which("sh")
        subprocess.run(["sh", "-n", path], check=True)
