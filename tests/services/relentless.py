"""A process that works cases as fast as it can and says so, until it is killed.

Arguments: database url, data folder, threads, case numbers. A line `number element` is written once
the completion has been acknowledged, never before.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.offices import Practice, open_practice

said = threading.Lock()


def work(practice: Practice, number: str) -> None:
    """Work a case until nobody here can do anything more for it."""
    while True:
        tasks = practice.open_tasks(number)
        if tasks:
            element_id = tasks[0].element_id
            practice.complete(number, element_id)
            with said:
                sys.stdout.write(f"{number} {element_id}\n")
                sys.stdout.flush()
        elif practice.case(number).state == "open":
            practice.acknowledge(number)
        else:
            return


def main(url: str, folder: str, threads: str, *numbers: str) -> None:
    waiting: SimpleQueue[str] = SimpleQueue()
    for number in numbers:
        waiting.put(number)
    with closing(open_practice(url, Path(folder), deployed=False)) as practice:

        def take() -> None:
            while True:
                try:
                    work(practice, waiting.get_nowait())
                except Empty:
                    return

        hands: Sequence[threading.Thread] = [
            threading.Thread(target=take) for _ in range(int(threads))
        ]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
