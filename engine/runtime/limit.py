"""A limit as procedure.toml names it: how long something may take, or the day that ends it."""

from dataclasses import dataclass
from datetime import date

from engine.domain.clock import Budget
from engine.domain.words import Words
from engine.runtime.expressions import Expression


@dataclass(frozen=True, slots=True)
class Limit:
    """A named limit of the procedure: a budget, or a date taken from the matter (`source`), or so
    many working days `before` that date; with both, the end of each round of the budget since it."""

    key: str
    title: Words
    basis: str
    budget: Budget | None
    source: str | None
    replaces: str | None = None
    when: Expression | None = None
    #: From this day on it takes the place of the one it replaces: the law has changed.
    since: date | None = None
    before: int = 0
    #: The step ends at the latest with the clock that it runs under, while that has not passed.
    within_clock: bool = False

    @property
    def begins_with_step(self) -> Budget | None:
        """What runs from the beginning of a step; None where a date of the matter ends it."""
        return None if self.source else self.budget
