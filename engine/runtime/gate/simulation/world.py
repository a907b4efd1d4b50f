"""The surroundings of a walked step: limits in days, operations that only leave their marks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.domain.clock import Unit
from engine.runtime.decision_task import outcomes_of
from engine.runtime.drawing import Element
from engine.runtime.gate.vocabulary import Shape
from engine.runtime.procedure import Procedure

BEGIN = datetime(2020, 3, 2, 1, tzinfo=UTC)
#: A date of the matter may come at any time; it is held to come late.
SOMEDAY = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a case has to let go of before it is over: flags on records, clocks, letters."""

    flags: frozenset[str] = frozenset()
    clocks: frozenset[str] = frozenset()
    letters: frozenset[str] = frozenset()

    @property
    def told(self) -> bytes:
        """The same for equal ledgers, in every process."""
        return repr([sorted(self.flags), sorted(self.clocks), sorted(self.letters)]).encode()

    def after(self, shape: Shape, given: Mapping[str, Any], known: Collection[str]) -> "Ledger":
        effect = shape.effect

        def named(patterns: Collection[str]) -> frozenset[str]:
            return frozenset(filter(None, (_named(each, given, known) for each in patterns)))

        return replace(
            self,
            flags=_without(self.flags, named(effect.no_flags)) | named(effect.flags),
            clocks=_without(self.clocks, named(effect.stops)) | named(effect.starts),
            letters=_without(self.letters, _served(effect.serves, given)) | named(effect.queues),
        )


def _without(held: frozenset[str], gone: frozenset[str]) -> frozenset[str]:
    return frozenset() if "*" in gone else held - gone


def _served(patterns: Collection[str], given: Mapping[str, Any]) -> frozenset[str]:
    """`$letter` without a letter means all of them."""
    names = (_named(each, given, None) for each in patterns)
    return frozenset(name or "*" for name in names)


def _named(pattern: str, given: Mapping[str, Any], known: Collection[str] | None) -> str:
    """`$name` is a parameter's value; after `?` only what is known by that name counts."""
    head, sign, name = pattern.removeprefix("?").partition("$")
    told = given.get(name) if sign else ""
    full = f"{head}{told}" if isinstance(told, str) and (told or not sign) else ""
    is_known = not pattern.startswith("?") or known is None or full in known
    return full if is_known else ""


@dataclass
class World:
    """One step's surroundings. `script`: which of several answers each operation gives back."""

    procedure: Procedure
    shapes: Mapping[str, Shape]
    letters: Collection[str]
    branching: frozenset[tuple[str, str]]  # elements whose answer a condition reads
    ledger: Ledger
    script: tuple[int, ...] = ()
    taken: list[int] = field(default_factory=list)
    options: list[int] = field(default_factory=list)

    def now(self) -> datetime:
        return BEGIN

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime:
        budget = self.procedure.limit(limit, data).budget
        if budget is None:
            return BEGIN + SOMEDAY
        weeks = budget.amount / 5 if budget.unit is Unit.WORKING_DAYS else 0
        months = budget.amount * 30 if budget.unit is Unit.MONTHS else 0
        return BEGIN + timedelta(days=weeks * 7 or months or budget.amount)

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any:
        shape = self.shapes[operation]
        answers = [self._answer(each, arguments) for each in shape.answers] or [None]
        self.ledger = self.ledger.after(shape, arguments, self.letters)
        return self._one_of(element, answers)

    def decide(self, element: Element, decision_id: str, data: Mapping[str, Any]) -> Any:
        """Any answer that the table may give, whatever is known."""
        return self._one_of(
            element, outcomes_of(self.procedure.decisions[decision_id], decision_id)
        )

    def _one_of(self, element: Element, answers: Sequence[Any]) -> Any:
        if len(answers) == 1 or (element.process_id, element.id) not in self.branching:
            return answers[0]
        place = len(self.taken)
        chosen = self.script[place] if place < len(self.script) else 0
        self.taken.append(chosen)
        self.options.append(len(answers))
        return answers[chosen]

    def _answer(self, pattern: Any, arguments: Mapping[str, Any]) -> Any:
        if pattern == "?letter":
            return min(self.ledger.letters, default="")
        if isinstance(pattern, str) and pattern.startswith("$"):
            return arguments.get(pattern[1:])
        return pattern
