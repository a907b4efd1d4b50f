"""Each patch of SpiffWorkflow is needed: the bare library fails where the mended one does not."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest

from engine.runtime import patches
from engine.settings import ROOT
from tests.runtime import bare

#: Situation -> what the bare library makes of it, and what it should be.
EXPECTED: dict[str, tuple[Any, Any]] = {
    # tokens of the round before open the join while one branch is still at work
    "join_in_a_rework_loop": (["left", "sign"], ["left"]),
    # the branch that arrives last puts back what the other had answered the round before
    "answers_of_two_branches_in_the_second_round": (
        {"of_left": ["one", "two"], "of_right": 2, "of_both": "right", "verdict": "again"},
        {"of_left": ["three"], "of_right": 2, "of_both": "right", "verdict": "again"},
    ),
    # timers fire in the middle of anybody's step: here the timer table says when
    "a_timer_whose_moment_has_passed": (["after"], ["slow"]),
    "a_duration_that_has_passed": (["after"], ["slow"]),
    # nothing deeper than 1,000 tasks is seen
    "automatic_steps_beyond_a_thousand_tasks": ([], ["work"]),
    "waiting_tasks_beyond_a_thousand_tasks": (False, True),
    "ancestry_of_a_deep_task": ("RecursionError", "True"),
    # every change of a state walks the tree for a log line
    "walks_for_a_log_that_nobody_writes": (12, 0),
}


@pytest.fixture(scope="module")
def bare_library() -> dict[str, Any]:
    """What the library does by itself, in a process that has not loaded the engine."""
    shown = subprocess.run(
        [sys.executable, "tests/runtime/bare.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(shown.stdout)
    return told


@pytest.mark.parametrize("situation", EXPECTED)
def test_the_mended_library_does_what_is_drawn(situation: str) -> None:
    patches.install()
    assert bare.SITUATIONS[situation]() == EXPECTED[situation][1]


@pytest.mark.parametrize("situation", EXPECTED)
def test_the_bare_library_does_not(situation: str, bare_library: dict[str, Any]) -> None:
    assert bare_library[situation] == EXPECTED[situation][0]


def test_every_situation_is_asked_for() -> None:
    assert EXPECTED.keys() == bare.SITUATIONS.keys()


def test_the_patches_refuse_a_library_they_were_not_written_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert version("SpiffWorkflow") == patches.WRITTEN_FOR
    monkeypatch.setattr(patches, "version", lambda name: "3.3.0")
    with pytest.raises(RuntimeError, match=r"3\.3\.0"):
        patches.install()
