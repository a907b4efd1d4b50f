"""Several at once: threads that begin in the same instant, and what came of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start as one; what each returned, or the exception it raised."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes[place] = act()
        except Exception as problem:  # noqa: BLE001 - the outcome of this thread
            outcomes[place] = problem

    threads = [
        threading.Thread(target=run, args=(place, act), daemon=True)
        for place, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "a thread never came back"
    return outcomes


def refusals(outcomes: Iterable[Any]) -> list[Exception]:
    return [each for each in outcomes if isinstance(each, Exception)]


@contextmanager
def noticing(engine: Engine, words: str) -> Iterator[threading.Event]:
    """Set as soon as any statement with these words is about to be sent, by whatever thread."""
    seen = threading.Event()

    def look(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if words in statement:
            seen.set()

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", look)
