"""How much is done in a run, and in a short one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """`repetitions` of the whole case by each engine; `cases` taken from filing to decision;
    instances held `live` at once."""

    repetitions: int
    cases: int
    live: int


LONG = Sizes(repetitions=25, cases=100, live=1000)
QUICK = Sizes(repetitions=5, cases=15, live=100)
