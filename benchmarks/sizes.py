"""How much is done in a run, and in a short one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """`repetitions` of the whole case by each engine; `cases` taken from filing to decision;
    instances held `live` at once by a server, and `cached` by nothing but the cache; open `clocks`
    under a change of the calendar; timers `armed` and `due`, lights to be `marked`;
    cases `overseen` by a supervisor, `served` for each number of clients, and `closed`; `deaths` of
    each server; `paged` cases of a city whose pages are asked for, by each of its people in so many
    `rounds`."""

    repetitions: int
    cases: int
    live: int
    cached: int
    clocks: int
    armed: int
    due: int
    marked: int
    overseen: int
    served: int
    closed: int
    deaths: int
    paged: int
    rounds: int


LONG = Sizes(
    repetitions=25,
    cases=100,
    live=1000,
    cached=10_000,
    clocks=100_000,
    armed=1_000_000,
    due=1000,
    marked=100_000,
    overseen=1_000_000,
    served=40,
    closed=60,
    deaths=5,
    paged=1_000_000,
    rounds=20,
)
QUICK = Sizes(
    repetitions=5,
    cases=10,
    live=60,
    cached=1000,
    clocks=10_000,
    armed=100_000,
    due=30,
    marked=10_000,
    overseen=50_000,
    served=12,
    closed=12,
    deaths=1,
    paged=20_000,
    rounds=3,
)
