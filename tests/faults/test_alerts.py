"""The rules that wake somebody, by Prometheus' own tool over figures made up (Debian: prometheus)."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from engine.settings import ROOT

pytestmark = pytest.mark.heavy


def test_the_rules_say_of_a_quiet_office_and_of_one_in_trouble_what_they_should() -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.fail("install promtool (Debian: apt-get install prometheus)")
    done = subprocess.run(
        [program, "test", "rules", ROOT / "deploy/alerts_test.yaml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
