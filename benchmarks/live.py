"""Memory of live instances in the cache: what each takes, and what the cache's bound lets be taken.

Runs as a process of its own, so that nothing else grows in it: `python -m benchmarks.live COUNT
MOST` puts COUNT cases through a cache that holds MOST and says what that took.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from benchmarks import scenario
from benchmarks.figures import Figure
from benchmarks.steps import Surroundings, act
from engine.runtime import catalog, stepper
from engine.runtime.procedure import Procedure
from engine.services.office import MOST_INSTANCES, InstanceCache

MEGABYTE = 1_000_000
#: Steps of the case before it lies in the cache: through intake, opinion and the first review.
STEPS = 3


def measure(count: int) -> Iterator[Figure]:
    taken, held = _asked(count, count)
    yield Figure(
        f"memory with {held:,} live cases in the cache",
        taken / MEGABYTE,
        "MB",
        note=f"{taken / held / 1000:.1f} kB each",
    )
    bound = min(MOST_INSTANCES, count // 10)
    taken, held = _asked(count, bound)
    yield Figure(
        f"the same cases through a cache bound to {bound:,}",
        taken / MEGABYTE,
        "MB",
        note=f"{held:,} held",
    )


def _asked(count: int, most: int) -> tuple[int, int]:
    """Bytes taken and instances held by a process that puts the cases into its cache."""
    asked = [sys.executable, "-m", "benchmarks.live", str(count), str(most)]
    shown = subprocess.run(asked, cwd=scenario.ROOT, capture_output=True, text=True, check=True)
    taken, held = json.loads(shown.stdout)
    return taken, held


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096


def _fill(procedure: Procedure, cache: InstanceCache, count: int) -> None:
    told, around = scenario.read(), Surroundings()
    for _ in range(count):
        live, _ = stepper.start(procedure, scenario.PROCEDURE, told.given, around)
        for move in told.moves[:STEPS]:
            act(live, move, around)
        cache.put(uuid4(), 1, live)


def main(count: int, most: int) -> None:
    files = catalog.read_folder(scenario.WORKFLOWS, scenario.PROCEDURE)
    procedure = catalog.load(files, scenario.PROCEDURE)
    _fill(procedure, InstanceCache(1), 5)  # what any process has that has done a step
    cache, floor = InstanceCache(most), _resident()
    _fill(procedure, cache, count)
    print(json.dumps([_resident() - floor, len(cache)]))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
