"""What lies in deploy/ fits together: names of settings, commands, services and volumes."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import jsonschema
import pytest
import yaml

from engine.settings import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
ENGINE = "".join(path.read_text("utf-8") for path in (ROOT / "engine").rglob("*.py"))
#: What reads a setting.
READERS = ENGINE + (DEPLOY / "gunicorn.conf.py").read_text("utf-8")
NAME = re.compile(r"\bKUNXIN_[A-Z_]+\b")

#: The part of the Compose Specification that our file uses, closed: a misspelt key is refused.
_STRINGS = {"type": "array", "items": {"type": "string"}}
_SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image", "restart"],
    "properties": {
        "image": {"type": "string"},
        "build": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"context": {"type": "string"}, "dockerfile": {"type": "string"}},
        },
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "read_only": {"type": "boolean"},
        **dict.fromkeys(("tmpfs", "cap_drop", "security_opt", "volumes", "command", "ports"), _STRINGS),
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "condition": {
                        "enum": [
                            "service_started", "service_healthy", "service_completed_successfully",
                        ]
                    }
                },
            },
        },
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "test": _STRINGS,
                "interval": {"type": "string", "pattern": r"^\d+s$"},
                "retries": {"type": "integer"},
            },
        },
    },
}  # fmt: skip
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["services"],
    "properties": {
        "name": {"type": "string"},
        "services": {"type": "object", "additionalProperties": _SERVICE},
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
    "patternProperties": {"^x-": {}},
}


def test_the_compose_file_says_nothing_that_compose_does_not_know() -> None:
    jsonschema.validate(COMPOSE, SCHEMA)
    services = COMPOSE["services"]
    assert {"database", "broker", "upgrade", "web", "worker", "beat"} <= services.keys()
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in services[other], name
        for mounted in service.get("volumes", ()):
            assert mounted.partition(":")[0] in COMPOSE["volumes"], name
        build = service.get("build", {})
        assert not build or (DEPLOY / build["context"] / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", ["upgrade", "worker", "beat"])
def test_a_container_runs_a_command_that_there_is(name: str) -> None:
    program, command, *_ = COMPOSE["services"][name]["command"]
    assert program == "kunxin"
    assert re.search(rf"^def {command}\(", ENGINE, re.MULTILINE)


def test_the_image_serves_as_the_units_do() -> None:
    told = re.search(r"^CMD (\[.*\])$", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE)
    assert told
    unit = (DEPLOY / "systemd/kunxin-web.service").read_text("utf-8")
    assert f".venv/bin/{shlex.join(json.loads(told[1]))}" in unit


@pytest.mark.parametrize("file", ["kunxin.env.example", "compose.yaml", "Containerfile"])
def test_every_setting_that_a_file_names_is_read_by_somebody(file: str) -> None:
    named = set(NAME.findall((DEPLOY / file).read_text("utf-8")))
    assert named
    assert {name for name in named if f'"{name}"' not in READERS} == set()
