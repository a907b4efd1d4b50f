"""Events: who is interrupted, when, and who hears of it."""

from __future__ import annotations

from tests.runtime.situations.driver import (
    Specification,
    complete,
    deliver,
    has_ended,
    open_now,
    performed,
    signal,
    start,
)
from tests.runtime.sketches import Sketch


def withdrawal(*, interrupting: bool = True, awaits: str = "message:withdrawn") -> Sketch:
    """Work, and beside it an event sub-process with a task and an operation of its own."""
    return (
        Sketch()
        .start()
        .task("work", "more")
        .end()
        .inside(
            "withdrawal",
            Sketch("withdrawal")
            .start("begin", awaits, interrupting=interrupting)
            .task("confirm")
            .service("note", "applaud", loudness="1")
            .end("over")
            .flow("begin > confirm > note > over"),
            triggered=True,
        )
        .flow("start > work > more > end")
    )


def a_second_case_after_a_message_to_an_event_sub_process() -> dict[str, object]:
    """Two cases of one specification: the first gets the message, the second never does."""
    shared = Specification(withdrawal(interrupting=False))
    first = shared.start()
    deliver(first, "withdrawn")
    second = shared.start()
    complete(second, "work")
    complete(second, "more")
    return {"open in the first": open_now(first), "second has ended": has_ended(second)}


def an_interrupting_event_sub_process() -> list[str]:
    """What is open once the message has come."""
    workflow = start(withdrawal())
    deliver(workflow, "withdrawn")
    return open_now(workflow)


def an_interrupting_event_sub_process_started_by_a_signal() -> list[str]:
    workflow = start(withdrawal(awaits="signal:revoked"))
    signal(workflow, "revoked")
    return open_now(workflow)


def the_end_of_a_case_whose_event_sub_process_waits_for_a_timer() -> bool:
    """Whether the case has ended when its work is done and the timer has not fired."""
    workflow = start(withdrawal(awaits="timer:later"))
    complete(workflow, "work")
    complete(workflow, "more")
    return has_ended(workflow)


def what_an_interrupted_sub_process_still_performs() -> list[str]:
    """The operations behind the throwing of an escalation that interrupts their sub-process."""
    sketch = (
        Sketch()
        .start()
        .inside(
            "inner",
            Sketch("inner")
            .start("begin")
            .throw("cry", "escalation", "too_much")
            .service("go_on", "applaud", loudness="1")
            .end("over")
            .flow("begin > cry > go_on > over"),
        )
        .boundary("caught", "inner", "escalation:too_much")
        .task("after")
        .end()
        .flow("start > inner > end")
        .flow("caught > after > end")
    )
    return performed(start(sketch))


def the_error_of_a_process_side_by_side() -> list[str]:
    """What is open when the second of two called processes has ended with an error."""
    failing = (
        Sketch("failing")
        .start()
        .task("fail")
        .end_with("failed", "error", "broken")
        .flow("start > fail > failed")
    )
    sound = Sketch("sound").start().task("go_on").end().flow("start > go_on > end")
    sketch = (
        Sketch()
        .start()
        .parallel("fork")
        .call("one", "sound")
        .call("other", "failing")
        .boundary("of_one", "one", "error:broken")
        .boundary("of_other", "other", "error:broken")
        .task("mend_one", "mend_other")
        .end()
        .flow("start > fork > one > end")
        .flow("fork > other > end")
        .flow("of_one > mend_one > end")
        .flow("of_other > mend_other > end")
    )
    workflow = start(sketch, failing, sound)
    complete(workflow, "fail")
    return open_now(workflow)


def an_error_that_nobody_catches() -> str:
    """What comes of it."""
    sketch = (
        Sketch()
        .start()
        .task("fail")
        .end_with("failed", "error", "broken")
        .flow("start > fail > failed")
    )
    workflow = start(sketch)
    try:
        complete(workflow, "fail")
    except Exception as problem:  # noqa: BLE001 - whatever it is
        return str(problem)
    return "nothing"


def a_condition_that_another_branch_fulfils() -> list[str]:
    """What is open when one branch waits for what the other has just answered."""
    sketch = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("before", "answer", "after")
        .catch("wait", 'condition:verdict == "good"')
        .end()
        .flow("start > before > fork > answer > join > end")
        .flow("fork > wait > after > join")
    )
    workflow = start(sketch)
    complete(workflow, "before", verdict="open")
    complete(workflow, "answer", verdict="good")
    return open_now(workflow)
