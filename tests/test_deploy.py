"""What lies in deploy/ fits together: names of settings, commands, services and volumes."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from typing import Any

import jsonschema
import lxml.html
import pytest
import yaml

from engine.settings import ROOT
from web.app import MOST_BYTES

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
ENGINE = "".join(path.read_text("utf-8") for path in (ROOT / "engine").rglob("*.py"))
#: What reads a setting.
READERS = ENGINE + (DEPLOY / "gunicorn.conf.py").read_text("utf-8")
NAME = re.compile(r"\bKUNXIN_[A-Z_]+\b")

#: The part of the Compose Specification that our file uses, closed: a misspelt key is refused.
_TEXT = {"type": "string"}
_STRINGS = {"type": "array", "items": _TEXT}
_SECONDS = {"type": "string", "pattern": r"^\d+s$"}
_SETTINGS = {"type": "object", "additionalProperties": {"type": "string"}}
_WHEN = {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


_SERVICE = {
    **closed(
        image={"type": "string"},
        build=closed(context=_TEXT, dockerfile=_TEXT, target=_TEXT, args=closed(EXTRAS=_TEXT)),
        restart={"enum": ["no", "always", "on-failure", "unless-stopped"]},
        read_only={"type": "boolean"},
        user={"type": "string"},
        environment=_SETTINGS,
        depends_on={"type": "object", "additionalProperties": closed(condition=_WHEN)},
        healthcheck=closed(
            test=_STRINGS, interval=_SECONDS, timeout=_SECONDS, start_period=_SECONDS,
            retries={"type": "integer"},
        ),
        stop_grace_period=_SECONDS,
        shm_size={"type": "string", "pattern": r"^\d+m$"},
        logging=closed(driver={"const": "json-file"}, options=_SETTINGS),
        **dict.fromkeys(
            ("tmpfs", "cap_drop", "cap_add", "security_opt", "volumes", "command", "entrypoint",
             "ports", "networks", "profiles"), _STRINGS,
        ),
    ),
    "required": ["image", "restart"],
}  # fmt: skip
SCHEMA = {
    **closed(
        name={"type": "string"},
        services={"type": "object", "additionalProperties": _SERVICE},
        networks={
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "null"}, closed(internal={"const": True})]},
        },
        volumes={"type": "object", "additionalProperties": {"type": "null"}},
    ),
    "required": ["services"],
    "patternProperties": {"^x-": {}},
}
SERVICES: dict[str, Any] = COMPOSE["services"]
#: Services whose image is ours.
OURS = ("upgrade", "web", "worker", "beat")
TEMPLATE = (DEPLOY / "kunxin.env.example").read_text("utf-8")
CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8")
#: What containers are told otherwise than by the template: their own places and their one proxy.
FIXED = {"KUNXIN_DATA_DIR", "KUNXIN_BIND"}


def test_an_image_holds_what_serves_and_nothing_that_tries_it() -> None:
    left_out = (DEPLOY.parent / ".dockerignore").read_text("utf-8").split()
    assert {"tests", "benchmarks", ".git", "*.env", "backups"} <= set(left_out)
    for room in ("engine", "web", "deploy"):
        for module in (DEPLOY.parent / room).rglob("*.py"):
            text = module.read_text("utf-8")
            assert not re.search(r"^\s*(from|import) (tests|benchmarks)\b", text, re.MULTILINE)


def test_the_compose_file_says_nothing_that_compose_does_not_know() -> None:
    jsonschema.validate(COMPOSE, SCHEMA)
    assert {"database", "broker", "proxy", "backup", "restore", *OURS} == SERVICES.keys()
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other], name
        for mounted in service.get("volumes", ()):
            source = mounted.partition(":")[0]
            if source[0] == ".":
                assert (DEPLOY / source).exists(), name
            else:
                assert source[0] == "$" or source in COMPOSE["volumes"], name
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        build = service.get("build", {})
        assert not build or (DEPLOY / build["context"] / build["dockerfile"]).is_file()
        assert not build or f" AS {build['target']}\n" in CONTAINERFILE


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_may_do_little_and_cannot_fill_the_disk(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if name in OURS:
        assert "cap_add" not in service


def test_containers_are_told_what_the_template_holds_and_no_more_than_they_need() -> None:
    told = SERVICES["web"]["environment"]
    template = set(re.findall(r"^(KUNXIN_[A-Z_]+)=", TEMPLATE, re.MULTILINE))
    assert template - told.keys() == FIXED | {"KUNXIN_OWNER_DATABASE_URL"}
    owner = {"KUNXIN_OWNER_DATABASE_URL"}
    assert {name: SERVICES[name]["environment"].keys() - told.keys() for name in OURS} == {
        "upgrade": owner, "web": set(), "worker": set(), "beat": set(),
    }  # fmt: skip
    # a password stands in the template's last paragraph, or nobody knows that it is wanted
    wanted = set(re.findall(r"\$\{([A-Z_]+):\?\}", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert {
        name for name in wanted if not re.search(rf"^#?{name}=", TEMPLATE, re.MULTILINE)
    } == set()


def test_the_image_takes_what_settings_need_besides() -> None:
    assert {name for name in SERVICES if "build" in SERVICES[name]} == {*OURS, "proxy"}
    for name in (*OURS, "proxy"):
        assert SERVICES[name]["build"]["args"]["EXTRAS"] == "${EXTRAS:-}"
    assert "\n#EXTRAS=\n" in TEMPLATE
    assert 'ARG EXTRAS=""' in CONTAINERFILE.partition(" AS built\n")[2].partition("FROM ")[0]
    assert "-r deploy/requirements-$extra.txt" in CONTAINERFILE
    named_above = re.search(r"besides, for settings that say so: (.*)", TEMPLATE)
    assert named_above
    for extra in named_above[1].split():
        assert (DEPLOY / f"requirements-{extra}.txt").is_file()


def test_who_stops_is_given_the_time_that_it_takes() -> None:
    """As long in a container as under systemd, and longer than what runs may take to end."""
    for name in ("web", "worker", "beat"):
        unit = (DEPLOY / f"systemd/kunxin-{name}.service").read_text("utf-8")
        (given,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
        assert SERVICES[name]["stop_grace_period"] == f"{given}s"
    graceful = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))["graceful_timeout"]
    assert int(SERVICES["web"]["stop_grace_period"][:-1]) > graceful


@pytest.mark.parametrize("name", ["upgrade", "worker", "beat"])
def test_a_container_runs_a_command_that_there_is(name: str) -> None:
    program, command, *_ = COMPOSE["services"][name]["command"]
    assert program == "kunxin"
    assert re.search(rf"^def {command}\(", ENGINE, re.MULTILINE)


def test_the_image_serves_as_the_units_do() -> None:
    told = re.search(r"^CMD (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    assert told
    unit = (DEPLOY / "systemd/kunxin-web.service").read_text("utf-8")
    assert f".venv/bin/{shlex.join(json.loads(told[1]))}" in unit


@pytest.mark.parametrize("file", ["kunxin.env.example", "compose.yaml", "Containerfile"])
def test_every_setting_that_a_file_names_is_read_by_somebody(file: str) -> None:
    named = set(NAME.findall((DEPLOY / file).read_text("utf-8")))
    assert named
    assert {name for name in named if f'"{name}"' not in READERS} == set()


def test_the_proxy_takes_as_much_as_the_application_and_waits_longer_than_it() -> None:
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    (most,) = re.findall(r"client_max_body_size (\d+)m;", site)
    assert int(most) << 20 == MOST_BYTES
    (wait,) = re.findall(r"proxy_read_timeout (\d+)s;", site)
    assert int(wait) > runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))["timeout"]


def test_what_the_proxy_says_by_itself_is_there_in_two_languages_and_asks_only_for_files() -> None:
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    told = {code: name for codes, name in re.findall(r"error_page ([\d =]+) /([a-z-]+\.html);", site)
            for code in re.findall(r"(?<!=)\b\d{3}\b", codes)}  # fmt: skip
    assert told.keys() == {"413", "429", "502", "504"}
    for name in set(told.values()):
        page = lxml.html.parse(ROOT / "web/static/said_by_proxy" / name).getroot()
        assert [part.get("lang") for part in page.iter("section")] == ["zh-CN", "en"]
        assert not page.xpath("//script | //style | //@style")
        for address in page.xpath("//link/@href"):
            assert (ROOT / "web" / address.removeprefix("/")).is_file()
