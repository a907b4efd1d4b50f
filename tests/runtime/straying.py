"""Folders that look sound and are not: what only a walk through them can tell, and of which element."""

from __future__ import annotations

import json

from tests.runtime.hostile import Files, Hostile, chosen, message, one, waiting
from tests.runtime.sketches import Sketch, folder


def _form(files: Files, key: str, schema: dict[str, object]) -> Files:
    return {**files, f"sample/forms/{key}.json": json.dumps(schema).encode()}


def half_joined() -> Files:
    """One of two branches is taken, and then both are waited for."""
    sketch = chosen(Sketch()).task("blue").parallel("join")
    sketch.flows = [each for each in sketch.flows if 'targetRef="end"' not in each]
    sketch.nodes = [each.replace("which_to_end", "which_to_blue") for each in sketch.nodes]
    return one(sketch.flow("which > blue > join > end").flow("red > join"))


def asked_only_sometimes() -> Files:
    """The colour is demanded, but only of those who paint."""
    return _form(
        one(chosen(Sketch()).asks("look", way=["paint", "wash"])),
        "look",
        {
            "type": "object",
            "properties": {
                "way": {"type": "string", "enum": ["paint", "wash"]},
                "colour": {
                    "type": "string",
                    "enum": ["red", "green"],
                    "x-show-if": {"field": "way", "in": ["paint"]},
                },
            },
            "required": ["way", "colour"],
        },
    )


def multiplying() -> Files:
    """Every round forks once more, and the library foresees all rounds at once."""
    sketch = Sketch().start().task("look").parallel("fork").end().flow("start > look > fork > end")
    return one(sketch.flow("fork > look"))


def too_long() -> Files:
    """Three calls of two hundred operations without a pause."""
    keys = [f"op_{number}" for number in range(200)]
    inner = Sketch("inner").start("begin").end("over")
    for key in keys:
        inner.service(key, "applaud")
    inner.flow(" > ".join(["begin", *keys, "over"]))
    outer = Sketch().start().task("look").call("one", "inner").call("two", "inner")
    outer.call("three", "inner").end().flow("start > look > one > two > three > end")
    return folder(outer, inner)


def many_at_once() -> Files:
    keys = [f"part_{number}" for number in range(11)]
    sketch = Sketch().start().parallel("fork", "join").task(*keys).end()
    for key in keys:
        sketch.flow(f"fork > {key} > join")
    return one(sketch.flow("start > fork").flow("join > end"))


def doubled() -> Files:
    sketch = Sketch().start().parallel("fork").task("left", "right", "both").end()
    return one(sketch.flow("start > fork > left > both > end").flow("fork > right > both"))


def loosely_asked() -> Files:
    """A number is compared, and a text is taken as well."""
    sketch = Sketch().start().task("look", "much").asks("look", amount=[])
    sketch.exclusive("which", default="end").end().flow("start > look > which > end")
    sketch.flow("which > much", when="amount > 5").flow("much > end")
    return _form(
        one(sketch),
        "look",
        {
            "type": "object",
            "properties": {"amount": {"type": ["number", "string"]}},
            "required": ["amount"],
        },
    )


def never_enough() -> Files:
    sketch = Sketch().start().task("look").asks("look", colour=["red", "green"])
    sketch.exclusive("which", default="look").end().flow("start > look > which > look")
    return one(sketch.flow("which > end", when='colour == "blue"'))


def marking(*after: tuple[str, str, dict[str, str]]) -> Files:
    sketch = Sketch().start().task("look").end()
    path = ["start", "look"]
    for key, operation, arguments in after:
        sketch.service(key, operation, **arguments)
        path.append(key)
    files = one(sketch.flow(" > ".join([*path, "end"])))
    return {**files, "sample/letters/farewell.typ": b"bye"}


def contradictory() -> Files:
    return _form(
        one(Sketch().start().task("look").end().flow("start > look > end")),
        "look",
        {
            "type": "object",
            "properties": {"a": {"type": "string", "enum": ["x"]}},
            "required": ["a"],
            "allOf": [{"properties": {"a": {"const": "y"}}}],
        },
    )


def hidden_behind_an_answer() -> Files:
    sketch = chosen(Sketch())
    sketch.flows = [each.replace('"red"</', '"blue"</') for each in sketch.flows]
    return one(sketch)


STRAYING: dict[str, Hostile] = {
    "walk-dead-end": Hostile(half_joined, "join"),
    "walk-undecidable": Hostile(asked_only_sometimes, "which"),
    "walk-failed": Hostile(multiplying, "sample"),
    "walk-step-limit": Hostile(too_long, "sample"),
    "walk-never-ends": Hostile(never_enough, "sample"),
    "walk-without-due": Hostile(lambda: one(waiting(message(0), message(1))), "it"),
    "walk-record-left": Hostile(lambda: marking(("it", "mark", {"flag": "'red'"})), "end"),
    "walk-clock-left": Hostile(lambda: marking(("it", "wind", {"clock": "'handling'"})), "end"),
    "walk-letter-left": Hostile(lambda: marking(("it", "write", {"letter": "'farewell'"})), "end"),
    "walk-unreached": Hostile(hidden_behind_an_answer, "red"),
    "walk-doubled": Hostile(doubled, "both"),
    "walk-bounded": Hostile(many_at_once, "sample"),
    "walk-unanswered": Hostile(contradictory, "look"),
    "walk-garbage": Hostile(loosely_asked, "which"),
}

__all__ = ["STRAYING", "marking"]
