"""`python -m benchmarks`: measures, prints a table, writes JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    board,
    completion,
    decisions,
    gate,
    installation,
    kept_city,
    layers,
    live,
    memory,
    pages,
    recovery,
    reprojection,
    rework,
    steps,
    storage,
    throughput,
    timers,
    traffic,
)
from benchmarks.figures import Figure, table
from benchmarks.installation import Place
from benchmarks.scenario import ROOT
from benchmarks.sizes import LONG, QUICK, Sizes
from benchmarks.watch import Watch
from tests import servers
from tests.faults.city import City, open_city

TEMPLATE = "prepared"
#: Those of the engine alone come first; the others need a database.
ENGINE = ("steps", "rework", "live", "decisions", "gate")
DATABASE = ("completion", "traffic", "layers", "memory", "reprojection", "timers", "board", "pages")
#: And these the whole of a city's servers, each part a city of its own.
CITY = ("throughput", "recovery", "freshness", "storage")
PARTS = (*ENGINE, *DATABASE, *CITY)


def main() -> None:
    asked = _arguments()
    figures: list[Figure] = []
    try:
        sizes = QUICK if asked.quick else LONG
        for figure in (
            kept_city.measure(asked.keep, sizes)
            if asked.keep
            else _measure(asked.part or PARTS, sizes)
        ):
            figures.append(figure)
            print(".", end="", flush=True)
    except servers.ServerMissing as missing:
        raise SystemExit(f"{missing}") from None
    print(f"\n\n{table(figures)}\n")
    _write(asked.out, figures, is_quick=asked.quick)
    print(f"{asked.out}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run; the figures are rougher")
    parser.add_argument(
        "--part", action="append", choices=PARTS, help="only this part; may be given again"
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="only the pages, on a city that stays in that folder: made there the first time",
    )
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    default = ROOT / "var" / "benchmarks" / f"{moment}.json"
    parser.add_argument("--out", type=Path, default=default, metavar="FILE", help="where JSON goes")
    return parser.parse_args()


def _measure(parts: Iterable[str], sizes: Sizes) -> Iterator[Figure]:
    for part in ENGINE:
        if part in parts:
            yield from _of_engine(part, sizes)
    if set(parts) & set(DATABASE):
        yield from _on_databases(parts, sizes)
    for part in CITY:
        if part in parts:
            with open_city() as city:
                yield from _in_city(part, city, sizes)


def _on_databases(parts: Iterable[str], sizes: Sizes) -> Iterator[Figure]:
    with (
        servers.running("postgresql", durable=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        _prepare(server, Path(folder))
        for part in DATABASE:
            if part in parts:
                yield from _on_database(part, server, Path(folder), sizes)


def _in_city(part: str, city: City, sizes: Sizes) -> Iterator[Figure]:
    if part == "throughput":
        return throughput.measure(city, sizes.served)
    if part == "recovery":
        return recovery.deaths(city, sizes.deaths)
    if part == "freshness":
        return recovery.freshness(city, sizes.deaths * 3)
    return storage.measure(city, sizes.closed)


def _of_engine(part: str, sizes: Sizes) -> Iterator[Figure]:
    if part == "live":
        return live.measure(sizes.cached)
    measured = {"steps": steps, "rework": rework, "decisions": decisions, "gate": gate}[part]
    found: Iterator[Figure] = measured.measure(sizes.repetitions)
    return found


def _prepare(server: servers.Server, folder: Path) -> None:
    """The installation that each part gets a copy of."""
    watch = Watch(server.url)
    watch.create_database(TEMPLATE)
    installation.prepare(Place(server.database(TEMPLATE), folder)).uow.engine.dispose()
    watch.close()


def _on_database(part: str, server: servers.Server, folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """One part on an installation of its own."""
    watch = Watch(server.url)
    try:
        watch.create_database(part, template=TEMPLATE)
        place = Place(server.database(part), folder)
        office = installation.open_office(place)
        if part == "completion":
            yield from completion.measure(place, office, sizes.cases)
        elif part == "traffic":
            yield from traffic.measure(place, office, watch, sizes.cases)
        elif part == "layers":
            yield from layers.measure(place, office, sizes.cases)
        elif part == "reprojection":
            yield from reprojection.measure(office, sizes.clocks)
        elif part == "board":
            yield from board.measure(office, sizes.overseen)
        elif part == "pages":
            made = pages.make(office, sizes.paged)
            yield from pages.measure(place, office, made, sizes.rounds)
        elif part == "timers":
            yield from timers.measure(office, sizes.armed, sizes.due, sizes.marked)
        else:
            yield from memory.measure(place, office, sizes.live)
        office.uow.engine.dispose()
    finally:
        watch.close()


def _write(path: Path, figures: list[Figure], *, is_quick: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "is_quick": is_quick,
        "revision": _revision(),
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "processors": os.cpu_count(),
        },
        "figures": [figure.as_json() for figure in figures],
    }
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _revision() -> str | None:
    try:
        asked = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(
            asked, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


if __name__ == "__main__":
    main()
