"""Timers: when they fire, and what is left of them."""

from __future__ import annotations

from SpiffWorkflow.bpmn import BpmnWorkflow

from tests.runtime.situations.driver import complete, every, open_now, ready, start
from tests.runtime.sketches import Sketch, nearer_of_two


def a_timer_whose_moment_has_passed() -> list[str]:
    """What is open after somebody else's step, when an interrupting timer's moment is over."""
    sketch = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("slow", "other", "after")
        .boundary_timer("late", "slow", "step")
        .end()
        .flow("start > fork > slow > join > end")
        .flow("fork > other > join")
        .flow("late > after > join")
    )
    workflow = start(sketch)
    if "other" in ready(workflow):
        complete(workflow, "other")
    return open_now(workflow)


def a_duration_that_has_passed() -> list[str]:
    """The same for a timer that waits for a length of time: here, none at all."""
    sketch = (
        Sketch()
        .start()
        .task("slow", "after")
        .node(
            "boundaryEvent",
            "late",
            '<bpmn:timerEventDefinition id="late_timer">'
            '<bpmn:timeDuration>"PT0S"</bpmn:timeDuration></bpmn:timerEventDefinition>',
            attachedToRef="slow",
        )
        .end()
        .flow("start > slow > end")
        .flow("late > after > end")
    )
    workflow = start(sketch)
    workflow.do_engine_steps()
    return open_now(workflow)


def two_timers_at_one_gateway() -> int:
    """How many moments a gateway keeps that waits for the nearer of two."""
    workflow = start(nearer_of_two())
    (gateway,) = [task for task in every(workflow) if task.task_spec.bpmn_id == "wait"]
    held = gateway.internal_data
    return len(set(held["moments"].values() if "moments" in held else [held["event_value"]]))


def a_cycle_that_interrupts() -> list[str]:
    """What is open when a cycle has come round once on an interrupting boundary event."""
    sketch = (
        Sketch()
        .start()
        .task("slow", "after")
        .boundary("again", "slow", "cycle:R3/2020-03-01T00:00:00+00:00/PT1H")
        .end()
        .flow("start > slow > end")
        .flow("again > after > end")
    )
    workflow = start(sketch)
    _come_round(workflow)
    return open_now(workflow)


def _come_round(workflow: BpmnWorkflow) -> None:
    workflow.do_engine_steps()
    if "after" not in open_now(workflow):  # the mended library waits until it is released
        (boundary,) = [task for task in every(workflow) if task.task_spec.bpmn_id == "again"]
        boundary.internal_data["event_fired"] = True
        boundary.task_spec._update(boundary)
        workflow.do_engine_steps()
