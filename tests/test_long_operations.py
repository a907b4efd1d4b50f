"""The list of what may take long says its limits as they are."""

from __future__ import annotations

import re
from importlib import import_module

from engine.services.job_operations import LONG, WITHIN
from engine.settings import ROOT

PAGE = (ROOT / "deploy/long_operations.md").read_text("utf-8")
TOLD = re.findall(r"`((?:engine|web)\.[\w.]+)\.([A-Z_]+)` = ([\d.]+)", PAGE)


def test_every_limit_is_that_of_the_code() -> None:
    assert len(TOLD) > 25
    wrong = [
        f"{module}.{name} is {held}, not {told}"
        for module, name, told in TOLD
        if str(held := getattr(import_module(module), name)) != told
    ]
    assert wrong == []


def test_no_kind_of_job_has_longer_than_is_said() -> None:
    assert max(WITHIN.values()) <= LONG


def test_the_servers_limits_are_those_of_their_files() -> None:
    assert "timeout = 60 " in (ROOT / "deploy/gunicorn.conf.py").read_text("utf-8")
    assert "proxy_read_timeout 65s;" in (ROOT / "deploy/nginx.conf").read_text("utf-8")
