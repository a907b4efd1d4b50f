"""Control-flow patterns, each run twice: live, and stored and loaded before every act.

The library's own suite is not part of what its registry hands out, so these stand for it: the
workflow control-flow patterns (WCP) that BPMN 2.0 draws with the elements carried here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.domain.errors import TaskNotOpen
from engine.runtime import stepper
from tests.runtime.sketches import Sketch
from tests.runtime.worlds import Errand, begin, opened, passed


@dataclass(frozen=True)
class Pattern:
    """A diagram and acts on it: (act, what is passed, what is open then). The last one ends it."""

    sketches: list[Sketch]
    acts: list[tuple[str, str, str]]
    given: dict[str, Any] = field(default_factory=dict)


def tasks(*keys: str) -> Sketch:
    return Sketch().start().task(*keys).end()


def sequence() -> Pattern:
    """WCP-1"""
    sketch = tasks("a", "b", "c").flow("start > a > b > c > end")
    return Pattern([sketch], [("a", "a", "b"), ("b", "b", "c"), ("c", "c end", "")])


def parallel_split_and_synchronization() -> Pattern:
    """WCP-2 and WCP-3"""
    sketch = tasks("a", "b", "c", "after").parallel("fork", "join")
    sketch.flow("start > fork > a > join > after > end").flow("fork > b > join")
    sketch.flow("fork > c > join")
    return Pattern(
        [sketch],
        [
            ("b", "b", "a c"),
            ("c", "c", "a"),
            ("a", "a join", "after"),
            ("after", "after end", ""),
        ],
    )


def exclusive_choice_and_simple_merge() -> Pattern:
    """WCP-4 and WCP-5"""
    sketch = tasks("ask", "yes", "no", "after").exclusive("which", default="no").exclusive("met")
    sketch.flow("start > ask > which > no > met > after > end")
    sketch.flow("which > yes", when='verdict == "yes"').flow("yes > met")
    return Pattern(
        [sketch],
        [
            ("ask verdict=yes", "ask which", "yes"),
            ("yes", "yes met", "after"),
            ("after", "after end", ""),
        ],
    )


def voices(chosen: str) -> Pattern:
    """WCP-6 and WCP-7: an inclusive split, and the join that waits for what was chosen."""
    sketch = tasks("one", "two", "none", "after")
    sketch.node("inclusiveGateway", "which", default="which_to_none")
    sketch.node("inclusiveGateway", "met")
    sketch.flow("start > which > none > met > after > end")
    sketch.flow("which > one", when="first").flow("which > two", when="second")
    sketch.flow("one > met").flow("two > met")
    given = {"first": "one" in chosen.split(), "second": "two" in chosen.split()}
    asked = chosen.split()
    acts = [
        (key, key if asked[number:] else f"{key} met", " ".join(asked[number:]) or "after")
        for number, key in enumerate(asked, 1)
    ]
    return Pattern([sketch], [*acts, ("after", "after end", "")], given)


def multi_merge() -> Pattern:
    """WCP-8: what follows an exclusive merge is done once for each token."""
    sketch = tasks("a", "b", "each").parallel("fork").exclusive("met")
    sketch.flow("start > fork > a > met > each > end").flow("fork > b > met")
    return Pattern(
        [sketch],
        [
            ("a", "a met", "b each"),
            ("b", "b met", "each each"),
            ("each", "each end", "each"),
            ("each", "each end", ""),
        ],
    )


def arbitrary_cycle() -> Pattern:
    """WCP-10: two ways back, to different places."""
    sketch = tasks("a", "b", "c").exclusive("first").exclusive("second")
    sketch.exclusive("which", default="end")
    sketch.flow("start > first > a > second > b > c > which > end")
    sketch.flow("which > first", when='verdict == "far"')
    sketch.flow("which > second", when='verdict == "near"')
    return Pattern(
        [sketch],
        [
            ("a", "a second", "b"),
            ("b", "b", "c"),
            ("c verdict=near", "c which second", "b"),
            ("b", "b", "c"),
            ("c verdict=far", "c which first", "a"),
            ("a", "a second", "b"),
            ("b", "b", "c"),
            ("c verdict=done", "c which end", ""),
        ],
    )


def implicit_termination() -> Pattern:
    """WCP-11: a process ends when nothing is left to do."""
    sketch = tasks("a", "b").end("other").parallel("fork")
    sketch.flow("start > fork > a > end").flow("fork > b > other")
    return Pattern([sketch], [("b", "b other", "a"), ("a", "a end", "")])


def deferred_choice() -> Pattern:
    """WCP-16: the first of several events decides."""
    sketch = tasks("read", "ask").choice("wait")
    sketch.catch("came", "message:letter").catch("late", "timer:step").catch("never", "timer:long")
    sketch.flow("start > wait > came > read > end").flow("wait > late > ask > end")
    sketch.flow("wait > never > end")
    return Pattern([sketch], [("fire late", "wait late", "ask"), ("ask", "ask end", "")])


def cancel_task() -> Pattern:
    """WCP-19"""
    sketch = tasks("a", "instead").boundary("stop", "a", "message:halt")
    sketch.flow("start > a > end").flow("stop > instead > end")
    return Pattern([sketch], [("deliver halt", "stop", "instead"), ("instead", "instead end", "")])


def cancel_case() -> Pattern:
    """WCP-20 and WCP-43: explicit termination."""
    sketch = tasks("a", "b", "stop").end("over", terminate=True).parallel("fork")
    sketch.flow("start > fork > a > b > end").flow("fork > stop > over")
    return Pattern([sketch], [("a", "a", "b stop"), ("stop", "stop over", "")])


def structured_loop() -> Pattern:
    """WCP-21"""
    sketch = tasks("a", "b").exclusive("begin").exclusive("enough", default="end")
    sketch.flow("start > begin > a > b > enough > end")
    sketch.flow("enough > begin", when='verdict == "again"')
    return Pattern(
        [sketch],
        [
            ("a", "a", "b"),
            ("b verdict=again", "b enough begin", "a"),
            ("a", "a", "b"),
            ("b verdict=enough", "b enough end", ""),
        ],
    )


def cancel_region() -> Pattern:
    """WCP-25: all that is open in a sub-process."""
    region = (
        Sketch("region")
        .start("in")
        .parallel("region_fork", "region_join")
        .task("a", "b")
        .end("out")
        .flow("in > region_fork > a > region_join > out")
        .flow("region_fork > b > region_join")
    )
    sketch = tasks("instead").inside("region", region).boundary("stop", "region", "message:halt")
    sketch.flow("start > region > end").flow("stop > instead > end")
    return Pattern(
        [sketch],
        [
            ("a", "a", "b"),
            ("deliver halt", "stop", "instead"),
            ("instead", "instead end", ""),
        ],
    )


def persistent_trigger() -> Pattern:
    """WCP-24 by an event sub-process: an event beside the work, as often as it comes."""
    aside = (
        Sketch("aside")
        .start("told", "message:news", interrupting=False)
        .task("note")
        .end("noted")
        .flow("told > note > noted")
    )
    sketch = tasks("work").inside("aside", aside, triggered=True).flow("start > work > end")
    return Pattern(
        [sketch],
        [
            ("deliver news", "told", "note work"),
            ("note", "note noted aside", "work"),
            ("deliver news", "told", "note work"),
            ("work", "work end", "note"),
            ("note", "note noted aside", ""),
        ],
    )


def sub_process_by_call() -> Pattern:
    """A called process, twice, each time with what is known by then."""
    called = Sketch("called").start("in").task("a").exclusive("which", default="out").task("b")
    called.end("out").flow("in > a > which > out").flow("which > b", when='verdict == "more"')
    called.flow("b > out")
    sketch = tasks().call("first", "called").call("second", "called")
    sketch.flow("start > first > second > end")
    return Pattern(
        [sketch, called],
        [
            ("a verdict=more", "a which", "b"),
            ("b", "b out first in", "a"),
            ("a", "a which", "b"),
            ("b", "b out second end", ""),
        ],
    )


PATTERNS: dict[str, Callable[[], Pattern]] = {
    each.__name__: each
    for each in (
        sequence,
        parallel_split_and_synchronization,
        exclusive_choice_and_simple_merge,
        multi_merge,
        arbitrary_cycle,
        implicit_termination,
        deferred_choice,
        cancel_task,
        cancel_case,
        structured_loop,
        cancel_region,
        persistent_trigger,
        sub_process_by_call,
    )
}


def follow(pattern: Pattern, *, is_stored: bool) -> list[tuple[list[str], list[str], bool]]:
    """After every act: what was passed, what is open, whether it has ended."""
    told = begin(*pattern.sketches, is_stored=is_stored, **pattern.given)
    return [_act(told, act) for act, _, _ in pattern.acts]


def _act(told: Errand, act: str) -> tuple[list[str], list[str], bool]:
    kind, _, name = act.partition(" ")
    if kind in ("fire", "deliver"):
        step = told.fire(name) if kind == "fire" else told.deliver(name)
        assert step is not None
    else:
        told._store()
        key = next(k for k, wait in told.live.waits.items() if wait.element.id == kind)
        answers = dict([name.split("=")]) if name else {}
        step = stepper.complete(told.live, key, answers, told.world)
    return passed(step), told.open_now, step.finished


@pytest.mark.parametrize("is_stored", [False, True], ids=["live", "stored"])
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_goes_as_it_is_drawn(name: str, is_stored: bool) -> None:
    pattern = PATTERNS[name]()
    expected = [
        (went.split(), open_then.split(), number == len(pattern.acts))
        for number, (_, went, open_then) in enumerate(pattern.acts, 1)
    ]
    assert follow(pattern, is_stored=is_stored) == expected


@pytest.mark.parametrize("is_stored", [False, True], ids=["live", "stored"])
@pytest.mark.parametrize("chosen", ["one", "two", "one two", "two one", "none"])
def test_an_inclusive_join_waits_for_whichever_voices_were_asked(
    chosen: str, is_stored: bool
) -> None:
    pattern = voices(chosen)
    expected = [
        (went.split(), open_then.split(), number == len(pattern.acts))
        for number, (_, went, open_then) in enumerate(pattern.acts, 1)
    ]
    assert follow(pattern, is_stored=is_stored) == expected


def test_a_transient_trigger_that_nobody_awaits_is_refused() -> None:
    """WCP-23: what waits for it later does not get it."""
    sketch = tasks("a").catch("wait", "message:news").flow("start > a > wait > end")
    told = begin(sketch)
    with pytest.raises(TaskNotOpen):
        told.deliver("news")
    assert opened(told.complete("a")) == ["wait"]
    assert told.deliver("news").finished
