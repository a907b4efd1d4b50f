"""What a completed task costs the database: statements, transactions, bytes of write-ahead log.

Statements are counted where they leave libpq, so that none of any layer is missed; transactions, rows
and log where the server counts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean

from benchmarks import installation
from benchmarks.desk import Desk
from benchmarks.figures import Figure
from benchmarks.installation import Place
from benchmarks.log import Log
from benchmarks.watch import Watch
from benchmarks.wire import tapped
from engine.services.office import Office

#: Bytes of write-ahead log that a task may cost which only moves its case on.
MOST_LOG = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """Of one completed task, on average."""

    statements: float
    round_trips: float
    writing: float
    transactions: float
    rows: float


def measure(place: Place, office: Office, watch: Watch, count: int) -> Iterator[Figure]:
    """`count` cases from filing to decision, three times: to count, and for the log with and
    without full pages."""
    desk = Desk.of(place, office)
    watch.be_alone()
    sent = dict(_sent(desk, watch, place.database, count))
    yield from _of_statements(sent)
    plain = installation.KINDS["plain task"]
    log = Log(watch)
    bare, parts = _logged(desk, log, count, full_pages=False)
    full, _ = _logged(desk, log, count, full_pages=True)
    for element, size in bare.items():
        note = f"right after a checkpoint {full[element] / 1000:.0f}; {parts[element]}"
        most = MOST_LOG if element in plain else None
        yield Figure(f"{element}: write-ahead log", size / 1000, "kB", at_most=most, note=note)
    each = mean(bare[element] for element in plain) / 1000
    yield Figure("plain task: write-ahead log", each, "kB", at_most=MOST_LOG)


def _of_statements(sent: dict[str, Sent]) -> Iterator[Figure]:
    for element, told in sent.items():
        note = f"{told.rows:.0f} rows written; {told.round_trips:.1f} round trips"
        yield Figure(f"{element}: statements", told.statements, at_most=15, note=note)
    commits = mean(told.writing for told in sent.values())
    every = mean(told.transactions for told in sent.values())
    note = (
        f"the server counts {every:.2f} transactions: the other one is the SELECT that reads whose"
        " token it is, outside any transaction, and writes nothing"
    )
    yield Figure("commits per completed task", commits, at_most=1, note=note)


def _sent(desk: Desk, watch: Watch, database: str, count: int) -> Iterator[tuple[str, Sent]]:
    engine = desk.office.uow.engine
    for element, tasks in desk.rounds(count, "S"):
        engine.dispose()
        before, numbered = watch.counted(database), watch.writing_transactions()
        with tapped(engine) as wire:
            desk.complete(element, tasks)
            statements, round_trips = wire.statements(), wire.round_trips()
        writing = watch.writing_transactions() - numbered
        after, each = watch.counted(database), len(tasks)
        yield (
            element,
            Sent(
                statements / each,
                round_trips / each,
                writing / each,
                (after.transactions - before.transactions) / each,
                (after.rows - before.rows) / each,
            ),
        )


def _logged(
    desk: Desk, log: Log, count: int, *, full_pages: bool
) -> tuple[dict[str, float], dict[str, str]]:
    """Element -> bytes of write-ahead log for each of its tasks, and where most of them went."""
    sizes: dict[str, float] = {}
    parts: dict[str, str] = {}
    for element, tasks in desk.rounds(count, "F" if full_pages else "N"):
        began = log.begin(full_pages=full_pages)
        desk.complete(element, tasks)
        sizes[element] = log.size(began) / len(tasks)
        parts[element] = log.largest(began, desk.office.uow.engine, len(tasks))
    return sizes, parts
