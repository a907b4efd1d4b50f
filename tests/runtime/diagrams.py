"""Diagrams by chance: well-structured blocks inside one another, of all that the engine carries."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random

from tests.runtime.sketches import Sketch

VARIABLES = ("v0", "v1", "v2")
#: What a task may answer; `again` sends a loop back, `a` takes the first way of a decision.
VALUES = ("a", "b", "again")


class Draughtsman:
    """Draws one diagram. A block is drawn into a sketch and returns its first and last element."""

    def __init__(self, seed: int, *, interrupting: bool) -> None:
        self.random = Random(seed)  # noqa: S311
        self.interrupting = interrupting
        self.count = 0

    def diagram(self) -> Sketch:
        sketch = Sketch().start()
        self._scope(sketch, "start", depth=3)
        return sketch

    def _key(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def _scope(self, sketch: Sketch, start: str, depth: int) -> None:
        first, last = self.block(sketch, depth)
        end = self._key("end")
        sketch.end(end).flow(f"{start} > {first}").flow(f"{last} > {end}")
        if self.random.random() < 0.4:
            self._event_sub_process(sketch)

    def _event_sub_process(self, sketch: Sketch) -> None:
        key, start = self._key("aside"), self._key("start")
        interrupting = self.interrupting and self.random.random() < 0.5
        awaits = f"message:{key}" if self.random.random() < 0.7 else "timer:step"
        inner = Sketch(key).start(start, awaits, interrupting=interrupting)
        first, last = self.block(inner, 1)
        end = self._key("end")
        inner.end(end).flow(f"{start} > {first}").flow(f"{last} > {end}")
        sketch.inside(key, inner, triggered=True)

    def block(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        simple: list[Callable[[Sketch, int], tuple[str, str]]] = [self._task, self._service]
        nested = [
            self._sequence, self._sequence, self._choice, self._fork, self._fork, self._loop,
            self._inside, self._gateway, self._guarded,
        ]  # fmt: skip
        return self.random.choice(nested if depth > 0 else simple)(sketch, depth - 1)

    def _task(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        key = self._key("task")
        sketch.task(key)
        return key, key

    def _service(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        key = self._key("service")
        sketch.service(key, "applaud", loudness="1")
        return key, key

    def _sequence(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        blocks = [self.block(sketch, depth) for _ in range(self.random.randint(2, 3))]
        for (_, last), (first, _) in itertools.pairwise(blocks):
            sketch.flow(f"{last} > {first}")
        return blocks[0][0], blocks[-1][1]

    def _choice(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        split, merge = self._key("split"), self._key("merge")
        one, other = self.block(sketch, depth), self.block(sketch, depth)
        sketch.exclusive(split, default=other[0]).exclusive(merge)
        variable = self.random.choice(VARIABLES)
        sketch.flow(f"{split} > {one[0]}", when=f'{variable} == "a"').flow(f"{one[1]} > {merge}")
        sketch.flow(f"{split} > {other[0]}").flow(f"{other[1]} > {merge}")
        return split, merge

    def _fork(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        fork, join = self._key("fork"), self._key("join")
        sketch.parallel(fork, join)
        for _ in range(self.random.randint(2, 3)):
            first, last = self.block(sketch, depth)
            sketch.flow(f"{fork} > {first}").flow(f"{last} > {join}")
        return fork, join

    def _loop(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        """A block, a task that decides, and the way back."""
        begin, enough, after = self._key("begin"), self._key("enough"), self._key("after")
        first, last = self.block(sketch, depth)
        decide, _ = self._task(sketch, depth)
        sketch.exclusive(begin).exclusive(enough, default=after).exclusive(after)
        sketch.flow(f"{begin} > {first}").flow(f"{last} > {decide} > {enough} > {after}")
        variable = self.random.choice(VARIABLES)
        sketch.flow(f"{enough} > {begin}", when=f'{variable} == "again"')
        return begin, after

    def _inside(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        key, start = self._key("inside"), self._key("start")
        inner = Sketch(key).start(start)
        self._scope(inner, start, depth)
        sketch.inside(key, inner)
        return key, key

    def _gateway(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        """A wait for a message or for the first of up to two timers."""
        wait, merge = self._key("wait"), self._key("merge")
        sketch.choice(wait).exclusive(merge)
        awaited = [f"message:{wait}", "duration:PT1H", "timer:step"]
        for awaits in awaited[: self.random.randint(2, 3)]:
            key, (first, last) = self._key("catch"), self.block(sketch, depth - 1)
            sketch.catch(key, awaits)
            sketch.flow(f"{wait} > {key} > {first}").flow(f"{last} > {merge}")
        return wait, merge

    def _guarded(self, sketch: Sketch, depth: int) -> tuple[str, str]:
        """A task, or a sub-process, with an event on its boundary."""
        is_task = self.random.random() < 0.5
        held, _ = self._task(sketch, depth) if is_task else self._inside(sketch, depth)
        guard = self._key("guard")
        awaits = self.random.choice([f"message:{guard}", "timer:step", "duration:PT2H"])
        first, last = self.block(sketch, depth - 1)
        if self.interrupting and self.random.random() < 0.6:
            merge = self._key("merge")
            sketch.boundary(guard, held, awaits).exclusive(merge)
            sketch.flow(f"{held} > {merge}").flow(f"{guard} > {first}").flow(f"{last} > {merge}")
            return held, merge
        end = self._key("end")
        sketch.boundary(guard, held, awaits, interrupting=False).end(end)
        sketch.flow(f"{guard} > {first}").flow(f"{last} > {end}")
        # a boundary event needs something behind what it is attached to
        merge = self._key("merge")
        sketch.exclusive(merge).flow(f"{held} > {merge}")
        return held, merge
