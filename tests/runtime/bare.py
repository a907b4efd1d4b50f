"""What SpiffWorkflow does in the situations that engine/runtime/patches mends.

Run as a script it shows the bare library (no module of the engine is loaded) and prints JSON;
imported into a test it shows the mended one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.runtime.situations import events, failures, joins, timers, walks

SITUATIONS: dict[str, Callable[[], Any]] = {
    each.__name__: each
    for each in (
        joins.join_in_a_rework_loop,
        joins.three_branches_in_a_rework_loop,
        joins.a_rework_loop_inside_a_branch_of_another,
        joins.answers_of_two_branches_in_the_second_round,
        joins.an_answer_given_later_in_the_branch_that_arrives_first,
        joins.a_side_branch_that_ends_last_in_a_called_process,
        timers.a_timer_whose_moment_has_passed,
        timers.a_duration_that_has_passed,
        timers.two_timers_at_one_gateway,
        timers.a_cycle_that_interrupts,
        events.a_second_case_after_a_message_to_an_event_sub_process,
        events.an_interrupting_event_sub_process,
        events.an_interrupting_event_sub_process_started_by_a_signal,
        events.the_end_of_a_case_whose_event_sub_process_waits_for_a_timer,
        events.what_an_interrupted_sub_process_still_performs,
        events.the_error_of_a_process_side_by_side,
        events.an_error_that_nobody_catches,
        events.a_condition_that_another_branch_fulfils,
        failures.the_cause_of_a_failing_operation,
        failures.a_task_that_is_run_twice,
        walks.automatic_steps_beyond_a_thousand_tasks,
        walks.waiting_tasks_beyond_a_thousand_tasks,
        walks.a_live_case_with_more_than_a_thousand_tasks,
        walks.the_end_of_a_scope_with_more_than_a_thousand_tasks,
        walks.ancestry_of_a_deep_task,
        walks.walks_for_a_log_that_nobody_writes,
    )
}


def shown() -> dict[str, Any]:
    """Every situation: what came of it, or the error that it ended in."""
    found: dict[str, Any] = {}
    for name, situation in SITUATIONS.items():
        try:
            found[name] = situation()
        except Exception as problem:  # noqa: BLE001 - the bare library fails in many ways
            found[name] = f"{type(problem).__name__}: {problem}"
    return found


if __name__ == "__main__":
    told = shown()
    if any(module.split(".")[0] == "engine" for module in sys.modules):
        raise SystemExit("the engine was loaded: this is not the bare library")
    sys.stdout.write(json.dumps(told))
