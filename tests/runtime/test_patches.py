"""Each patch of SpiffWorkflow is needed: the bare library fails where the mended one does not."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import pytest
from SpiffWorkflow.workflow import Workflow

from engine.runtime import patches
from engine.settings import ROOT
from tests.runtime import bare

#: Situation -> what the bare library makes of it, and what it should be.
EXPECTED: dict[str, tuple[Any, Any]] = {
    # tokens of the round before open the join while a branch is still at work
    "join_in_a_rework_loop": (["left", "sign"], ["left"]),
    "three_branches_in_a_rework_loop": (
        [["one", "sign", "two"], ["sign", "two"], ["sign"]],
        [["one", "two"], ["two"], ["sign"]],
    ),
    "a_rework_loop_inside_a_branch_of_another": (
        [["left", "right"], ["left"], ["check"], ["left", "right"], ["check", "right"], ["check"]],
        [["left", "right"], ["left"], ["check"], ["left", "right"], ["right"], ["check"]],
    ),
    # the branch that arrives last puts back what another has answered
    "answers_of_two_branches_in_the_second_round": (
        {"of_left": ["one", "two"], "of_right": 2, "of_both": "right", "verdict": "again"},
        {"of_left": ["three"], "of_right": 2, "of_both": "right", "verdict": "again"},
    ),
    "an_answer_given_later_in_the_branch_that_arrives_first": ("first said", "last said"),
    "a_side_branch_that_ends_last_in_a_called_process": ("stale", "fresh"),
    # timers fire in the middle of anybody's step: here the timer table says when
    "a_timer_whose_moment_has_passed": (["after"], ["slow"]),
    "a_duration_that_has_passed": (["after"], ["slow"]),
    "two_timers_at_one_gateway": (1, 2),
    "a_cycle_that_interrupts": (["after", "slow"], ["after"]),
    # what starts in one case changes the diagram of all, and interrupts nothing
    "a_second_case_after_a_message_to_an_event_sub_process": (
        {"open in the first": ["confirm", "work"], "second has ended": False},
        {"open in the first": ["confirm", "work"], "second has ended": True},
    ),
    "an_interrupting_event_sub_process": (["confirm", "work"], ["confirm"]),
    "an_interrupting_event_sub_process_started_by_a_signal": (["confirm", "work"], ["confirm"]),
    "the_end_of_a_case_whose_event_sub_process_waits_for_a_timer": (False, True),
    # what is interrupted goes on until it waits; an error reaches whoever would catch one
    "what_an_interrupted_sub_process_still_performs": (["applaud"], []),
    "the_error_of_a_process_side_by_side": (
        ["mend_one", "mend_other"],
        ["go_on", "mend_other"],
    ),
    "an_error_that_nobody_catches": ("nothing", "nothing catches the error broken. "),
    "a_condition_that_another_branch_fulfils": ([], ["after"]),
    # the cause of a failure is lost, and what is not open is run
    "the_cause_of_a_failing_operation": (
        "NameError: name 'script' is not defined",
        "WorkflowTaskException: KeyError: 404. ",
    ),
    "a_task_that_is_run_twice": (
        ["run", "run"],
        [
            "refused: work is COMPLETED, so it cannot be run. ",
            "refused: end is FUTURE, so it cannot be run. ",
        ],
    ),
    # nothing deeper than 1,000 tasks is seen
    "automatic_steps_beyond_a_thousand_tasks": ([], ["work"]),
    "waiting_tasks_beyond_a_thousand_tasks": (False, True),
    "a_live_case_with_more_than_a_thousand_tasks": (
        "completed: True, open: 0",
        "completed: False, open: 1",
    ),
    "the_end_of_a_scope_with_more_than_a_thousand_tasks": (["completed"], ["work"]),
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


def test_no_tasks_are_listed_for_the_log_of_an_instance() -> None:
    patches.install()
    spec, tree = SimpleNamespace(name="sample"), SimpleNamespace(id=1)
    instance = SimpleNamespace(spec=spec, success=False, completed=False, task_tree=tree)
    assert "tasks" not in Workflow.collect_log_extras(instance)


def test_every_situation_is_asked_for() -> None:
    assert EXPECTED.keys() == bare.SITUATIONS.keys()


def test_the_patches_refuse_a_library_they_were_not_written_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert version("SpiffWorkflow") == patches.WRITTEN_FOR
    monkeypatch.setattr(patches, "version", lambda name: "3.3.0")
    with pytest.raises(RuntimeError, match=r"written for SpiffWorkflow 3\.2\.0, found 3\.3\.0"):
        patches.install()
