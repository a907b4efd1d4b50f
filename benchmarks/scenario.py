"""One case of credit repair, as every side of a comparison drives it; knows neither engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WORKFLOWS = ROOT / "workflows"
PROCEDURE = "credit_repair"
SCENARIO = WORKFLOWS / PROCEDURE / "scenarios" / "granted_general.json"
RETURNED = WORKFLOWS / PROCEDURE / "scenarios" / "returned_twice.json"
#: Between these tasks a case goes back and forth; the scenario holds one such round.
REWORKED = ("second_review", "first_review")

#: The functions by which a diagram asks when a timer is due.
MOMENTS = ("due", "clock_warning", "clock_due", "clock_statutory")
#: What the operations of the diagram answer; the others answer nothing.
OPERATIONS: Mapping[str, Any] = {
    "check_filing": {"code_is_valid": True, "pending": []},
    "check_eligibility": {"eligible": True},
    "accept_case": "accepted",
    "find_pending_letter": "takedown_receipt",
    "issue_letter": "electronic",
}


@dataclass(frozen=True, slots=True)
class Move:
    """A user task completed with answers, or (`is_message`) a message with its payload."""

    name: str
    data: dict[str, Any]
    _: KW_ONLY
    is_message: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """`given`: what the process knows at the start; `application`: answers of the filing."""

    given: dict[str, Any]
    application: dict[str, Any]
    record: dict[str, Any]
    moves: tuple[Move, ...]


def read(path: Path = SCENARIO) -> Scenario:
    told = json.loads(path.read_text("utf-8"))
    return Scenario(
        given=told["given"],
        application=told["filing"]["application"],
        record=told["filing"]["record"],
        moves=tuple(_move(step) for step in told["steps"]),
    )


def reworked(rounds: int) -> Scenario:
    """The case that the second review sends back, so many times; it ends with the last round."""
    told = read(RETURNED)
    names = [move.name for move in told.moves]
    place = next(
        number
        for number in range(len(names))
        if tuple(names[number : number + 2]) == REWORKED
        and told.moves[number].data["decision"] == "return"
    )
    moves = (*told.moves[:place], *(told.moves[place : place + 2] * rounds))
    return Scenario(told.given, told.application, told.record, moves)


def _move(step: Mapping[str, Any]) -> Move:
    if "message" in step:
        return Move(step["message"], step.get("payload", {}), is_message=True)
    return Move(step["task"], step["answers"], is_message=False)
