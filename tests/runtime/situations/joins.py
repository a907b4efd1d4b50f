"""Branches that part and meet again."""

from __future__ import annotations

from tests.runtime.situations.driver import complete, deliver, open_now, ready, start
from tests.runtime.sketches import Sketch, rework


def join_in_a_rework_loop() -> list[str]:
    """What is open in the second round, when one of two joined tasks is done."""
    workflow = start(rework())
    complete(workflow, "left")
    complete(workflow, "right")
    complete(workflow, "sign", verdict="again")
    complete(workflow, "right")
    return open_now(workflow)


def answers_of_two_branches_in_the_second_round() -> dict[str, object]:
    """What is known behind a join, when both branches answered anew what was answered before."""
    workflow = start(rework())
    complete(workflow, "left", of_left=["one", "two"], of_both="left")
    complete(workflow, "right", of_right=1)
    complete(workflow, "sign", verdict="again")
    complete(workflow, "left", of_left=["three"])
    complete(workflow, "right", of_right=2, of_both="right")
    data = ready(workflow)["sign"].data
    return {name: data.get(name) for name in ("of_left", "of_right", "of_both", "verdict")}


def three_branches_in_a_rework_loop() -> list[list[str]]:
    """What is open in the second round after each of three joined tasks."""
    workflow = start(three_branches())
    for key in ("one", "two", "three"):
        complete(workflow, key)
    complete(workflow, "sign", verdict="again")
    found = []
    for key in ("three", "one", "two"):
        complete(workflow, key)
        found.append(open_now(workflow))
    return found


def three_branches() -> Sketch:
    return (
        Sketch()
        .start()
        .exclusive("begin", default="fork")
        .parallel("fork", "join")
        .task("one", "two", "three", "sign")
        .exclusive("enough", default="end")
        .end()
        .flow("start > begin > fork > one > join > sign > enough > end")
        .flow("fork > two > join")
        .flow("fork > three > join")
        .flow("enough > begin", when='verdict == "again"')
    )


def a_rework_loop_inside_a_branch_of_another() -> list[list[str]]:
    """What is open in the second outer round, whose inner pair is done twice, too."""
    workflow = start(nested())
    for key in ("left", "right", "check", "beside"):
        complete(workflow, key, inner="enough")
    complete(workflow, "sign", verdict="again")
    found = []
    for key in ("beside", "right", "left", "check", "left", "right"):
        complete(workflow, key, inner="again")
        found.append(open_now(workflow))
    return found


def nested() -> Sketch:
    return (
        Sketch()
        .start()
        .exclusive("begin", default="fork")
        .exclusive("inner_begin", default="inner_fork")
        .parallel("fork", "inner_fork", "inner_join", "join")
        .task("left", "right", "check", "beside", "sign")
        .exclusive("inner_enough", default="join")
        .exclusive("enough", default="end")
        .end()
        .flow("start > begin > fork > inner_begin > inner_fork > left > inner_join > check")
        .flow("inner_fork > right > inner_join")
        .flow("check > inner_enough > join > sign > enough > end")
        .flow("inner_enough > inner_begin", when='inner == "again"')
        .flow("fork > beside > join")
        .flow("enough > begin", when='verdict == "again"')
    )


def an_answer_given_later_in_the_branch_that_arrives_first() -> object:
    """Both branches answer the same; the later answer arrives at the join before the earlier."""
    sketch = (
        Sketch()
        .start()
        .parallel("fork", "join")
        .task("early", "slow", "late", "sign")
        .end()
        .flow("start > fork > early > slow > join > sign > end")
        .flow("fork > late > join")
    )
    workflow = start(sketch)
    complete(workflow, "early", verdict="first said")
    complete(workflow, "late", verdict="last said")
    complete(workflow, "slow")
    return ready(workflow)["sign"].data["verdict"]


def a_side_branch_that_ends_last_in_a_called_process() -> object:
    """What the caller knows, when a reminder beside the main path ends after it."""
    inner = (
        Sketch("inner")
        .start()
        .task("answer", "remind")
        .boundary("beside", "answer", "message:hurry", interrupting=False)
        .end()
        .end("aside")
        .flow("start > answer > end")
        .flow("beside > remind > aside")
    )
    outer = (
        Sketch()
        .start()
        .task("before")
        .call("inside", "inner")
        .task("after")
        .end()
        .flow("start > before > inside > after > end")
    )
    workflow = start(outer, inner)
    complete(workflow, "before", verdict="stale")
    deliver(workflow, "hurry")
    complete(workflow, "answer", verdict="fresh")
    complete(workflow, "remind")
    return ready(workflow)["after"].data["verdict"]
