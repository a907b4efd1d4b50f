"""Memory of a serving process: at rest, and with its cache of live instances full."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import completion, installation
from benchmarks.figures import Figure
from benchmarks.installation import Place
from engine.services.office import Office

MEGABYTE = 1_000_000


def measure(place: Place, office: Office, count: int) -> Iterator[Figure]:
    """A new serving process; `count` cases are taken one step on by it, so it holds them live."""
    case_ids = installation.file_cases(office, count + 1, "M")
    with completion.serving(place) as server:
        completion.take_on(server, office, case_ids[:1])  # the first request imports and parses
        before = server.usage()
        completion.take_on(server, office, case_ids[1:])
        after = server.usage()
    live = after["live"] - before["live"]
    each = (after["rss"] - before["rss"]) / live / 1000
    yield Figure("memory of a serving process at rest", before["rss"] / MEGABYTE, "MB")
    yield Figure(
        f"the same with {after['live']:,.0f} live instances",
        after["rss"] / MEGABYTE,
        "MB",
        note=f"{each:.0f} kB each",
    )
