"""Stored states as releases wrote them: `python -m tests.runtime.golden` writes those of this format.

A folder for each format: the diagrams, `state.bin`, and `expected.json`, which says where the
instance stands and which acts bring it to its end. Written once, by the first release of a format,
and never again: every later release has to read it.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from engine.runtime import catalog, codec, stepper
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance
from tests.runtime.sketches import Sketch, folder
from tests.runtime.worlds import Errand, World, begin

STATES = Path(__file__).parent / "data" / "states"


def held(number: int) -> Path:
    return STATES / f"format_{number}"


def procedure(number: int) -> Procedure:
    """The procedure of a golden state, with its diagrams as they were then."""
    files = folder(Sketch())
    for path in held(number).glob("*.bpmn"):
        files[f"sample/{path.name}"] = path.read_bytes()
    return catalog.load(files, "sample")


def standing(live: Instance) -> dict[str, Any]:
    """Where it stands, as JSON."""
    return {
        "waits": sorted([w.element.id, w.kind, dict(w.data)] for w in live.waits.values()),
        "timers": sorted([t.element.id, t.due_at.isoformat()] for t in live.timers.values()),
    }


def go_on(told: Errand, moves: list[list[Any]]) -> list[str]:
    """Make the moves; what was passed on the way."""
    trail: Counter[str] = Counter()
    for kind, place, answers in moves:
        if kind == "fire":
            step = told.fire(place)
            assert step is not None
        else:
            step = getattr(told, kind)(place, **answers)
        told.last = step
        trail.update(element.id for element in step.passed)
    return sorted(trail.elements())


def _everything() -> tuple[Sketch, Sketch]:
    """What a state of format 2 may hold: one of each kind of wait, timer and event."""
    called = (
        Sketch("called")
        .start()
        .task("inside", "late")
        .boundary("reminder", "inside", "cycle:R2/P1D", interrupting=False)
        .end()
        .end("reminded")
        .flow("start > inside > end")
        .flow("reminder > late > reminded")
    )
    withdrawal = (
        Sketch("withdrawal")
        .start("withdrawal_begin", "message:withdrawn")
        .task("confirm")
        .end("withdrawal_end")
        .flow("withdrawal_begin > confirm > withdrawal_end")
    )
    hurry = (
        Sketch("hurry")
        .start("hurry_begin", "message:hurried", interrupting=False)
        .task("answer_hurry")
        .end("hurry_end")
        .flow("hurry_begin > answer_hurry > hurry_end")
    )
    main = (
        Sketch()
        .start()
        .exclusive("begin", default="fork")
        .parallel("fork", "join")
        .task("left", "right", "sign")
        .boundary_timer("overdue", "right", "step", interrupting=False)
        .task("chase")
        .end("chased")
        .call("call", "called")
        .choice("wait")
        .catch("came", "message:letter")
        .catch("soon", "duration:P3D")
        .catch("too_late", "timer:long")
        .exclusive("heard", default="join")
        .exclusive("enough", default="end")
        .end()
        .inside("withdrawal", withdrawal, triggered=True)
        .inside("hurry", hurry, triggered=True)
        .flow("start > begin > fork > left > join > sign > enough > end")
        .flow("fork > right > join")
        .flow("fork > call > join")
        .flow("fork > wait > came > heard > join")
        .flow("wait > soon > heard")
        .flow("wait > too_late > heard")
        .flow("overdue > chase > chased")
        .flow("enough > begin", when='verdict == "again"')
    )
    return main, called


def _at_work() -> Errand:
    """In its second round, one branch answered, one reminder come, one hurry at work."""
    told = begin(*_everything(), world=World(), grade="general")
    told.complete("left", verdict="𠮷 😀")
    told.complete("right")
    told.complete("inside")
    told.deliver("letter")
    told.complete("sign", verdict="again")
    told.complete("left", verdict={"typename": "datetime", "value": [1, True, None, 1.5, "é"]})
    told.fire("reminder")
    told.fire("overdue")
    told.deliver("hurried")
    return told


#: From there to the end, by every kind of move.
MOVES: list[list[Any]] = [
    ["complete", "chase", {}],
    ["fire", "too_late", {}],
    ["fire", "reminder", {}],
    ["complete", "answer_hurry", {}],
    ["complete", "right", {}],
    ["complete", "inside", {"verdict": "again"}],
]
LAST: list[list[Any]] = [["deliver", "withdrawn", {}], ["complete", "confirm", {}]]


def write() -> None:
    place = held(codec.FORMAT)
    if (place / "state.bin").exists():
        raise SystemExit(f"{place} has been written before: a golden state stays as it is")
    place.mkdir(parents=True, exist_ok=True)
    for each in _everything():
        (place / f"{each.process_id}.bpmn").write_bytes(each.xml())
    told = _at_work()
    told.reload()
    (place / "state.bin").write_bytes(told.live.dump())
    expected = {**standing(told.live), "moves": MOVES + LAST}
    expected["passed"] = go_on(told, expected["moves"])
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (place / "expected.json").write_text(text + "\n", "utf-8")


def read(number: int) -> tuple[Errand, dict[str, Any]]:
    """The instance of a golden state, and what is expected of it."""
    drawn, raw = procedure(number), (held(number) / "state.bin").read_bytes()
    live = stepper.load(drawn, "sample", raw)
    nothing = stepper.Step((), (), (), (), (), finished=False)
    expected = json.loads((held(number) / "expected.json").read_text("utf-8"))
    return Errand(World(), drawn, live, nothing), expected


if __name__ == "__main__":
    write()
