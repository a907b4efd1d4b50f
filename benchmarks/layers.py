"""Where the time of a completed task goes: looked at a thousand times a second, by layer.

The process that works is interrupted by a timer and asked what it is doing; the innermost frame that
belongs to a layer names it. Waiting for PostgreSQL is told apart from the work around it.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType

from benchmarks.desk import Desk
from benchmarks.figures import Figure
from benchmarks.installation import Place
from engine.services.office import Office

EVERY = 0.001  # seconds
WAITING = "waiting for PostgreSQL"
#: A part of a file's path -> the layer it belongs to. The first that fits.
LAYERS = (
    ("/psycopg/", "driver"),
    ("/sqlalchemy/", "SQLAlchemy"),
    ("/SpiffWorkflow/", "SpiffWorkflow"),
    ("/engine/runtime/", "runtime"),
    ("/engine/persistence/", "persistence"),
    ("/engine/", "services and domain"),
    ("/jsonschema/", "checking answers"),
    ("/rfc8785/", "hashing history"),
    ("/web/", "web"),
    ("/flask", "web"),
    ("/werkzeug/", "web"),
    ("/marshmallow/", "web"),
    ("/limits/", "web"),
)


def measure(place: Place, office: Office, count: int) -> Iterator[Figure]:
    """`count` cases from filing to decision within this process."""
    desk = Desk.of(place, office)
    for element, tasks in desk.rounds(count, "L"):
        began = perf_counter()
        with _looking() as seen:
            desk.complete(element, tasks)
        each = (perf_counter() - began) / len(tasks) * 1e3
        total = seen.total() or 1
        shares = [f"{layer} {n / total:.0%}" for layer, n in seen.most_common()]
        yield Figure(f"{element}: where its time goes", each, "ms", note=", ".join(shares))


@contextmanager
def _looking() -> Iterator[Counter[str]]:
    """Layer -> how often it was met meanwhile."""
    seen: Counter[str] = Counter()

    def look(number: int, frame: FrameType | None) -> None:
        seen[_layer(frame)] += 1

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _layer(frame: FrameType | None) -> str:
    while frame is not None:
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        if path.endswith("/psycopg/connection.py") and name == "wait":
            return WAITING
        for part, layer in LAYERS:
            if part in path:
                return layer
        frame = frame.f_back
    return "other"
